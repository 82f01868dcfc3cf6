//! How the background thread fares.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use palisade_core::{Moment, OneLine, SECURITY_TARGET};

use crate::StoreError;

/// The most bytes of an error that are kept.
const TEXT: usize = 512;
/// How long a job of the store may take: records wait meanwhile.
const LONG: Duration = Duration::from_secs(5);

/// How the analytics fare: for readiness, metrics and administrators.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Status {
    /// Whether the thread runs, what it does for records worked the last time, and the store has not been at one thing for longer
    /// than 5 seconds. Requests are answered in any case.
    pub healthy: bool,
    /// How many records wait in the queue.
    pub queued: usize,
    /// How many records were dropped since the start, because the queue was full or the analytics were shut down.
    pub dropped: u64,
    /// How many records the store did not keep since the start, because it failed.
    pub lost: u64,
    /// How many records wait because the store could not take them for a reason that passes: they are given to it again, and lost
    /// where more than 16 384 would wait so.
    pub kept_back: usize,
    /// How many records are stored and wait for their location.
    pub locating: usize,
    /// How many records stayed without a location since the start, because too many waited for one.
    pub unlocated: u64,
    /// The last error, also where all is well again. It may tell what is internal: for administrators alone.
    pub last_error: Option<Box<str>>,
    /// How long the store took for the last batch, of 1024 records at most.
    pub last_append: Option<Duration>,
}

/// What can fail apart from the rest.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Job {
    Append,
    Locate,
    Prune,
    Observe,
}

/// Which jobs failed the last time.
#[derive(Debug, Default)]
pub(crate) struct Health {
    state: Mutex<State>,
    /// Records that the store did not keep.
    lost: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    failing: Vec<Job>,
    last_error: Option<Box<str>>,
    last_append: Option<Duration>,
    /// Since when the store has been at one job.
    busy: Option<Moment>,
}

// === impl Job ===

impl Job {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Append => "append",
            Self::Locate => "locate",
            Self::Prune => "prune",
            Self::Observe => "observe",
        }
    }
}

// === impl Health ===

impl Health {
    /// Takes note of how `job` went. Logged when something begins to fail and when all works again, not each time.
    pub(crate) fn note(&self, job: Job, went: Result<(), &StoreError>) {
        let mut state = self.lock();
        let was_healthy = state.failing.is_empty();
        match went {
            Ok(()) => {
                state.failing.retain(|failing| *failing != job);
                let recovers = !was_healthy && state.failing.is_empty();
                drop(state);
                if recovers {
                    recovered(self.lost());
                }
            }
            Err(error) => {
                let text = text_of(error);
                if !state.failing.contains(&job) {
                    state.failing.push(job);
                }
                state.last_error = Some(text.clone());
                drop(state);
                if was_healthy {
                    degraded(job, &text, self.lost());
                }
            }
        }
    }

    /// The store did not keep so many records.
    pub(crate) fn loses(&self, records: u64) {
        self.lost.fetch_add(records, Ordering::Relaxed);
    }

    pub(crate) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// Takes note of how long the store took for a batch.
    pub(crate) fn took(&self, time: Duration) {
        self.lock().last_append = Some(time);
    }

    /// The store begins something.
    pub(crate) fn begins(&self, now: Moment) {
        self.lock().busy = Some(now);
    }

    /// The store is through with it.
    pub(crate) fn ends(&self) {
        self.lock().busy = None;
    }

    /// What it can tell of the status.
    pub(crate) fn status(&self, now: Moment) -> Status {
        let state = self.lock();
        let is_stuck = state.busy.is_some_and(|begun| now.since(begun) >= LONG);
        Status {
            healthy: state.failing.is_empty() && !is_stuck,
            lost: self.lost(),
            last_error: state.last_error.clone(),
            last_append: state.last_append,
            ..Status::default()
        }
    }

    /// No holder of this lock can leave a half-written state.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The error on one line, whatever it quotes.
fn text_of(error: &StoreError) -> Box<str> {
    let text = OneLine(&error.to_string()).to_string();
    crate::text::cut(&text, TEXT).into()
}

fn degraded(job: Job, reason: &str, lost: u64) {
    tracing::error!(
        target: SECURITY_TARGET,
        event = "analytics.degraded",
        job = job.as_str(),
        reason,
        lost,
        "records are not kept as they should be; requests are answered"
    );
}

fn recovered(lost: u64) {
    tracing::warn!(
        target: SECURITY_TARGET,
        event = "analytics.recovered",
        lost,
        "records are kept again"
    );
}
