//! The handle: starts the background thread, asks what it stored, and ends it.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
};

use palisade_core::ConfigError;

use crate::{
    Config, Dimension, Filter, Page, SubscribeError, Subscription, draft::Draft, live::Live,
    queue::Queue, store::Store,
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
struct Shared {
    queue: Queue,
    store: Store,
    live: Live,
    config: Config,
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
            store: Store::new(config.keep, config.keys),
            live: Live::new(config.backlog, config.subscribers),
            config,
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

    /// The records that match, newest first.
    #[must_use]
    pub fn recent(&self, filter: &Filter) -> Page {
        self.shared.store.page(filter)
    }

    /// The most frequent keys of `dimension` and how often each came since the start or the last [`clear`](Self::clear);
    /// the most frequent first. Exact, unless [`other`](Self::other) says more than zero: then each is at least that.
    #[must_use]
    pub fn count_by(&self, dimension: Dimension, limit: usize) -> Vec<(String, u64)> {
        self.shared.store.count_by(dimension, limit)
    }

    /// How many requests had a key in `dimension` that is no longer counted apart, because there were more keys than
    /// [`Config::keys`].
    #[must_use]
    pub fn other(&self, dimension: Dimension) -> u64 {
        self.shared.store.other(dimension)
    }

    /// How many requests were stored since the start or the last [`clear`](Self::clear), kept or not.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.shared.store.total()
    }

    /// How many records were dropped since the start, because the queue was full or the analytics were shut down.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.shared.queue.dropped()
    }

    /// Forgets all that was recorded before; returns how many records those were. [`dropped`](Self::dropped) stays.
    #[must_use = "an administrator wants to know how many"]
    pub fn clear(&self) -> u64 {
        self.shared.store.clear(&self.shared.queue)
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
        let (mut drafts, mut batch) = (Vec::new(), Vec::new());
        while self.queue.wait() {
            self.store.absorb(&self.queue, &mut drafts, &mut batch);
            self.live.publish(&batch);
            self.queue.settle(u64::try_from(batch.len()).unwrap_or(u64::MAX));
            batch.clear();
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
