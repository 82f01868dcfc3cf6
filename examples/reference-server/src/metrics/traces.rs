//! Spans of requests.

use palisade::metrics::{Exposition, Family};

use crate::app::Shared;

const SPANS: Family<1> = Family::counter(
    "palisade_trace_spans_total",
    "Spans that were made of requests, and of these how many the collector took (exported) or not (failed). What is missing waits, or was dropped because too many did.",
    ["state"],
);

pub(super) fn write(shared: &Shared, page: &mut Exposition) {
    let mut spans = page.family(&SPANS);
    if let Some(status) = shared.sources.traces() {
        spans
            .add(["made"], status.made)
            .add(["exported"], status.exported)
            .add(["failed"], status.failed);
    }
}
