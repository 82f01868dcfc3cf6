//! What becomes of spans, counted: each that was made is in exactly one of the others.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::TracesStatus;

/// What becomes of spans.
#[derive(Debug, Default)]
pub(super) struct Counts(Mutex<TracesStatus>);

// === impl Counts ===

impl Counts {
    /// One was made. It waits, where fewer than `most` do; else it is dropped. Whether it waits.
    pub(super) fn made(&self, most: u64) -> bool {
        let mut status = self.status();
        let has_room = status.waiting < most;
        status.made = status.made.saturating_add(1);
        let state = if has_room { &mut status.waiting } else { &mut status.dropped };
        *state = state.saturating_add(1);
        has_room
    }

    /// So many that waited were taken.
    pub(super) fn exported(&self, spans: u64) {
        let mut status = self.status();
        status.waiting = status.waiting.saturating_sub(spans);
        status.exported = status.exported.saturating_add(spans);
    }

    /// So many that waited were not.
    pub(super) fn failed(&self, spans: u64) {
        let mut status = self.status();
        status.waiting = status.waiting.saturating_sub(spans);
        status.failed = status.failed.saturating_add(spans);
    }

    /// How it stands. For some instructions, nobody else counts.
    pub(super) fn status(&self) -> MutexGuard<'_, TracesStatus> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
