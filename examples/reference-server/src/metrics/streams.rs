//! Streams that are open, and tickets for more.

use palisade::metrics::{Exposition, Family};

use crate::app::Shared;

const OPEN: Family<0> = Family::gauge("palisade_streams_open", "Streams that are open.", []);
const TICKETS: Family<0> = Family::gauge(
    "palisade_stream_tickets",
    "Tickets for streams that were handed out and not used, those included that have ended of late.",
    [],
);

pub(super) fn write(shared: &Shared, page: &mut Exposition) {
    page.family(&OPEN).add([], shared.revocations.open_streams());
    page.family(&TICKETS).add([], shared.tickets.count());
}
