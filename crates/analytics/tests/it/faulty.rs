//! A store that does what a test says.

use std::{
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use palisade_analytics::{
    Counts, Cursor, Dimension, Filter, MemoryStore, Page, Record, Step, Store, StoreError, Summary,
};
use palisade_core::{Location, RequestId};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Does {
    Work,
    Fail,
    /// Fails for a reason that passes.
    Wait,
    Panic,
    /// Comes back when it does something else.
    Hang,
}

/// Keeps in memory, where it does work.
#[derive(Debug)]
pub(crate) struct Faulty {
    inner: MemoryStore,
    does: Mutex<Does>,
    changed: Condvar,
    reason: Mutex<&'static str>,
    /// How many hang.
    hanging: AtomicU64,
    prunes: AtomicU64,
    /// Calls of `prune` that leave something to do.
    turns: AtomicU64,
}

impl Faulty {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            inner: MemoryStore::new(100_000),
            does: Mutex::new(Does::Work),
            changed: Condvar::new(),
            reason: Mutex::new("disk full\nat /x\u{1b}[2K"),
            hanging: AtomicU64::new(0),
            prunes: AtomicU64::new(0),
            turns: AtomicU64::new(0),
        })
    }

    pub(crate) fn does(&self, does: Does) {
        *self.does.lock().unwrap() = does;
        self.changed.notify_all();
    }

    pub(crate) fn fails_by(&self, reason: &'static str) {
        *self.reason.lock().unwrap() = reason;
        self.does(Does::Fail);
    }

    pub(crate) fn hangs(&self) -> bool {
        self.hanging.load(Ordering::SeqCst) > 0
    }

    pub(crate) fn prunes(&self) -> u64 {
        self.prunes.load(Ordering::SeqCst)
    }

    /// So many more calls of `prune` leave something to do.
    pub(crate) fn needs_turns(&self, turns: u64) {
        self.turns.store(turns, Ordering::SeqCst);
    }

    fn asked(&self) -> Result<(), StoreError> {
        let mut does = self.does.lock().unwrap();
        while *does == Does::Hang {
            self.hanging.fetch_add(1, Ordering::SeqCst);
            does = self.changed.wait(does).unwrap();
            self.hanging.fetch_sub(1, Ordering::SeqCst);
        }
        let now = *does;
        drop(does);
        match now {
            Does::Panic => panic!("a store that panics, on purpose"),
            Does::Fail => Err(StoreError::new(*self.reason.lock().unwrap())),
            Does::Wait => Err(StoreError::passing("somebody else is at it")),
            Does::Work | Does::Hang => Ok(()),
        }
    }
}

impl Store for Faulty {
    fn append(&self, records: &[Arc<Record>]) -> Result<(), StoreError> {
        self.asked()?;
        self.inner.append(records)
    }
    fn locate(&self, located: &[(RequestId, Arc<Location>)]) -> Result<(), StoreError> {
        self.asked()?;
        self.inner.locate(located)
    }
    fn prune(&self, now: SystemTime) -> Result<u64, StoreError> {
        self.prunes.fetch_add(1, Ordering::SeqCst);
        self.inner.prune(now)
    }
    fn has_more_to_prune(&self) -> bool {
        let less = |turns: u64| turns.checked_sub(1);
        self.turns.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_ok()
    }
    fn page(
        &self,
        filter: &Filter,
        before: Option<Cursor>,
        limit: usize,
    ) -> Result<Page, StoreError> {
        self.inner.page(filter, before, limit)
    }
    fn summary(&self, filter: &Filter) -> Result<Summary, StoreError> {
        self.inner.summary(filter)
    }
    fn count_by(&self, filter: &Filter, by: Dimension, limit: usize) -> Result<Counts, StoreError> {
        self.inner.count_by(filter, by, limit)
    }
    fn over_time(
        &self,
        filter: &Filter,
        step: Duration,
        limit: usize,
    ) -> Result<Vec<Step>, StoreError> {
        self.inner.over_time(filter, step, limit)
    }
    fn delete(&self, filter: &Filter) -> Result<u64, StoreError> {
        self.inner.delete(filter)
    }
}
