//! One quota, and how every client stands with it.

use std::{cell::Cell, sync::Arc, time::Duration};

use governor::{
    RateLimiter, clock::Clock, middleware::StateInformationMiddleware, nanos::Nanos,
    state::StateStore,
};
use palisade_core::{ConfigError, Moment};

use crate::{
    Key, Quota,
    quota::Pace,
    store::{Counting, Fingerprint, Looking, Store, Visit},
};

/// One quota, and how every client stands with it. A handle: clones share the state.
///
/// Remembers [`DEFAULT_CAPACITY`](Self::DEFAULT_CAPACITY) users and as many addresses, each in a table of its own, because
/// addresses are cheap: a flood of them must not push out what is known of users. Memory grows with the keys that come, to
/// 28 bytes for each that there is to be room for, and no further: 2.8 MB for each table at the default.
///
/// # At the bound
///
/// A key that has its whole quota carries no information: those are dropped first. Next is the key that is closest to
/// that. A key that is being refused is *never* dropped, so a flood of new keys sets nobody free. When all keys that share
/// a shard with a newcomer are being refused, newcomers there share one quota until the first of the others may ask
/// again: strict on purpose, and it takes as many addresses that are all over their quota as the table holds.
#[derive(Clone, Debug)]
pub struct Limiter {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    quota: Quota,
    users: Store,
    addresses: Store,
}

/// How a client stands with a quota after a request was counted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Standing {
    /// Requests that may follow at once.
    pub remaining: u32,
    /// Time until the quota is whole, if nothing follows.
    pub reset: Duration,
    /// For a request that is over the quota: the time until one is not.
    pub retry_after: Option<Duration>,
}

/// The engine's clock: the request at hand arrives at zero. So the engine never reads a clock, and a refusal builds none.
struct Arrival;

// === impl Limiter ===

impl Limiter {
    /// The keys of each kind that a limiter remembers unless told otherwise.
    pub const DEFAULT_CAPACITY: usize = 100_000;

    /// Limits every client to `quota`.
    pub fn new(quota: Quota) -> Self {
        Self::sized(quota, Self::DEFAULT_CAPACITY)
    }

    /// Limits every client to `quota`, with room for at least `capacity` users and as many addresses.
    ///
    /// # Errors
    ///
    /// A capacity of 0 or of over 100 million.
    pub fn with_capacity(quota: Quota, capacity: usize) -> Result<Self, ConfigError> {
        if (1..=100_000_000).contains(&capacity) {
            Ok(Self::sized(quota, capacity))
        } else {
            let wrong = ConfigError::new("capacity of a rate limiter", capacity.to_string());
            Err(wrong.expected("1 to 100000000 keys"))
        }
    }

    fn sized(quota: Quota, capacity: usize) -> Self {
        let (users, addresses) = (Store::new(capacity), Store::new(capacity));
        Self { inner: Arc::new(Inner { quota, users, addresses }) }
    }

    /// The quota.
    pub fn quota(&self) -> &Quota {
        &self.inner.quota
    }

    /// The number of keys that are remembered at present.
    pub fn keys(&self) -> usize {
        self.inner.users.len().saturating_add(self.inner.addresses.len())
    }

    /// The most keys that are ever remembered.
    pub fn bound(&self) -> usize {
        self.inner.users.bound().saturating_add(self.inner.addresses.bound())
    }

    /// Counts a request of `key` that arrived at `arrived`. One that is over the quota uses nothing up.
    pub fn check(&self, key: &Key<'_>, arrived: Moment) -> Standing {
        let left = Cell::default();
        match self.inner.quota.pace() {
            Some(pace) => {
                let visit = self.visit(key, arrived, pace, &left);
                pace.ask(Counting(visit), visit)
            }
            None => self.closed(),
        }
    }

    /// How `key` would stand if a request were counted, without counting it.
    pub fn peek(&self, key: &Key<'_>, arrived: Moment) -> Standing {
        let left = Cell::default();
        match self.inner.quota.pace() {
            Some(pace) => {
                let visit = self.visit(key, arrived, pace, &left);
                pace.ask(Looking(visit), visit)
            }
            None => self.closed(),
        }
    }

    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    fn visit<'a>(
        &'a self,
        key: &Key<'_>,
        arrived: Moment,
        pace: Pace,
        left: &'a Cell<Nanos>,
    ) -> Visit<'a> {
        let store = match key {
            Key::User { .. } => &self.inner.users,
            Key::Address(_) => &self.inner.addresses,
        };
        store.visit(key, arrived, pace.tolerance, left)
    }

    /// How everybody stands with a quota of nothing. There is no good time to come again; a window is an honest pause.
    fn closed(&self) -> Standing {
        let window = self.inner.quota.window();
        Standing { remaining: 0, reset: window, retry_after: Some(window) }
    }
}

// === impl Pace ===

impl Pace {
    fn ask<S: StateStore<Key = Fingerprint>>(self, store: S, visit: Visit<'_>) -> Standing {
        // A few words, made anew for every request: that is how a request brings its own time.
        let engine: RateLimiter<_, _, _, StateInformationMiddleware> =
            RateLimiter::new(self.engine(), store, Arrival);
        match engine.check_key(&visit.key()) {
            Ok(state) => Standing {
                remaining: state.remaining_burst_capacity(),
                reset: visit.whole_in(),
                retry_after: None,
            },
            Err(until) => {
                let wait = until.wait_time_from(Nanos::new(0));
                let reset = wait.saturating_add(self.tolerance);
                Standing { remaining: 0, reset, retry_after: Some(wait) }
            }
        }
    }
}

// === impl Standing ===

impl Standing {
    /// Of a request that was counted: what may follow at once, and the time until the quota is whole.
    #[must_use]
    pub const fn admitted(remaining: u32, reset: Duration) -> Self {
        Self { remaining, reset, retry_after: None }
    }

    /// Of a request that is over the quota: the time until one is not, and the time until the quota is whole.
    #[must_use]
    pub const fn refused(retry_after: Duration, reset: Duration) -> Self {
        Self { remaining: 0, reset, retry_after: Some(retry_after) }
    }

    /// Whether the request is over the quota.
    pub fn is_refused(&self) -> bool {
        self.retry_after.is_some()
    }

    /// The time that the headers tell: until the quota is whole, or with `Retry-After` the same moment as that.
    pub(crate) fn told_reset(&self) -> Duration {
        self.retry_after.unwrap_or(self.reset)
    }
}

// === impl Arrival ===

impl Clock for Arrival {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::new(0)
    }
}
