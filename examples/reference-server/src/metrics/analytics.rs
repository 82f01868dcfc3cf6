//! What was asked: what waits to be stored, and what never will be.

use palisade::metrics::{Exposition, Family};

use crate::app::Shared;

const WAITING: Family<0> = Family::gauge(
    "palisade_analytics_queue_length",
    "Records of requests that wait to be stored, those included that a busy store is given again.",
    [],
);
const CAPACITY: Family<0> = Family::gauge(
    "palisade_analytics_queue_capacity",
    "Records that may wait; those that come beyond are dropped.",
    [],
);
const DROPPED: Family<0> = Family::counter(
    "palisade_analytics_dropped_total",
    "Records that were dropped because too many waited.",
    [],
);
const LOST: Family<0> =
    Family::counter("palisade_analytics_lost_total", "Records that the store did not take.", []);
const HEALTHY: Family<0> = Family::gauge(
    "palisade_analytics_healthy",
    "1 while what is recorded is also stored, looked up and cleaned up.",
    [],
);

pub(super) fn write(shared: &Shared, page: &mut Exposition) {
    let analytics = &shared.analytics;
    page.family(&WAITING).add([], analytics.waiting());
    page.family(&CAPACITY).add([], analytics.room());
    page.family(&DROPPED).add([], analytics.dropped());
    page.family(&LOST).add([], analytics.lost());
    page.family(&HEALTHY).add([], analytics.status().healthy);
}
