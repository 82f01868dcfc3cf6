//! Streams that are open, and tickets for more.

use palisade::metrics::{Exposition, Family};

use crate::app::Shared;

const OPEN: Family<0> = Family::gauge("palisade_streams_open", "Streams that are open.", []);
const TICKETS: Family<1> = Family::counter(
    "palisade_stream_tickets_total",
    "Tickets for streams that were handed out here (issued), and that opened one here (used), whoever handed them out.",
    ["result"],
);

pub(super) fn write(shared: &Shared, page: &mut Exposition) {
    page.family(&OPEN).add([], shared.revocations.open_streams());
    let (issued, used) = shared.tickets.counts();
    page.family(&TICKETS).add(["issued"], issued).add(["used"], used);
}
