//! Draft-06 of 2022-12-22: three fields for the tightest quota, and a list of all quotas.
//!
//! `RateLimit-Limit` is what a client with a whole quota may send at once, not what it may send in the window: the two
//! differ for a quota with a burst of its own and for a window of less than a second. `1 in 50 ms` is told as
//! `RateLimit-Limit: 1` with the policy `20;w=1`: 20 in a second is true of requests that come one by one, and a client
//! that read 20 as what it may send at once would be refused 19 times.

use http::{HeaderName, HeaderValue};
use palisade_core::header::number;

use crate::{quota::seconds_up, readings::Readings, rule::Reading, spelt::Spelt};

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// `RateLimit-Limit: 100`, `RateLimit-Remaining: 50`, `RateLimit-Reset: 5`.
///
/// Reset is in seconds from now, never a date, rounded up, at least 1. On a pass it is the time until the quota is whole;
/// on a refusal it is the moment of `Retry-After`, as section 5.3 asks.
pub(super) fn fields(tightest: &Reading, field: &mut impl FnMut(HeaderName, HeaderValue)) {
    let Reading { rule, standing } = tightest;
    field(LIMIT, rule.spelt.limit.clone());
    field(REMAINING, number(standing.remaining.into()));
    field(RESET, number(seconds_up(standing.told_reset())));
}

/// `RateLimit-Policy: 10;w=1, 50;w=60`. No two members may have the same quota value (section 2.2): of `10;w=60` and
/// `10;w=3600` the second stays, because who keeps to the stricter keeps to both.
pub(super) fn policy(readings: &Readings, field: &mut impl FnMut(HeaderName, HeaderValue)) {
    let spelt = || readings.iter().map(|reading| &reading.rule.spelt).enumerate();
    let strictest = spelt().filter(|(place, this)| {
        // Of two that are alike the first.
        let better = |(other, that): (usize, &Spelt)| {
            this.quota == that.quota && (that.seconds, *place) > (this.seconds, other)
        };
        !spelt().any(better)
    });
    super::policy(strictest.map(|(_, spelt)| &spelt.numbered), field);
}
