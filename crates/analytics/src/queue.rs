//! What lies between the request's path, which never waits, and the background thread.

use std::{
    collections::VecDeque,
    fmt,
    sync::{
        Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use crate::draft::Draft;

/// How long the worker looks away after it emptied the queue. Meanwhile nobody has to wake it, which costs a system
/// call; and a record is stored this much later at most.
const BREATH: Duration = Duration::from_millis(5);

/// The most bytes of a place in the queue.
const PLACE: usize = 320;
const _: () = assert!(size_of::<Draft>() <= PLACE);

/// A bounded queue with one reader. Full, it drops what comes and counts it.
///
/// Records are in it as they are, and not behind a pointer: what one thread allocates and another one frees goes through the
/// allocator's locks, and costs a request more than the move.
pub(crate) struct Queue {
    state: Mutex<State>,
    /// Told to the worker.
    filled: Condvar,
    /// Told to those who flush.
    settled: Condvar,
    capacity: usize,
    /// The queue's length, readable without the lock.
    waiting: AtomicUsize,
    dropped: AtomicU64,
}

struct State {
    records: VecDeque<Draft>,
    worker: Worker,
    open: bool,
    /// The records that ever got in, and those the worker is through with.
    accepted: u64,
    settled: u64,
}

/// What the reader does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Worker {
    Works,
    /// Looks again by itself.
    Breathes,
    /// Must be woken.
    Sleeps,
    /// Will never come back.
    Gone,
}

// === impl Queue ===

impl Queue {
    pub(crate) fn new(capacity: usize) -> Self {
        let state = State {
            records: VecDeque::with_capacity(capacity),
            worker: Worker::Works,
            open: true,
            accepted: 0,
            settled: 0,
        };
        Self {
            state: Mutex::new(state),
            filled: Condvar::new(),
            settled: Condvar::new(),
            capacity,
            waiting: AtomicUsize::new(0),
            dropped: AtomicU64::new(0),
        }
    }

    /// Whether a record would probably get in. If not, one is counted as dropped, before anyone copies it together.
    pub(crate) fn has_room(&self) -> bool {
        let room = !self.is_full();
        if !room {
            self.drop_one();
        }
        room
    }

    /// Whether it seems to be full.
    pub(crate) fn is_full(&self) -> bool {
        self.len() >= self.capacity
    }

    /// How many records wait.
    pub(crate) fn len(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Puts a record in, or drops it. The lock is never held for longer than a few moves; the box is given back after it.
    pub(crate) fn push(&self, record: Box<Draft>) {
        let mut state = self.lock();
        if !state.open || state.records.len() >= self.capacity {
            drop(state);
            return self.drop_one();
        }
        state.records.push_back(*record);
        state.accepted = state.accepted.saturating_add(1);
        let length = state.records.len();
        self.waiting.store(length, Ordering::Relaxed);
        let wake = match state.worker {
            Worker::Sleeps => true,
            Worker::Breathes => length > self.capacity / 2,
            Worker::Works | Worker::Gone => false,
        };
        if wake {
            state.worker = Worker::Works;
            drop(state);
            self.filled.notify_one();
        }
    }

    /// Waits for records, or until somebody flushes, or for so long. False when there will never be any again.
    pub(crate) fn wait(&self, patience: Duration) -> bool {
        let mut state = self.lock();
        if state.idle() {
            state.worker = Worker::Breathes;
            let breathes = |state: &mut State| state.worker == Worker::Breathes;
            let waited = self.filled.wait_timeout_while(state, BREATH, breathes);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        if state.idle() {
            state.worker = Worker::Sleeps;
            let sleeps = |state: &mut State| state.worker == Worker::Sleeps;
            let waited = self.filled.wait_timeout_while(state, patience, sleeps);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.worker = Worker::Works;
        state.open || !state.records.is_empty()
    }

    /// Takes at most `most` records out, into a list that is empty.
    pub(crate) fn take(&self, most: usize, taken: &mut VecDeque<Draft>) {
        // Allocated before the lock, that every request takes.
        taken.reserve(most);
        let mut state = self.lock();
        let count = state.records.len().min(most);
        taken.extend(state.records.drain(..count));
        self.waiting.store(state.records.len(), Ordering::Relaxed);
    }

    /// Takes note that `count` records are through.
    pub(crate) fn settle(&self, count: u64) {
        let mut state = self.lock();
        state.settled = state.settled.saturating_add(count);
        drop(state);
        self.settled.notify_all();
    }

    /// Waits until every record that got in before is through.
    pub(crate) fn flush(&self) {
        let state = self.lock();
        let target = state.accepted;
        let state = self.wake(state);
        let waits = |state: &mut State| state.settled < target && state.worker != Worker::Gone;
        drop(self.settled.wait_while(state, waits).unwrap_or_else(PoisonError::into_inner));
    }

    /// Lets nothing in any more.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        state.open = false;
        drop(self.wake(state));
    }

    /// Takes note that the worker has gone, whatever the reason, so that nobody waits for it.
    pub(crate) fn abandon(&self) {
        let mut state = self.lock();
        state.open = false;
        state.worker = Worker::Gone;
        drop(state);
        self.settled.notify_all();
    }

    /// Whether nothing gets in any more.
    pub(crate) fn is_closed(&self) -> bool {
        !self.lock().open
    }

    /// Waits until the worker has gone, for so long; whether it has.
    pub(crate) fn wait_for_the_end(&self, patience: Duration) -> bool {
        let is_there = |state: &mut State| state.worker != Worker::Gone;
        let waited = self.settled.wait_timeout_while(self.lock(), patience, is_there);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// Whether the worker has gone while it should run.
    pub(crate) fn is_abandoned(&self) -> bool {
        self.lock().worker == Worker::Gone
    }

    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    fn wake<'a>(&self, mut state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        if matches!(state.worker, Worker::Breathes | Worker::Sleeps) {
            state.worker = Worker::Works;
            self.filled.notify_one();
        }
        state
    }

    fn drop_one(&self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }

    /// A holder of this lock only moves values; none can leave them half done.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Shows nothing of what waits: whole addresses are there.
impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue")
            .field("len", &self.len())
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}

// === impl State ===

impl State {
    fn idle(&self) -> bool {
        self.open && self.records.is_empty()
    }
}
