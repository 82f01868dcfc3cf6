//! The handle: starts the background thread, asks what it stored, and ends it.

use std::{
    net::IpAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
};

use palisade_core::ConfigError;

use crate::{
    Config, Filter, MemoryStore, Store, StoreError, SubscribeError, Subscription, draft::Draft,
    live::Live, queue::Queue,
};

/// The most records that are stored in one go.
const BATCH: usize = 1024;

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
struct Shared {
    queue: Queue,
    store: Arc<dyn Store>,
    live: Live,
    config: Config,
    /// Records that the store did not keep.
    lost: AtomicU64,
}

/// The thread's end that joins it.
#[derive(Debug)]
struct Worker {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

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
            live: Live::new(config.backlog, config.subscribers),
            config,
            lost: AtomicU64::new(0),
        });
        let own = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("palisade-analytics".to_owned())
            .spawn(move || own.work())
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
        self.shared.lost.load(Ordering::Relaxed)
    }

    /// How many records were dropped since the start, because the queue was full or the analytics were shut down.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.shared.queue.dropped()
    }

    /// How many records wait to be stored, about.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.shared.queue.waiting()
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
    /// If not all of it is gone.
    pub fn delete(&self, filter: &Filter) -> Result<u64, StoreError> {
        self.flush();
        self.shared.store.delete(filter)
    }

    /// Watches records as they come.
    ///
    /// # Errors
    ///
    /// If too many watch already, or the analytics were shut down.
    pub fn subscribe(&self) -> Result<Subscription, SubscribeError> {
        self.shared.live.subscribe()
    }

    /// Waits until all that was recorded before is stored and sent to those who watch. Blocks for a moment: for tests
    /// and the end of a program, not for a handler.
    pub fn flush(&self) {
        self.shared.queue.flush();
    }

    /// Stores what waits, ends every subscription and the thread, and waits for that. What was stored can still be
    /// asked; what comes later is dropped and counted. A second call does nothing.
    pub fn shutdown(&self) {
        self.worker.join();
    }

    pub(crate) fn has_room(&self) -> bool {
        self.shared.queue.has_room()
    }

    /// As much of an address as may be kept: no more than that waits in the queue.
    pub(crate) fn keep(&self, address: IpAddr) -> IpAddr {
        self.shared.config.addresses.keep(address)
    }

    pub(crate) fn push(&self, draft: Draft) {
        self.shared.queue.push(draft);
    }
}

// === impl Shared ===

impl Shared {
    fn work(&self) {
        let _farewell = Farewell(self);
        let mut drafts = Vec::new();
        while self.queue.wait() {
            self.queue.take(BATCH, &mut drafts);
            let batch: Vec<_> = drafts.drain(..).map(Draft::finish).map(Arc::new).collect();
            let count = u64::try_from(batch.len()).unwrap_or(u64::MAX);
            if let Err(error) = self.store.append(&batch) {
                self.lost.fetch_add(count, Ordering::Relaxed);
                drop(error);
            }
            self.live.publish(&batch);
            self.queue.settle(count);
        }
    }
}

impl Drop for Farewell<'_> {
    fn drop(&mut self) {
        self.0.live.close();
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
        if let Some(thread) = thread.filter(other) {
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
