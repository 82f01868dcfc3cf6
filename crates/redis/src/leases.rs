//! How much an instance takes ahead, and for how long.

use std::{num::NonZeroUsize, time::Duration};

use palisade_core::ConfigError;
use palisade_ratelimit::Quota;

/// How much an instance takes ahead from a quota that all share, and for how long. See the [crate docs](crate#leases).
///
/// ```
/// use std::time::Duration;
/// use palisade_redis::Leases;
///
/// let leases = Leases::new(500, Duration::from_secs(2))?;
/// assert!(Leases::new(0, Duration::from_secs(2)).is_err());
/// # Ok::<_, palisade_core::ConfigError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Leases {
    pub(crate) size: u32,
    pub(crate) ttl: Duration,
    pub(crate) keys: NonZeroUsize,
}

/// A lease of fewer saves less than it costs in exactness.
const FEWEST: u32 = 4;

/// The keys that an instance has leases for, if nothing is said.
const KEYS: NonZeroUsize = NonZeroUsize::new(65_536).unwrap();

// === impl Leases ===

impl Leases {
    /// Takes up to `size` requests ahead for a client that keeps asking, never more than a quarter of the quota's burst. What he did
    /// not use after `ttl` without new ones is given back.
    ///
    /// # Errors
    ///
    /// A size of fewer than 4 or over a million, a time of less than 10 ms or over a minute.
    pub fn new(size: u32, ttl: Duration) -> Result<Self, ConfigError> {
        if !(FEWEST..=1_000_000).contains(&size) {
            let wrong = ConfigError::new("size of a lease", size.to_string());
            return Err(wrong.expected("4 to 1000000 requests"));
        }
        if !(Duration::from_millis(10)..=Duration::from_secs(60)).contains(&ttl) {
            let wrong = ConfigError::new("time of a lease", format!("{ttl:?}"));
            return Err(wrong.expected("10ms to 60s"));
        }
        Ok(Self { size, ttl, keys: KEYS })
    }

    /// Has leases for so many clients and quotas at once; others ask Redis. 65 536 if nothing is said, 0 is taken for 1.
    #[must_use]
    pub fn keys(self, keys: usize) -> Self {
        Self { keys: NonZeroUsize::new(keys).unwrap_or(NonZeroUsize::MIN), ..self }
    }

    /// How much one instance has at most of `quota` that it did not use: what each adds to the bound. 0 where the quota is too
    /// small, and is asked exactly.
    #[must_use]
    pub fn share_of(&self, quota: &Quota) -> u32 {
        let share = self.size.min(quota.burst() / 4);
        if share < FEWEST || quota.limit() == 0 { 0 } else { share }
    }

    /// How long a lease lasts: never longer than the window.
    pub(crate) fn ttl_of(&self, quota: &Quota) -> Duration {
        self.ttl.min(quota.window())
    }
}

impl Default for Leases {
    /// 256 requests, for a second.
    fn default() -> Self {
        Self { size: 256, ttl: Duration::from_secs(1), keys: KEYS }
    }
}
