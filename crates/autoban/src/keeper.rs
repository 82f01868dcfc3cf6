//! The thread that writes the file and forgets what is over, so that no request has to.

use std::{
    io,
    path::PathBuf,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, SystemTime},
};

use palisade_core::{Clock, Moment, SECURITY_TARGET, atomic_file};

use crate::{
    alerts::Alerts, ban_file, bans::Bans, lifts::Lifts, past_bans::PastBans, violations::Violations,
};

/// How long to wait after a write that failed.
const RETRY: Duration = Duration::from_secs(1);

/// After a write the thread rests as long as the write took, but no longer than this: with many bans and a long list it
/// then writes half of the time at most, and a ban is on disk soon after.
const LONGEST_REST: Duration = Duration::from_secs(5);

/// What requests and the thread share.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) bans: Bans,
    pub(crate) violations: Violations,
    pub(crate) past: PastBans,
    pub(crate) lifts: Lifts,
    pub(crate) alerts: Alerts,
    pub(crate) clock: Clock,
    pub(crate) path: Option<PathBuf>,
    pub(crate) journal: Journal,
}

/// How far the file is behind the bans.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    state: Mutex<State>,
    to_keeper: Condvar,
    from_keeper: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Grows with each change of the bans.
    changes: u64,
    /// The changes that are on disk.
    written: u64,
    /// How many times somebody asked not to wait.
    hurries: u64,
    /// The tries to write that began.
    begun: u64,
    /// The number of the last try that failed.
    failed: u64,
    last_write: Option<SystemTime>,
    error: Option<String>,
    stop: bool,
}

/// The running thread. Dropping it writes what is not on disk yet, and waits for that.
#[derive(Debug)]
pub(crate) struct Keeper {
    kept: Arc<Kept>,
    thread: Option<JoinHandle<()>>,
}

// === impl Keeper ===

impl Keeper {
    pub(crate) fn start(kept: Arc<Kept>, cleanup: Duration) -> io::Result<Self> {
        let own = Arc::clone(&kept);
        let thread = thread::Builder::new()
            .name("palisade-autoban".to_owned())
            .spawn(move || own.run(cleanup))?;
        Ok(Self { kept, thread: Some(thread) })
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.kept.journal.state().stop = true;
        self.kept.journal.to_keeper.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic in there was reported by the panic hook.
            drop(thread.join());
        }
    }
}

// === impl Kept ===

impl Kept {
    /// Forgets violations outside the window and bans that ended.
    pub(crate) fn cleanup(&self, now: Moment) {
        self.violations.cleanup(now);
        self.alerts.cleanup(now);
        let at = now.wall();
        self.past.cleanup(at);
        let mut ended = Vec::new();
        if self.bans.cleanup(at, |target, record| {
            ended.extend(self.past.of_ended(record, at).map(|past| (target, past)));
        }) {
            for (target, past) in ended {
                self.past.remember(target, past);
            }
            self.changed();
        }
    }

    fn run(&self, cleanup: Duration) {
        let mut cleaned = self.clock.now();
        loop {
            let (stop, behind) = self.journal.wait_for_change(cleanup);
            if behind {
                let (rest, hurries) = self.write();
                if !stop {
                    self.journal.rest(rest, hurries);
                }
            }
            if stop {
                return;
            }
            let now = self.clock.now();
            if now.since(cleaned) >= cleanup {
                self.cleanup(now);
                cleaned = now;
            }
        }
    }

    /// Takes note of a change that is to reach the file.
    pub(crate) fn changed(&self) {
        if self.path.is_some() {
            self.journal.changed();
        }
    }

    /// Writes the file, and returns how long to rest then, unless there are more hurries than these.
    fn write(&self) -> (Duration, u64) {
        let Some(path) = &self.path else { return Default::default() };
        let (attempt, changes, hurries) = self.journal.begin();
        let begun = self.clock.now();
        let written = ban_file::write(&self.bans, &self.past, begun.wall())
            .and_then(|bytes| atomic_file::replace(path, &bytes));
        let mut state = self.journal.state();
        let rest = match written {
            Ok(()) => {
                state.written = state.written.max(changes);
                state.last_write = Some(begun.wall());
                state.error = None;
                self.clock.now().since(begun).min(LONGEST_REST)
            }
            Err(error) => {
                let error = error.to_string();
                if state.error.as_ref() != Some(&error) {
                    tracing::error!(
                        target: SECURITY_TARGET,
                        event = "ban.file",
                        outcome = "write-failed",
                        path = %path.display(),
                        error,
                        "bans are not on disk; tried again every second"
                    );
                }
                state.error = Some(error);
                state.failed = attempt;
                RETRY
            }
        };
        drop(state);
        self.journal.from_keeper.notify_all();
        (rest, hurries)
    }
}

// === impl Journal ===

impl Journal {
    fn changed(&self) {
        let mut state = self.state();
        state.changes = state.changes.saturating_add(1);
        drop(state);
        self.to_keeper.notify_all();
    }

    /// Waits until all changes so far are on disk, or a try to write them, begun after this was called, failed.
    pub(crate) fn flush(&self) -> io::Result<()> {
        let mut state = self.state();
        let (changes, begun) = (state.changes, state.begun);
        state.hurries = state.hurries.saturating_add(1);
        self.to_keeper.notify_all();
        let state = self
            .from_keeper
            .wait_while(state, |state| state.written < changes && state.failed <= begun)
            .unwrap_or_else(PoisonError::into_inner);
        match &state.error {
            Some(error) if state.written < changes => Err(io::Error::other(error.clone())),
            _ => Ok(()),
        }
    }

    /// When the file was last written, and why the last try failed.
    pub(crate) fn status(&self) -> (Option<SystemTime>, Option<String>) {
        let state = self.state();
        (state.last_write, state.error.clone())
    }

    /// Begins a try to write: its number, the changes it writes, and the hurries it serves.
    fn begin(&self) -> (u64, u64, u64) {
        let mut state = self.state();
        state.begun = state.begun.saturating_add(1);
        (state.begun, state.changes, state.hurries)
    }

    /// Waits for a change, the end, or `timeout`. Returns whether it is the end, and whether the file is behind.
    fn wait_for_change(&self, timeout: Duration) -> (bool, bool) {
        let (state, _) = self
            .to_keeper
            .wait_timeout_while(self.state(), timeout, |state| {
                !state.stop && state.changes == state.written
            })
            .unwrap_or_else(PoisonError::into_inner);
        (state.stop, state.changes != state.written)
    }

    /// Waits, unless somebody is in a hurry.
    fn rest(&self, time: Duration, hurries: u64) {
        let rested = self.to_keeper.wait_timeout_while(self.state(), time, |state| {
            !state.stop && state.hurries == hurries
        });
        drop(rested.unwrap_or_else(PoisonError::into_inner));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
