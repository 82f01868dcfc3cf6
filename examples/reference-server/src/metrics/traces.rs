//! Spans of requests.

use palisade::metrics::{Exposition, Family};

use crate::app::Shared;

const SPANS: Family<1> = Family::counter(
    "palisade_trace_spans_total",
    "Spans that were made of requests, and of these how many the collector took (exported) or not (failed), or were dropped because too many waited.",
    ["state"],
);
const WAITING: Family<0> = Family::gauge(
    "palisade_trace_spans_waiting",
    "Spans that wait to be sent, or are being sent.",
    [],
);

pub(super) fn write(shared: &Shared, page: &mut Exposition) {
    let mut spans = page.family(&SPANS);
    let status = shared.sources.traces();
    if let Some(status) = &status {
        spans
            .add(["made"], status.made)
            .add(["exported"], status.exported)
            .add(["failed"], status.failed)
            .add(["dropped"], status.dropped);
    }
    let mut waiting = page.family(&WAITING);
    if let Some(status) = &status {
        waiting.add([], status.waiting);
    }
}
