//! The handle: starts the feed's thread, takes in what is published, lets people read.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    thread::{self, JoinHandle, ThreadId},
    time::Duration,
};

use palisade_core::{Clock, ConfigError};

use crate::{
    Config, Ending, FeedStatus, Interest, Message, SubscribeError, Subscription,
    board::Board,
    inbox::{Inbox, Taken},
    reader::Pace,
};

/// How often it is looked after readers who lost something, where nothing is published.
const LOOK: Duration = Duration::from_secs(1);

/// What happens, for many who read it. Clones are handles of the same.
///
/// A thread in the background gives events their numbers and lets them wait for whoever wants them. It ends with the last
/// handle.
pub struct Feed<T> {
    shared: Arc<Shared<T>>,
    worker: Arc<Worker<T>>,
}

struct Shared<T> {
    inbox: Inbox<T>,
    board: Arc<Board<T>>,
    clock: Clock,
    thread: OnceLock<ThreadId>,
}

/// The thread's end that joins it.
struct Worker<T> {
    shared: Arc<Shared<T>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Tells everybody, however the thread ends.
struct Farewell<'a, T>(&'a Shared<T>);

// === impl Feed ===

impl<T: Send + Sync + 'static> Feed<T> {
    /// Starts the background thread. `encode` writes an event: once for all who read it, and only if somebody does. Its id is
    /// the feed's to give.
    ///
    /// # Errors
    ///
    /// If a setting is out of its range, or the operating system grants no thread.
    pub fn start(
        config: Config,
        encode: impl Fn(&T) -> Message + Send + Sync + 'static,
    ) -> Result<Self, ConfigError> {
        config.check()?;
        let shared = Arc::new(Shared {
            inbox: Inbox::new(config.inbox),
            clock: config.clock.clone(),
            board: Arc::new(Board::new(config, Box::new(encode))),
            thread: OnceLock::new(),
        });
        let own = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("palisade-live".to_owned())
            .spawn(move || own.work())
            .map_err(|error| {
                ConfigError::new("start of a feed's thread", error.to_string())
                    .expected("a thread from the operating system")
            })?;
        let worker = Worker { shared: Arc::clone(&shared), thread: Mutex::new(Some(thread)) };
        Ok(Self { shared, worker: Arc::new(worker) })
    }

    /// Tells those who read. Never waits for any of them, nor for the feed's thread: where that is behind by as much as
    /// [`inbox`](Config::inbox) says, the event is dropped, and everybody is told so.
    ///
    /// What the feed's own thread publishes is ignored: a filter that logs, whose line was an event again, would go on for ever.
    pub fn publish(&self, event: T) {
        if self.shared.thread.get() == Some(&thread::current().id()) {
            return;
        }
        self.shared.inbox.push(event);
    }

    /// Lets somebody read.
    ///
    /// # Errors
    ///
    /// If too many read already, all or this user's; or if the feed was closed.
    pub fn subscribe(&self, interest: Interest<T>) -> Result<Subscription<T>, SubscribeError> {
        self.shared.board.add(interest)
    }
}

impl<T> Feed<T> {
    /// How it is.
    #[must_use]
    pub fn status(&self) -> FeedStatus {
        FeedStatus { dropped: self.shared.inbox.dropped(), ..self.shared.board.status() }
    }

    /// The epoch of its events' names.
    #[must_use]
    pub fn epoch(&self) -> u64 {
        self.shared.board.epoch()
    }

    /// Waits until all that was published before waits for those who want it. Blocks for a moment: for tests and the end of a
    /// program, not for a handler, nor for a filter.
    pub fn flush(&self) {
        self.shared.inbox.flush();
    }

    /// Takes in nothing more, and ends every stream once it told what was published before. Waits for the feed's thread, not for
    /// readers. A second call does nothing.
    pub fn close(&self) {
        self.worker.join();
    }
}

impl<T> Clone for Feed<T> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), worker: Arc::clone(&self.worker) }
    }
}

impl<T> fmt::Debug for Feed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").field("status", &self.status()).finish_non_exhaustive()
    }
}

// === impl Shared ===

impl<T> Shared<T> {
    fn work(&self) {
        let _farewell = Farewell(self);
        self.thread.get_or_init(|| thread::current().id());
        let (mut batch, mut pace) = (VecDeque::new(), Pace::KeepsUp);
        loop {
            let longest = (pace == Pace::IsBehind).then_some(LOOK);
            match self.inbox.take(&mut batch, longest) {
                Taken::End => return,
                Taken::Nothing => pace = self.board.look(self.clock.now().instant()),
                Taken::Batch { dropped } => {
                    let count = batch.len();
                    pace = self.publish(&mut batch, dropped);
                    self.inbox.settle(count);
                }
            }
        }
    }

    fn publish(&self, batch: &mut VecDeque<T>, dropped: u64) -> Pace {
        for event in batch.drain(..) {
            self.board.publish(event, self.clock.now().instant());
        }
        let now = self.clock.now().instant();
        if dropped > 0 {
            self.board.lose(dropped, now);
        }
        // Also those who want nothing of this batch.
        self.board.look(now)
    }
}

impl<T> Drop for Farewell<'_, T> {
    fn drop(&mut self) {
        self.0.board.close(Ending::CLOSED);
        self.0.inbox.abandon();
    }
}

// === impl Worker ===

impl<T> Worker<T> {
    fn join(&self) {
        self.shared.inbox.close();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        // A reader that the thread woke may have held the last handle; no thread can wait for itself.
        let other = |thread: &JoinHandle<()>| thread.thread().id() != thread::current().id();
        if let Some(thread) = thread.filter(other) {
            // A thread that broke has said its farewell too; there is nothing else to do about it.
            drop(thread.join());
        }
    }
}

impl<T> Drop for Worker<T> {
    fn drop(&mut self) {
        self.join();
    }
}
