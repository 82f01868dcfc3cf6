//! Says in the security log that bans are not shared, without repeating it for each.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use palisade_core::{Moment, SECURITY_TARGET};

/// It is said this often at most.
const INTERVAL: Duration = Duration::from_secs(60);

/// Bans for which Redis had no room: the first is said at once, then once a minute how many there were.
#[derive(Debug, Default)]
pub(super) struct NotShared {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    said: Option<Instant>,
    unsaid: usize,
}

// === impl NotShared ===

impl NotShared {
    /// So many found no room.
    pub(super) fn note(&self, bans: usize, now: Moment) {
        if bans > 0 {
            let mut state = self.state();
            state.unsaid = state.unsaid.saturating_add(bans);
        }
        self.tidy(now);
    }

    /// Says what was not said yet, if it is time.
    pub(super) fn tidy(&self, now: Moment) {
        let now = now.instant();
        let mut state = self.state();
        let early = |said| now.saturating_duration_since(said) < INTERVAL;
        if state.unsaid == 0 || state.said.is_some_and(early) {
            return;
        }
        state.said = Some(now);
        let bans = std::mem::take(&mut state.unsaid);
        drop(state);
        tracing::warn!(
            target: SECURITY_TARGET,
            event = "bans.not-shared",
            outcome = "no-room",
            bans,
            "Redis has no room for more bans: these are in force on one instance alone"
        );
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
