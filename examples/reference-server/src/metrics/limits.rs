//! What limits remember, and whether they count with others.

use palisade::{
    metrics::{Exposition, Family},
    ratelimit::{ConcurrencyLimitPolicy, RateLimitPolicy},
};

use crate::app::Shared;

const KEYS: Family<1> = Family::gauge(
    "palisade_limiter_keys",
    "Users and addresses that a limit remembers in this process.",
    ["limit"],
);
const CAPACITY: Family<1> = Family::gauge(
    "palisade_limiter_capacity",
    "Users and addresses that a limit ever remembers; those whose quota is whole give way first.",
    ["limit"],
);
const DEGRADED: Family<0> = Family::gauge(
    "palisade_limiter_degraded",
    "1 while limits that are shared do what RATE_LIMIT_WITHOUT_REDIS says.",
    [],
);
const CONCURRENT: Family<0> = Family::gauge(
    "palisade_limiter_concurrent_requests",
    "Requests that RATE_LIMIT_CONCURRENT counts as under way.",
    [],
);

pub(super) fn write(shared: &Shared, page: &mut Exposition) {
    let limits = shared.sources.limits();
    let limiters = limits.map(RateLimitPolicy::limiters).unwrap_or_default();
    let mut keys = page.family(&KEYS);
    for (name, limiter) in &limiters {
        keys.add([name], limiter.keys());
    }
    let mut capacity = page.family(&CAPACITY);
    for (name, limiter) in &limiters {
        capacity.add([name], limiter.bound());
    }
    let mut degraded = page.family(&DEGRADED);
    if let Some(limits) = limits {
        degraded.add([], limits.is_degraded());
    }
    let mut concurrent = page.family(&CONCURRENT);
    if let Some(in_flight) = shared.sources.concurrency().map(ConcurrencyLimitPolicy::in_flight) {
        concurrent.add([], in_flight);
    }
}
