//! The list in force, shared by policies and whoever replaces it.

use std::{
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use arc_swap::{ArcSwap, Guard};
use palisade_core::Moment;

use crate::{Blocklist, BlocklistError, BlocklistStatus, HitCounts, LoadFailure};

/// The list in force. Clones share it: hand one to each policy and keep one to replace the list.
///
/// A request is judged by one list from beginning to end; a replacement is seen by the next request.
#[derive(Clone, Debug, Default)]
pub struct SharedBlocklist {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    list: ArcSwap<Blocklist>,
    hits: Hits,
    loads: Mutex<Loads>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Loads {
    count: u64,
    loaded: Option<SystemTime>,
    error: Option<LoadFailure>,
}

/// Counted on refusals alone, so a request that passes writes to no shared line.
#[derive(Debug, Default)]
pub(crate) struct Hits {
    pub(crate) addresses: AtomicU64,
    pub(crate) users: AtomicU64,
    pub(crate) tokens: AtomicU64,
    pub(crate) countries: AtomicU64,
    pub(crate) safe_addresses: AtomicU64,
}

// === impl SharedBlocklist ===

impl SharedBlocklist {
    /// Shares `list`.
    #[must_use]
    pub fn new(list: Blocklist) -> Self {
        let shared = Self::default();
        shared.inner.list.store(Arc::new(list));
        shared
    }

    /// The list in force.
    #[must_use]
    pub fn list(&self) -> Arc<Blocklist> {
        self.inner.list.load_full()
    }

    /// Puts `list` in force.
    pub fn replace(&self, list: Blocklist) {
        self.loaded(list, None);
    }

    /// How it is doing.
    #[must_use]
    pub fn status(&self) -> BlocklistStatus {
        let loads = self.loads();
        BlocklistStatus {
            loads: loads.count,
            loaded: loads.loaded,
            entries: self.inner.list.load().counts(),
            hits: self.hits(),
            error: loads.error.clone(),
        }
    }

    /// How often each kind of entry decided.
    #[must_use]
    pub fn hits(&self) -> HitCounts {
        let hits = &self.inner.hits;
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        HitCounts {
            addresses: read(&hits.addresses),
            users: read(&hits.users),
            tokens: read(&hits.tokens),
            countries: read(&hits.countries),
            safe_addresses: read(&hits.safe_addresses),
        }
    }

    /// Waits until [`loads`](BlocklistStatus::loads) is greater than `seen`, but no longer than `timeout`, and returns the
    /// status then. Blocks the thread.
    #[must_use]
    pub fn wait_for_load(&self, seen: u64, timeout: Duration) -> BlocklistStatus {
        let waited =
            self.inner.changed.wait_timeout_while(self.loads(), timeout, |now| now.count <= seen);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
        self.status()
    }

    pub(crate) fn load(&self) -> Guard<Arc<Blocklist>> {
        self.inner.list.load()
    }

    pub(crate) fn count(&self, which: impl FnOnce(&Hits) -> &AtomicU64) {
        which(&self.inner.hits).fetch_add(1, Ordering::Relaxed);
    }

    /// Puts `list` in force; `at` if it was read from a file.
    pub(crate) fn loaded(&self, list: Blocklist, at: Option<Moment>) {
        let mut loads = self.loads();
        self.inner.list.store(Arc::new(list));
        loads.count = loads.count.saturating_add(1);
        loads.loaded = at.map(Moment::wall);
        loads.error = None;
        drop(loads);
        self.inner.changed.notify_all();
    }

    /// Takes note that a newer list could not be used.
    pub(crate) fn failed(&self, error: &BlocklistError, at: Moment) {
        let mut loads = self.loads();
        loads.count = loads.count.saturating_add(1);
        loads.error = Some(LoadFailure {
            message: error.to_string(),
            line: error.line(),
            column: error.column(),
            at: at.wall(),
        });
        drop(loads);
        self.inner.changed.notify_all();
    }

    /// Nothing in here can be left half written, so a poisoned lock is as good as another.
    fn loads(&self) -> MutexGuard<'_, Loads> {
        self.inner.loads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<Blocklist> for SharedBlocklist {
    fn from(list: Blocklist) -> Self {
        Self::new(list)
    }
}
