//! Changes of bans that are still to be written, and lifts that are remembered.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use palisade_autoban::{BanChange, BanTarget};
use tokio::sync::Notify;

/// The most changes that wait.
const MOST: usize = 16_384;

/// The most lifts that are remembered.
const MOST_LIFTS: usize = 4096;

/// What is still to be written: the last change of each target. Beyond the bound bans are not kept here, because who follows can ask
/// for all that are in force; so a long time without Redis loses no ban.
#[derive(Debug, Default)]
pub(super) struct Pending {
    state: Mutex<State>,
    news: Notify,
}

#[derive(Debug, Default)]
struct State {
    changes: HashMap<BanTarget, BanChange>,
    /// Lifts, to be said again to a Redis that forgot them.
    lifts: HashMap<BanTarget, BanChange>,
    overflowed: Overflowed,
}

/// Whether there was a change that did not fit.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Overflowed {
    #[default]
    No,
    Yes,
}

// === impl Pending ===

impl Pending {
    /// Adds a change that was made here.
    pub(super) fn put(&self, change: BanChange) {
        let mut state = self.state();
        state.remember(&change);
        if state.changes.len() >= MOST && !state.changes.contains_key(&change.target) {
            // A lift is kept beside; a ban is in force.
            state.overflowed = Overflowed::Yes;
        } else {
            state.changes.insert(change.target.clone(), change);
        }
        drop(state);
        self.news.notify_one();
    }

    /// Notes what was made elsewhere, in case that Redis forgets it.
    pub(super) fn heard(&self, change: &BanChange) {
        self.state().remember(change);
    }

    /// Some that wait. They do until [`written`](Self::written) says that they are.
    pub(super) fn some(&self, number: usize) -> Vec<BanChange> {
        self.state().changes.values().take(number).cloned().collect()
    }

    /// These are written, unless they changed again.
    pub(super) fn written(&self, changes: &[BanChange]) {
        let mut state = self.state();
        for change in changes {
            if state.changes.get(&change.target) == Some(change) {
                state.changes.remove(&change.target);
            }
        }
    }

    pub(super) fn lifts(&self) -> Vec<BanChange> {
        self.state().lifts.values().cloned().collect()
    }

    /// Whether there were more than fitted since this was asked last.
    pub(super) fn overflowed(&self) -> Overflowed {
        std::mem::take(&mut self.state().overflowed)
    }

    pub(super) fn len(&self) -> usize {
        self.state().changes.len()
    }

    /// Waits for the next change, or until it is time to look anyway.
    pub(super) async fn news(&self) {
        self.news.notified().await;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl State ===

impl State {
    fn remember(&mut self, change: &BanChange) {
        if change.ban.is_some() {
            self.lifts.remove(&change.target);
            return;
        }
        if self.lifts.len() >= MOST_LIFTS && !self.lifts.contains_key(&change.target) {
            // The oldest goes: a ban that comes late is then in force again, which is the safe side.
            let oldest = self.lifts.values().min_by_key(|lift| lift.at).map(|lift| &lift.target);
            if let Some(oldest) = oldest.cloned() {
                self.lifts.remove(&oldest);
            }
        }
        self.lifts.insert(change.target.clone(), change.clone());
    }
}
