//! What lies between those who publish, who never wait, and the feed's thread.

use std::{
    collections::VecDeque,
    mem,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// How long the thread looks away after it took all there was. Meanwhile nobody has to wake it, which is a system call; and an
/// event is told this much later at most.
const BREATH: Duration = Duration::from_millis(5);

/// A bounded queue with one reader. Full, it drops what comes and counts it.
#[derive(Debug)]
pub(crate) struct Inbox<T> {
    state: Mutex<State<T>>,
    /// Told to the thread.
    filled: Condvar,
    /// Told to those who flush.
    settled: Condvar,
    capacity: usize,
}

#[derive(Debug)]
struct State<T> {
    values: VecDeque<T>,
    /// How many came behind `values`, and did not get in.
    dropped_behind: u64,
    /// How many did not get in, ever.
    dropped: u64,
    thread: Thread,
    open: bool,
    /// Those that ever got in, and those that the thread is through with.
    accepted: u64,
    settled: u64,
}

/// What the reader does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Thread {
    Works,
    /// Looks again by itself.
    Breathes,
    /// Must be woken.
    Sleeps,
    /// Will never come back.
    Gone,
}

/// What the thread got.
#[derive(Debug)]
pub(crate) enum Taken {
    /// What is in the list now, and how many were dropped behind it.
    Batch { dropped: u64 },
    /// Nothing, for as long as it wanted to wait.
    Nothing,
    /// Nothing, ever again.
    End,
}

// === impl Inbox ===

impl<T> Inbox<T> {
    pub(crate) fn new(capacity: usize) -> Self {
        let state = State {
            values: VecDeque::new(),
            dropped_behind: 0,
            dropped: 0,
            thread: Thread::Works,
            open: true,
            accepted: 0,
            settled: 0,
        };
        Self { state: Mutex::new(state), filled: Condvar::new(), settled: Condvar::new(), capacity }
    }

    /// Puts it in, or drops it. The lock is never held for longer than a few moves.
    pub(crate) fn push(&self, value: T) {
        let mut state = self.lock();
        if !state.open || state.values.len() >= self.capacity {
            state.dropped_behind = state.dropped_behind.saturating_add(1);
            state.dropped = state.dropped.saturating_add(1);
            drop(state);
            // Not under the lock: to drop it may run foreign code.
            drop(value);
            return;
        }
        state.values.push_back(value);
        state.accepted = state.accepted.saturating_add(1);
        let wakes = match state.thread {
            Thread::Sleeps => true,
            Thread::Breathes => state.values.len() > self.capacity / 2,
            Thread::Works | Thread::Gone => false,
        };
        if wakes {
            drop(self.wake(state));
        }
    }

    /// Waits for something, for this long or for ever, and takes all of it into a list that is empty.
    pub(crate) fn take(&self, taken: &mut VecDeque<T>, longest: Option<Duration>) -> Taken {
        let mut state = self.lock();
        if state.is_idle() {
            state = self.rest(state, Thread::Breathes, Some(BREATH));
        }
        if state.is_idle() {
            state = self.rest(state, Thread::Sleeps, longest);
        }
        if state.is_idle() {
            return Taken::Nothing;
        }
        if state.values.is_empty() {
            return Taken::End;
        }
        mem::swap(&mut state.values, taken);
        Taken::Batch { dropped: mem::take(&mut state.dropped_behind) }
    }

    /// Takes note that `count` are through.
    pub(crate) fn settle(&self, count: usize) {
        let mut state = self.lock();
        state.settled = state.settled.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        drop(state);
        self.settled.notify_all();
    }

    /// Waits until all that got in before is through.
    pub(crate) fn flush(&self) {
        let state = self.lock();
        let target = state.accepted;
        let state = self.wake(state);
        let waits = |state: &mut State<T>| state.settled < target && state.thread != Thread::Gone;
        drop(self.settled.wait_while(state, waits).unwrap_or_else(PoisonError::into_inner));
    }

    /// Lets nothing in any more.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        state.open = false;
        drop(self.wake(state));
    }

    /// Takes note that the thread has gone, whatever the reason, so that nobody waits for it.
    pub(crate) fn abandon(&self) {
        let mut state = self.lock();
        state.open = false;
        state.thread = Thread::Gone;
        let left = mem::take(&mut state.values);
        drop(state);
        drop(left);
        self.settled.notify_all();
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.lock().dropped
    }

    /// Waits in this way for something, for this long or for ever.
    fn rest<'a>(
        &self,
        mut state: MutexGuard<'a, State<T>>,
        how: Thread,
        longest: Option<Duration>,
    ) -> MutexGuard<'a, State<T>> {
        state.thread = how;
        let rests = |state: &mut State<T>| state.thread == how;
        let mut state = match longest {
            Some(time) => {
                let waited = self.filled.wait_timeout_while(state, time, rests);
                waited.unwrap_or_else(PoisonError::into_inner).0
            }
            None => self.filled.wait_while(state, rests).unwrap_or_else(PoisonError::into_inner),
        };
        state.thread = Thread::Works;
        state
    }

    fn wake<'a>(&self, mut state: MutexGuard<'a, State<T>>) -> MutexGuard<'a, State<T>> {
        if matches!(state.thread, Thread::Breathes | Thread::Sleeps) {
            state.thread = Thread::Works;
            self.filled.notify_one();
        }
        state
    }

    /// A holder of this lock only moves values; none can leave them half done.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl State ===

impl<T> State<T> {
    fn is_idle(&self) -> bool {
        self.open && self.values.is_empty()
    }
}
