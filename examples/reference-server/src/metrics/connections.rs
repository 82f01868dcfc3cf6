//! Connections and the places they take.

use palisade::metrics::{Exposition, Family};

use crate::{app::Shared, places::PlacesStatus};

const TAKEN: Family<0> = Family::gauge("palisade_connections", "Connections that are open.", []);
const CAPACITY: Family<0> = Family::gauge(
    "palisade_connections_capacity",
    "Connections that may be open at once (MAX_CONNECTIONS).",
    [],
);
const CLIENTS: Family<0> = Family::gauge(
    "palisade_connection_clients",
    "Addresses and IPv6 networks that have connections open.",
    [],
);
const REFUSED: Family<0> = Family::counter(
    "palisade_connections_refused_total",
    "Connections that were closed at once because their client had all that one may have (MAX_CONNECTIONS_PER_IP).",
    [],
);

pub(super) fn write(shared: &Shared, page: &mut Exposition) {
    let status = shared.sources.places().map(crate::places::Places::status);
    let mut one = |family: &Family<0>, read: fn(&PlacesStatus) -> u64| {
        let mut family = page.family(family);
        if let Some(status) = &status {
            family.add([], read(status));
        }
    };
    one(&TAKEN, |status| count(status.taken));
    one(&CAPACITY, |status| count(status.most));
    one(&CLIENTS, |status| count(status.clients));
    one(&REFUSED, |status| status.refused);
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
