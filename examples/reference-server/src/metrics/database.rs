//! How it is going with the database.

use palisade::metrics::{Exposition, Family};

use crate::app::Shared;

const UP: Family<0> = Family::gauge(
    "palisade_database_up",
    "1 while the database answers in time; looked at every second.",
    [],
);
const CONNECTIONS: Family<1> = Family::gauge(
    "palisade_database_connections",
    "Connections to the database, in use and idle.",
    ["state"],
);
const CAPACITY: Family<0> = Family::gauge(
    "palisade_database_connections_capacity",
    "As many connections to the database as there may be; who finds none in time is told 503.",
    [],
);

pub(super) fn write(shared: &Shared, page: &mut Exposition) {
    let status = shared.database.status();
    page.family(&UP).add([], shared.database_health.is_fine());
    page.family(&CONNECTIONS).add(["used"], status.used).add(["idle"], status.idle);
    page.family(&CAPACITY).add([], status.capacity);
}
