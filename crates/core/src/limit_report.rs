//! What a limiter says of one request.

use std::{sync::Arc, time::Duration};

/// What a limiter says of one request: how much of a quota is left, and when it is whole again.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct LimitReport {
    /// The quota's name.
    pub policy: Arc<str>,
    /// Requests the quota allows in its window.
    pub limit: u64,
    /// Requests that are left.
    pub remaining: u64,
    /// Time until the quota is whole again.
    pub reset: Duration,
}

impl LimitReport {
    /// Reports on the quota called `policy`.
    #[must_use]
    pub fn new(policy: Arc<str>, limit: u64, remaining: u64, reset: Duration) -> Self {
        Self { policy, limit, remaining, reset }
    }
}
