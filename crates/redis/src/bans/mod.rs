//! Violations and bans that instances share.

mod book;
mod following;
mod not_shared;
mod pending;
mod progress;
mod tally;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use palisade_autoban::{AutoBan, BanChange, BanExchange, Violation};
use tokio::{
    sync::{Mutex, mpsc},
    time::timeout,
};

use crate::Redis;

pub use self::following::Following;
use self::{book::Book, not_shared::NotShared, pending::Pending};

/// The most violations that wait to be sent. One more is counted here alone.
const WAITING: usize = 8192;

/// The most bans and lifts that are kept in Redis: as many as an `AutoBan` has room for, if nothing is said to either.
const ROOM: usize = 1_000_000;

/// How soon it is tried again to tell what waits, when the server is about to end.
const AGAIN: Duration = Duration::from_millis(20);

/// Tells other instances of violations and bans, and hears of theirs. See the [crate docs](crate#bans).
///
/// It is the exchange of an `AutoBan`, and then follows it:
///
/// ```no_run
/// use std::sync::Arc;
/// use palisade_autoban::AutoBan;
/// use palisade_redis::{Redis, RedisBans, RedisOptions};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let redis = Redis::connect("redis://localhost", RedisOptions::default())?;
/// let bans = RedisBans::new(&redis);
/// let auto_ban = AutoBan::builder().exchange(Arc::new(bans.clone())).build()?;
/// let following = bans.follow(&auto_ban);
/// # drop(following); Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct RedisBans {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    redis: Redis,
    book: Book,
    pending: Pending,
    violations: mpsc::Sender<Violation>,
    waiting: Mutex<mpsc::Receiver<Violation>>,
    not_shared: NotShared,
    counts: Counts,
}

#[derive(Debug, Default)]
struct Counts {
    shared: AtomicU64,
    dropped: AtomicU64,
    convicted: AtomicU64,
    published: AtomicU64,
    heard: AtomicU64,
    unreadable: AtomicU64,
    without_room: AtomicU64,
}

/// What was shared so far.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct BanSharingStats {
    /// Violations that were counted for all instances.
    pub shared: u64,
    /// Violations that were not, because Redis was down or too many waited; each was counted here.
    pub dropped: u64,
    /// Offenders that this instance banned because of what all saw.
    pub convicted: u64,
    /// Changes of bans that were written for the others. Those that are not yet are tried again.
    pub published: u64,
    /// Changes that were heard of, this instance's own included.
    pub heard: u64,
    /// Entries that nobody can read: of a newer version, or written by somebody else.
    pub unreadable: u64,
    /// Bans that found no room in Redis, each time they were told. They are in force where they were made.
    pub without_room: u64,
    /// Changes that wait to be written.
    pub waiting: usize,
}

// === impl RedisBans ===

impl RedisBans {
    /// Shares through this Redis, which keeps a million bans and lifts at most.
    #[must_use]
    pub fn new(redis: &Redis) -> Self {
        Self::with_room(redis, ROOM)
    }

    /// Shares through this Redis, which keeps so many bans and lifts at most, about 800 bytes each. A ban for which there is no room
    /// is in force where it was made and nowhere else, which is said in the security log: leave as much room as
    /// [`AutoBanBuilder::max_bans`](palisade_autoban::AutoBanBuilder::max_bans) does, the same on all instances.
    #[must_use]
    pub fn with_room(redis: &Redis, most: usize) -> Self {
        let (violations, waiting) = mpsc::channel(WAITING);
        let inner = Inner {
            redis: redis.clone(),
            book: Book::new(redis, most),
            pending: Pending::default(),
            violations,
            waiting: Mutex::new(waiting),
            not_shared: NotShared::default(),
            counts: Counts::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Tells `auto_ban` what the others do, and the others what it does, until the guard is dropped. Keeps a handle of it until then.
    #[must_use = "it ends when this is dropped"]
    pub fn follow(&self, auto_ban: &AutoBan) -> Following {
        Following::start(&self.inner, auto_ban)
    }

    /// Tells the others what changed here and they do not know yet, for `patience` at most: for a server that is about to end. Returns
    /// how many bans and lifts could not be told.
    pub async fn flush(&self, patience: Duration) -> usize {
        let inner = Arc::clone(&self.inner);
        let writing = async move {
            let mut state = inner.redis.watch();
            while inner.write().await.is_err() {
                let _again = timeout(AGAIN, state.changed()).await;
            }
        };
        let _told = self.inner.redis.within(patience, writing).await;
        self.inner.pending.len()
    }

    /// What was shared so far.
    #[must_use]
    pub fn stats(&self) -> BanSharingStats {
        let Inner { counts, pending, .. } = &*self.inner;
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        BanSharingStats {
            shared: read(&counts.shared),
            dropped: read(&counts.dropped),
            convicted: read(&counts.convicted),
            published: read(&counts.published),
            heard: read(&counts.heard),
            unreadable: read(&counts.unreadable),
            without_room: read(&counts.without_room),
            waiting: pending.len(),
        }
    }
}

impl BanExchange for RedisBans {
    fn violated(&self, violation: &Violation) {
        if violation.weight > 0 && self.inner.violations.try_send(violation.clone()).is_err() {
            add(&self.inner.counts.dropped, 1);
        }
    }

    fn changed(&self, change: &BanChange) {
        self.inner.pending.put(change.clone());
    }
}

fn add(counter: &AtomicU64, number: usize) {
    counter.fetch_add(u64::try_from(number).unwrap_or(u64::MAX), Ordering::Relaxed);
}
