//! What counts for all instances, as a limiter sees it: Redis, or a model of it.

use std::{fmt, time::Duration};

use palisade_core::BoxFuture;
use palisade_ratelimit::{Outage, Quota, Standing};

/// What counts for all instances: Redis, or in a test a model of it.
///
/// All times are the tally's own, so that the clocks of instances need not agree.
pub trait Tally: fmt::Debug + Send + Sync + 'static {
    /// Counts one request against every quota, or against none if one of them refuses. Answers in the order of the takes. The
    /// future must end by itself.
    fn take(&self, takes: Vec<Take>) -> BoxFuture<Result<Vec<Tallied>, Outage>>;

    /// Why [`take`](Self::take) would fail at once, if it is known that it would.
    fn unavailable(&self) -> Option<Outage>;

    /// Runs what nobody waits for.
    fn background(&self, task: BoxFuture<()>);
}

/// What is taken from one quota of one client.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Take {
    /// Whose quota, which one: digests alone. What stands in braces is the client's and the same for all of his.
    pub key: String,
    /// Microseconds in which one request comes back, at least 1.
    pub interval: u64,
    /// How many fit in the quota, at least 1.
    pub burst: u64,
    /// How many the request counts as; 0 where there is no request, and only the two below.
    pub cost: u64,
    /// How many more are taken if they are there: at most half of what is left behind the cost. None if the request is refused.
    pub ahead: u64,
    /// How many that were taken ahead are given back, before anything else.
    pub back: u64,
}

/// How one quota stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Tallied {
    /// The time until it has room for the request; zero if it has.
    pub wait: Duration,
    /// Requests that are left.
    pub remaining: u64,
    /// The time until it is whole.
    pub reset: Duration,
    /// How many were taken ahead.
    pub ahead: u64,
}

/// The longest time that is counted with, in microseconds: far more than a quota can ask for, and with today's date still a whole
/// number where Redis counts.
const LONGEST: u64 = 1 << 52;

// === impl Take ===

impl Take {
    /// What one request of `cost` takes from `quota`. Intervals are rounded up to whole microseconds, so a rate is never higher
    /// than was asked for; 10 000 in a second is the fastest of which this changes less than 1 %. None if the quota has no room
    /// for such a request at all.
    pub fn new(key: String, quota: &Quota, cost: u32) -> Option<Self> {
        if quota.limit() == 0 || cost > quota.burst() {
            return None;
        }
        let share = u128::from(quota.limit()).saturating_mul(1000);
        let interval = quota.window().as_nanos().div_ceil(share.max(1)).max(1);
        let interval = u64::try_from(interval).unwrap_or(LONGEST).min(LONGEST);
        let burst = u64::from(quota.burst()).min(LONGEST.checked_div(interval).unwrap_or(1)).max(1);
        Some(Self { key, interval, burst, cost: cost.into(), ahead: 0, back: 0 })
    }

    pub(crate) fn interval(&self) -> Duration {
        Duration::from_micros(self.interval)
    }
}

// === impl Tallied ===

impl Tallied {
    /// How a quota stands.
    pub fn new(wait: Duration, remaining: u64, reset: Duration, ahead: u64) -> Self {
        Self { wait, remaining, reset, ahead }
    }

    pub(crate) fn standing(self) -> Standing {
        if self.wait.is_zero() {
            Standing::admitted(u32::try_from(self.remaining).unwrap_or(u32::MAX), self.reset)
        } else {
            Standing::refused(self.wait, self.reset)
        }
    }
}
