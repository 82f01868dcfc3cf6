//! Lines on their way to a sink: bounded, so that a sink that does not take them costs no memory and nobody's time.

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::Line;

/// Between those who log and the thread that writes.
#[derive(Debug)]
pub(crate) struct Queue {
    state: Mutex<State>,
    to_writer: Condvar,
    from_writer: Condvar,
    /// The most lines that wait.
    lines: usize,
    /// The most bytes that wait.
    bytes: usize,
}

#[derive(Debug, Default)]
struct State {
    waiting: Vec<Arc<Line>>,
    bytes: usize,
    /// Lines for which there was no room, since the writer asked last.
    lost: u64,
    /// Lines that came in.
    begun: u64,
    /// Lines that are written, or lost.
    settled: u64,
    is_writer_idle: bool,
    is_closed: bool,
    is_ended: bool,
}

/// What the writer is to do.
#[derive(Debug)]
pub(crate) struct Work {
    pub(crate) lost: u64,
    pub(crate) is_closed: bool,
}

// === impl Queue ===

impl Queue {
    pub(crate) fn new(lines: usize, bytes: usize) -> Self {
        let (to_writer, from_writer) = (Condvar::new(), Condvar::new());
        Self { state: Mutex::default(), to_writer, from_writer, lines, bytes }
    }

    /// Takes a line, or counts it as lost.
    pub(crate) fn push(&self, line: &Arc<Line>) {
        if !self.offer(line) {
            let mut state = self.state();
            state.lost = state.lost.saturating_add(1);
        }
    }

    /// Takes a line if there is room. The last quarter of it is for what is worth more than others.
    pub(crate) fn offer(&self, line: &Arc<Line>) -> bool {
        let mut state = self.state();
        let share = |all: usize| if line.is_kept() { all } else { all.saturating_sub(all / 4) };
        let bytes = state.bytes.saturating_add(line.len());
        if state.is_closed || state.waiting.len() >= share(self.lines) || bytes > share(self.bytes)
        {
            return false;
        }
        state.waiting.push(Arc::clone(line));
        state.bytes = bytes;
        state.begun = state.begun.saturating_add(1);
        let wakes = std::mem::take(&mut state.is_writer_idle);
        drop(state);
        if wakes {
            self.to_writer.notify_one();
        }
        true
    }

    /// Exchanges all lines that wait for the empty `batch`; waits for some, `patience` at most.
    pub(crate) fn take(&self, batch: &mut Vec<Arc<Line>>, patience: Duration) -> Work {
        let mut state = self.state();
        if state.waiting.is_empty() && !state.is_closed {
            state.is_writer_idle = true;
            let waited = self.to_writer.wait_timeout(state, patience);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            state.is_writer_idle = false;
        }
        std::mem::swap(&mut state.waiting, batch);
        state.bytes = 0;
        Work { lost: std::mem::take(&mut state.lost), is_closed: state.is_closed }
    }

    /// These many are written or lost.
    pub(crate) fn settle(&self, lines: usize) {
        let mut state = self.state();
        state.settled = state.settled.saturating_add(u64::try_from(lines).unwrap_or(u64::MAX));
        drop(state);
        self.from_writer.notify_all();
    }

    /// Takes no more lines.
    pub(crate) fn close(&self) {
        self.state().is_closed = true;
        self.to_writer.notify_one();
    }

    /// The writer is gone.
    pub(crate) fn end(&self) {
        self.state().is_ended = true;
        self.from_writer.notify_all();
    }

    /// Waits until all that came in so far is written or lost. Whether it is, in that time.
    pub(crate) fn wait(&self, patience: Duration) -> bool {
        let state = self.state();
        let until = state.begun;
        let is_behind = |state: &mut State| state.settled < until && !state.is_ended;
        let waited = self.from_writer.wait_timeout_while(state, patience, is_behind);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// Waits until the writer is gone. Whether it is, in that time.
    pub(crate) fn wait_for_end(&self, patience: Duration) -> bool {
        let running = |state: &mut State| !state.is_ended;
        let waited = self.from_writer.wait_timeout_while(self.state(), patience, running);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
