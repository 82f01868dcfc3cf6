//! Records as they come, for those who watch.

use std::{
    error, fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::broadcast::{self, error::RecvError};

use crate::Record;

/// The live stream of records. Ends when the analytics are shut down; dropping it unsubscribes.
///
/// Whoever reads slower than records come loses the oldest ones and is told how many: a reader never holds up the
/// analytics, nor another reader.
#[derive(Debug)]
pub struct Subscription {
    receiver: broadcast::Receiver<Arc<Record>>,
}

/// What a [`Subscription`] yields.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// A request was answered.
    Record(Arc<Record>),
    /// This many records were lost to this reader, because it was slow.
    Lagged(u64),
}

/// Why there is no [`Subscription`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum SubscribeError {
    /// So many watch already.
    Full {
        /// The most that may.
        limit: usize,
    },
    /// The analytics were shut down.
    Closed,
}

/// The sending side.
#[derive(Debug)]
pub(crate) struct Live {
    sender: Mutex<Option<broadcast::Sender<Arc<Record>>>>,
    limit: usize,
}

// === impl Subscription ===

impl Subscription {
    /// Waits for what comes next; none at the end. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Event> {
        match self.receiver.recv().await {
            Ok(record) => Some(Event::Record(record)),
            Err(RecvError::Lagged(lost)) => Some(Event::Lagged(lost)),
            Err(RecvError::Closed) => None,
        }
    }
}

// === impl SubscribeError ===

impl fmt::Display for SubscribeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full { limit } => write!(f, "all {limit} places for live readers are taken"),
            Self::Closed => f.write_str("the analytics were shut down"),
        }
    }
}

impl error::Error for SubscribeError {}

// === impl Live ===

impl Live {
    /// `backlog` is how many records a reader may be behind, shared by all readers; `limit` is how many may read.
    pub(crate) fn new(backlog: usize, limit: usize) -> Self {
        Self { sender: Mutex::new(Some(broadcast::channel(backlog).0)), limit }
    }

    pub(crate) fn subscribe(&self) -> Result<Subscription, SubscribeError> {
        // Held throughout, so that two who ask at once do not both get the last place.
        let sender = self.lock();
        let Some(sender) = sender.as_ref() else { return Err(SubscribeError::Closed) };
        if sender.receiver_count() >= self.limit {
            return Err(SubscribeError::Full { limit: self.limit });
        }
        Ok(Subscription { receiver: sender.subscribe() })
    }

    pub(crate) fn publish(&self, batch: &[Arc<Record>]) {
        // Not under the lock: waking a reader runs code of its runtime.
        let Some(sender) = self.lock().clone() else { return };
        for record in batch {
            if sender.send(Arc::clone(record)).is_err() {
                // Nobody watches.
                return;
            }
        }
    }

    /// Ends every subscription, once it read what it was sent.
    pub(crate) fn close(&self) {
        let sender = self.lock().take();
        drop(sender);
    }

    fn lock(&self) -> MutexGuard<'_, Option<broadcast::Sender<Arc<Record>>>> {
        self.sender.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
