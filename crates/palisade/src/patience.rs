//! How long one waits for who is slow.

use std::time::Duration;

/// How long to wait for a client that sends or reads slowly: a time that is used up by waiting and earned back by bytes.
///
/// Only the time counts in which nothing moves though something should. Who moves `bytes_per_second` or more can go on for
/// ever; who moves less, or nothing, has `grace`, however he spreads it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Patience {
    grace: Duration,
    bytes_per_second: u32,
    left: Duration,
}

impl Patience {
    /// Waits for `grace`, and longer for who moves `bytes_per_second`. With 0 any byte earns the whole grace again, as
    /// proxies count who know no rate.
    #[must_use]
    pub fn new(grace: Duration, bytes_per_second: u32) -> Self {
        Self { grace, bytes_per_second, left: grace }
    }

    /// How much longer it will wait.
    #[must_use]
    pub fn left(&self) -> Duration {
        self.left
    }

    /// Uses up the time in which nothing moved.
    pub fn waited(&mut self, time: Duration) {
        self.left = self.left.saturating_sub(time);
    }

    /// Earns time by `bytes` that moved, never more than the grace.
    pub fn moved(&mut self, bytes: usize) {
        self.left = self.left.saturating_add(self.worth(bytes)).min(self.grace);
    }

    /// The time that a client of the least rate takes for `bytes`.
    #[must_use]
    pub fn worth(&self, bytes: usize) -> Duration {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let nanos = bytes.saturating_mul(1_000_000_000).checked_div(self.bytes_per_second.into());
        nanos.map_or(self.grace, Duration::from_nanos)
    }
}
