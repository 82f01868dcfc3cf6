//! Draft-08 of 2024-10-07 to draft-10: quotas have names.

use http::{HeaderName, HeaderValue};

use super::RATELIMIT;
use crate::{quota::seconds_up, readings::Readings, rule::Reading};

/// `RateLimit: "search";r=50;t=5`.
pub(super) fn field(tightest: &Reading, field: &mut impl FnMut(HeaderName, HeaderValue)) {
    let Reading { rule, standing } = tightest;
    let reset = seconds_up(standing.told_reset());
    let value = format!("{};r={};t={reset}", rule.spelt.quoted, standing.remaining);
    if let Ok(value) = HeaderValue::try_from(value) {
        field(RATELIMIT, value);
    }
}

/// `RateLimit-Policy: "search";q=10;w=1, "api";q=50;w=60`.
pub(super) fn policy(readings: &Readings, field: &mut impl FnMut(HeaderName, HeaderValue)) {
    super::policy(readings.iter().map(|reading| &reading.rule.spelt.named), field);
}
