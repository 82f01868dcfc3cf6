//! Draft-08 of 2024-10-07 to draft-10: quotas have names.

use http::HeaderValue;

use super::{Field, RATELIMIT, RATELIMIT_POLICY, list};
use crate::{quota::seconds_up, rule::Reading};

/// `RateLimit: "search";r=50;t=5`.
pub(super) fn field(tightest: &Reading) -> Option<Field> {
    let Reading { rule, standing } = tightest;
    let reset = seconds_up(standing.told_reset());
    let value = format!("{};r={};t={reset}", rule.spelt.quoted, standing.remaining);
    HeaderValue::try_from(value).ok().map(|value| (RATELIMIT, value))
}

/// `RateLimit-Policy: "search";q=10;w=1, "api";q=50;w=60`.
pub(super) fn policy(readings: &[Reading]) -> Option<Field> {
    list(readings.iter().map(|reading| &reading.rule.spelt.named))
        .map(|value| (RATELIMIT_POLICY, value))
}
