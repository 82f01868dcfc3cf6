//! Draft-07 of 2023-06-24: the three values of draft-06 in one dictionary. Its policy field is that of draft-06.

use http::{HeaderName, HeaderValue};

use super::RATELIMIT;
use crate::{quota::seconds_up, rule::Reading};

/// `RateLimit: limit=100, remaining=50, reset=5`.
pub(super) fn field(tightest: &Reading, field: &mut impl FnMut(HeaderName, HeaderValue)) {
    let Reading { rule, standing } = tightest;
    let limit = rule.limiter.quota().burst();
    let reset = seconds_up(standing.told_reset());
    let value = format!("limit={limit}, remaining={}, reset={reset}", standing.remaining);
    if let Ok(value) = HeaderValue::try_from(value) {
        field(RATELIMIT, value);
    }
}
