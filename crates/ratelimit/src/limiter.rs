//! One quota, and how every client stands with it.

use std::{
    collections::BTreeMap,
    num::NonZeroU32,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use palisade_core::{ConfigError, Moment};

use crate::{Key, Quota, store::Store};

/// One quota, and how every client stands with it. A handle: clones share the state.
///
/// Remembers [`DEFAULT_CAPACITY`](Self::DEFAULT_CAPACITY) users and as many addresses, each in a table of its own, because
/// addresses are cheap: a flood of them must not push out what is known of users. Memory grows with the keys that come, to
/// 16 bytes for each that there is to be room for, and no further: 1.6 MB for each table at the default.
///
/// Counting a request of a known key takes no lock, whatever the number of threads, and is exact between them. A key is
/// remembered by its place and 24 bits of a keyed hash. So in a full table a new key is taken for another one, and shares its
/// quota, once in two million: nobody can choose which, and nobody gets more by it.
///
/// # At the bound
///
/// A key that has its whole quota carries no information: those are dropped first. Next is the key that is closest to
/// that. A key that is being refused, be it only for the dearest request that came of late, is *never* dropped, so a flood of new
/// keys sets nobody free. (Of late is within 16 to 64 times what the burst takes to come back, or 4 to 9 minutes if that is
/// longer.) When all 14 keys among which a newcomer has its place are being refused, newcomers there share one
/// quota until the first of the others may ask again: strict on purpose, and it takes as many addresses that are all over their
/// quota as the table holds.
///
/// # Another quota
///
/// A limiter's quota does not change. Who wants another one makes another limiter, which knows nobody: every client begins with
/// all of it.
#[derive(Clone, Debug)]
pub struct Limiter {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    quota: Quota,
    capacity: usize,
    store: Store,
    /// What a store that instances share knows it by.
    shared_as: OnceLock<Arc<str>>,
    /// What counts while such a store does not answer, by the number of instances: one for all clones.
    shares: Mutex<BTreeMap<NonZeroU32, Limiter>>,
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
        let (store, shared_as, shares) = (Store::new(capacity), OnceLock::new(), Mutex::default());
        Self { inner: Arc::new(Inner { quota, capacity, store, shared_as, shares }) }
    }

    /// The quota.
    pub fn quota(&self) -> &Quota {
        &self.inner.quota
    }

    /// The number of keys that are remembered at present. Looks at all places: for tests and figures, not for requests.
    pub fn keys(&self) -> usize {
        self.inner.store.len()
    }

    /// The most keys that are ever remembered.
    pub fn bound(&self) -> usize {
        self.inner.store.bound()
    }

    /// Counts a request of `key` that arrived at `arrived`. One that is over the quota uses nothing up.
    #[inline]
    pub fn check(&self, key: &Key<'_>, arrived: Moment) -> Standing {
        self.check_cost(key, arrived, 1)
    }

    /// Counts a request that costs as much as `cost` ones. What costs more than the burst is taken for the burst, so that
    /// there is a time at which it passes. What costs nothing is not counted, and never over the quota, be that 0.
    #[inline]
    pub fn check_cost(&self, key: &Key<'_>, arrived: Moment, cost: u32) -> Standing {
        let Some(pace) = self.inner.quota.pace() else { return self.closed(cost) };
        if cost == 0 {
            return self.peek_cost(key, arrived, 0);
        }
        let visit = self.inner.store.visit(key, arrived, pace);
        let ask = pace.ask(visit.now, cost);
        pace.standing(ask, visit.table.count(visit.hash, &ask))
    }

    /// How `key` would stand if a request were counted, without counting it.
    pub fn peek(&self, key: &Key<'_>, arrived: Moment) -> Standing {
        self.peek_cost(key, arrived, 1)
    }

    /// The same of a request that costs as much as `cost` ones.
    pub fn peek_cost(&self, key: &Key<'_>, arrived: Moment, cost: u32) -> Standing {
        let Some(pace) = self.inner.quota.pace() else { return self.closed(cost) };
        let visit = self.inner.store.visit(key, arrived, pace);
        let ask = pace.ask(visit.now, cost);
        let standing = pace.standing(ask, visit.table.look(visit.hash, &ask));
        if cost > 0 {
            return standing;
        }
        // Over the quota is a free request only beside later ones that were counted before it.
        Standing { retry_after: None, ..standing }
    }

    /// The same for one of `instances` that share the quota, with as much room. Clones have it in common.
    pub(crate) fn share(&self, instances: NonZeroU32) -> Result<Self, ConfigError> {
        let Inner { quota, capacity, shares, .. } = &*self.inner;
        let mut shares = shares.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(share) = shares.get(&instances) {
            return Ok(share.clone());
        }
        let share = Self::sized(quota.clone().share(instances)?, *capacity);
        shares.insert(instances, share.clone());
        Ok(share)
    }

    /// Is called so in a store that instances share, for good: there the name is all that clones have in common.
    pub(crate) fn share_as(&self, name: &Arc<str>) -> Result<(), ConfigError> {
        let first = self.inner.shared_as.get_or_init(|| Arc::clone(name));
        if first == name {
            return Ok(());
        }
        let expected = format!(
            "`{first}`, as the same limiter is called elsewhere: a shared store counts by name; give its quota one by `named(…)`"
        );
        Err(ConfigError::new("name of a rate limit", &**name).expected(expected))
    }

    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }

    /// How everybody stands with a quota of nothing. There is no good time to come again; a window is an honest pause.
    fn closed(&self, cost: u32) -> Standing {
        let window = self.inner.quota.window();
        if cost == 0 { Standing::admitted(0, window) } else { Standing::refused(window, window) }
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
