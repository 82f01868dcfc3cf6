//! The handle: starts the background thread, asks what it stored, and ends it.

use std::{
    net::IpAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use palisade_core::ConfigError;

use crate::{
    Config, Filter, MemoryStore, Record, RecordedAddress, Status, Store, StoreError, draft::Draft,
    health::Health, keeper::Keeper, queue::Queue, work::Work,
};

/// What was asked, by whom, with which answer and how fast. Clones are handles of the same.
///
/// A thread in the background stores what policies record. When the last handle is dropped, policies included, the
/// thread stores what still waits, and ends.
#[derive(Clone, Debug)]
pub struct Analytics {
    shared: Arc<Shared>,
    worker: Arc<Worker>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) queue: Queue,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) keeper: Keeper,
    pub(crate) health: Health,
    pub(crate) config: Config,
    /// Records that the store is given again.
    pub(crate) kept_back: AtomicUsize,
    /// Records that wait for a location, and those that were not let in there.
    pub(crate) locating: AtomicUsize,
    pub(crate) unlocated: AtomicU64,
}

/// The thread's end that joins it.
#[derive(Debug)]
struct Worker {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// How long the thread has for what waits, when it is to end.
const LAST: Duration = Duration::from_secs(5);

/// Tells everybody, however the thread ends.
struct Farewell<'a>(&'a Shared);

// === impl Analytics ===

impl Analytics {
    /// Starts the background thread.
    ///
    /// # Errors
    ///
    /// If a setting is out of its range, or the operating system grants no thread.
    pub fn start(config: Config) -> Result<Self, ConfigError> {
        config.check()?;
        let shared = Arc::new(Shared {
            queue: Queue::new(config.queue),
            store: config.store.clone().unwrap_or_else(|| Arc::new(MemoryStore::new(config.keep))),
            keeper: Keeper::new(config.addresses, config.clock.now().wall()),
            health: Health::default(),
            config,
            kept_back: AtomicUsize::new(0),
            locating: AtomicUsize::new(0),
            unlocated: AtomicU64::new(0),
        });
        let own = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("palisade-analytics".to_owned())
            .spawn(move || {
                let _farewell = Farewell(&own);
                Work::new(Arc::clone(&own)).run();
            })
            .map_err(|error| {
                ConfigError::new("start of the analytics thread", error.to_string())
                    .expected("a thread from the operating system")
            })?;
        let worker = Worker { shared: Arc::clone(&shared), thread: Mutex::new(Some(thread)) };
        Ok(Self { shared, worker: Arc::new(worker) })
    }

    /// Where records are kept, for questions.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.shared.store
    }

    /// How many records the store did not keep since the start, because it failed.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.shared.health.lost()
    }

    /// How many records were dropped since the start, because the queue was full or the analytics were shut down.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.shared.queue.dropped()
    }

    /// How the analytics fare: for readiness, metrics and administrators.
    #[must_use]
    pub fn status(&self) -> Status {
        let Shared { queue, health, locating, unlocated, .. } = &*self.shared;
        let status = health.status(self.shared.config.clock.now());
        Status {
            healthy: status.healthy && !queue.is_abandoned(),
            queued: queue.len(),
            dropped: self.dropped(),
            kept_back: self.shared.kept_back.load(Ordering::Relaxed),
            locating: locating.load(Ordering::Relaxed),
            unlocated: unlocated.load(Ordering::Relaxed),
            ..status
        }
    }

    /// What is kept of this address today, to filter by: see [`Addresses`](crate::Addresses). An IPv4-mapped IPv6 address is
    /// IPv4.
    #[must_use]
    pub fn as_kept(&self, address: IpAddr) -> RecordedAddress {
        self.shared.keeper.keep(address, self.shared.config.clock.now().wall())
    }

    /// Whether `record` is of this address, as it is kept today: what looks on for days must ask each time, since what is kept may
    /// be another each day. A record of yesterday is of nobody then.
    #[must_use]
    pub fn is_kept_of(&self, record: &Record, address: IpAddr) -> bool {
        record.address == Some(self.as_kept(address))
    }

    /// How many records wait to be stored, about: in the queue, and for a store that could not take them yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        let kept_back = self.shared.kept_back.load(Ordering::Relaxed);
        self.shared.queue.waiting().saturating_add(kept_back)
    }

    /// How many records may wait: the next one is dropped.
    #[must_use]
    pub fn room(&self) -> usize {
        self.shared.config.queue
    }

    /// Forgets what matches and was recorded before, for good; returns how many records those were. Blocks.
    ///
    /// # Errors
    ///
    /// If not all of it is gone; or records wait for the store to take them ([`Status::kept_back`]), which would come back.
    pub fn delete(&self, filter: &Filter) -> Result<u64, StoreError> {
        self.flush();
        let kept_back = self.shared.kept_back.load(Ordering::Relaxed);
        if kept_back > 0 {
            return Err(StoreError::passing(format!(
                "{kept_back} records could not be stored yet, which may be among those to delete"
            )));
        }
        self.shared.store.delete(filter)
    }

    /// Waits until all that was recorded before is stored and shown to those who watch, as far as the store takes it; a location
    /// may still come later.
    /// Blocks for a moment: for tests and the end of a program, not for a handler.
    pub fn flush(&self) {
        self.shared.queue.flush();
    }

    /// Stores what waits, ends the thread, and waits for that: 5 seconds at most, and what a store that is stuck has not taken by
    /// then is lost if the program ends. What was stored can still be asked; what comes later is dropped and counted. A second
    /// call does nothing.
    pub fn shutdown(&self) {
        self.worker.join();
    }

    pub(crate) fn has_room(&self) -> bool {
        self.shared.queue.has_room()
    }

    pub(crate) fn is_full(&self) -> bool {
        self.shared.queue.is_full()
    }

    pub(crate) fn push(&self, draft: Box<Draft>) {
        self.shared.queue.push(draft);
    }
}

// === impl Farewell ===

impl Drop for Farewell<'_> {
    fn drop(&mut self) {
        self.0.queue.abandon();
    }
}

// === impl Worker ===

impl Worker {
    fn join(&self) {
        self.shared.queue.close();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        // A reader that the thread woke may have held the last handle; no thread can wait for itself.
        let other = |thread: &JoinHandle<()>| thread.thread().id() != thread::current().id();
        if let Some(thread) = thread.filter(other)
            && self.shared.queue.wait_for_the_end(LAST)
        {
            // A thread that broke has said its farewell too; there is nothing else to do about it.
            drop(thread.join());
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.join();
    }
}
