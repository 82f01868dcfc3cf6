//! Bans that were lifted a short while ago, so that what other instances said before that does not put them back.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use palisade_core::KeyedHash;

use crate::BanTarget;

/// So many are remembered. Beyond, the oldest is forgotten: a ban that comes late is then in force again, which is the safe
/// side.
const MOST: usize = 4096;

/// When bans were lifted, by whom they were for.
#[derive(Debug, Default)]
pub(crate) struct Lifts(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    at: HashMap<BanTarget, SystemTime, KeyedHash>,
    order: VecDeque<BanTarget>,
}

// === impl Lifts ===

impl Lifts {
    pub(crate) fn remember(&self, target: &BanTarget, at: SystemTime) {
        let mut state = self.state();
        let known = state.at.get(target).copied();
        if known.is_some_and(|known| known >= at) {
            return;
        }
        state.at.insert(target.clone(), at);
        if known.is_none() {
            state.order.push_back(target.clone());
        }
        if state.order.len() > MOST
            && let Some(oldest) = state.order.pop_front()
        {
            state.at.remove(&oldest);
        }
    }

    /// Whether a ban that began at `since` was lifted since. Of a ban and a lift of the same date the lift holds, here as in what
    /// instances share.
    pub(crate) fn lifted_since(&self, target: &BanTarget, since: SystemTime) -> bool {
        self.state().at.get(target).is_some_and(|at| *at >= since)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
