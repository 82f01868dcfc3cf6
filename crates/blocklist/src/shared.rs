//! The list in force, shared by policies and whoever replaces it.

use std::{
    net::IpAddr,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use arc_swap::{ArcSwap, Guard};
use palisade_core::{Moment, SECURITY_TARGET, Verdict};

use crate::{
    Blocklist, BlocklistError, BlocklistStatus, Hit, HitCounts, LoadFailure,
    hits::Hits,
    policy::refusal,
    retired::Retired,
    safelist_audit::{Overruled, SafelistAudit},
};

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
    retired: Retired,
    hits: Hits,
    audit: SafelistAudit,
    loads: Mutex<Loads>,
    changed: Condvar,
    without_countries: AtomicBool,
}

#[derive(Debug, Default)]
struct Loads {
    count: u64,
    loaded: Option<SystemTime>,
    error: Option<LoadFailure>,
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

    /// The list in force. Whoever keeps it keeps its memory.
    #[must_use]
    pub fn list(&self) -> Arc<Blocklist> {
        self.inner.list.load_full()
    }

    /// Puts `list` in force, and frees the memory of the one before: here, or at the next replacement or [`sweep`](Self::sweep)
    /// if somebody still reads it now. Never within a request, unless more than four replaced lists are read at once: beyond
    /// them the oldest is freed by whoever reads it last. Waits for no request, and no request waits for it.
    pub fn replace(&self, list: Blocklist) {
        self.loaded(list, None);
    }

    /// How it is doing. Adds up what threads counted: not for the path of every request.
    #[must_use]
    pub fn status(&self) -> BlocklistStatus {
        let top = self.inner.hits.top();
        let loads = self.loads();
        BlocklistStatus {
            loads: loads.count,
            loaded: loads.loaded,
            entries: self.inner.list.load().counts(),
            hits: self.hits(),
            top,
            error: loads.error.clone(),
        }
    }

    /// Why the newest version of the file is not the list in force, if so. O(1), however many entries hit: for whoever is asked
    /// by strangers.
    #[must_use]
    pub fn failure(&self) -> Option<LoadFailure> {
        self.loads().error.clone()
    }

    /// How often each kind of entry decided.
    #[must_use]
    pub fn hits(&self) -> HitCounts {
        self.inner.hits.counts()
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

    /// Whether it matters from which country this address comes at `at`: countries are blocked, and it is not on the safelist.
    #[must_use]
    pub fn needs_country(&self, addr: IpAddr, at: SystemTime) -> bool {
        let list = self.load();
        list.blocks_countries(at) && !list.is_safe(addr, at)
    }

    /// Whether requests of this address are refused at `at` for the address alone. Counts nothing.
    #[must_use]
    pub fn refuses_ip(&self, addr: IpAddr, at: SystemTime) -> bool {
        let list = self.load();
        list.blocked_ip(addr, at).is_some() && !list.is_safe(addr, at)
    }

    /// Takes note that nobody here knows countries. A list with country rules, this one or one that comes later, is then told of as
    /// `blocklist.countries-unknown`: whoever wrote it believes that it blocks somebody.
    pub fn without_countries(&self) {
        self.inner.without_countries.store(true, Ordering::Release);
        self.tell_of_countries();
    }

    /// Whether there are country rules that mean nothing, see [`without_countries`](Self::without_countries).
    #[must_use]
    pub fn has_vain_countries(&self, at: SystemTime) -> bool {
        self.inner.without_countries.load(Ordering::Acquire) && self.load().blocks_countries(at)
    }

    fn tell_of_countries(&self) {
        let countries = self.load().counts().countries;
        if countries > 0 && self.inner.without_countries.load(Ordering::Acquire) {
            tracing::warn!(
                target: SECURITY_TARGET,
                event = "blocklist.countries-unknown",
                countries,
                "the list blocks countries, and nobody knows from which one a request comes: these entries block nobody"
            );
        }
    }

    pub(crate) fn load(&self) -> Guard<Arc<Blocklist>> {
        self.inner.list.load()
    }

    /// Refuses by `hit`, and counts it.
    pub(crate) fn refuse(&self, hit: &Hit<'_>) -> Verdict {
        self.inner.hits.refused(hit);
        refusal(hit)
    }

    /// Takes note that the entry `safe` let `client_ip` through, although `hit` would have refused it.
    pub(crate) fn let_through(
        &self,
        client_ip: IpAddr,
        safe: &Hit<'_>,
        hit: Option<&Hit<'_>>,
        at: Moment,
    ) {
        self.inner.hits.safe();
        if let Some(hit) = hit {
            self.inner.hits.overruled();
            let key = self.inner.hits.key(safe);
            self.inner.audit.record(key, Overruled { safe, hit, client_ip, at });
        }
    }

    /// Does what is to be done now and then, and in no request: frees lists that were replaced and that no request reads any
    /// more, and tells what the safelist let through since it was last told. A [`BlocklistWatch`](crate::BlocklistWatch) does it
    /// twice a second; call it where lists are replaced in code.
    pub fn sweep(&self, now: Moment) {
        self.inner.retired.sweep();
        self.inner.audit.sweep(now);
    }

    /// Puts `list` in force; `at` if it was read from a file.
    pub(crate) fn loaded(&self, list: Blocklist, at: Option<Moment>) {
        let mut loads = self.loads();
        let before = self.inner.list.swap(Arc::new(list));
        loads.count = loads.count.saturating_add(1);
        loads.loaded = at.map(Moment::wall);
        loads.error = None;
        drop(loads);
        self.inner.changed.notify_all();
        self.inner.retired.retire(before);
        self.tell_of_countries();
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
