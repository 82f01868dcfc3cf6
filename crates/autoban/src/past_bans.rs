//! What is remembered of automatic bans that ended, so that the next one lasts longer.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use palisade_core::KeyedHash;

use crate::{BanTarget, Escalation, ban::Record};

/// How often somebody was banned, and when the last of those bans ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Past {
    pub(crate) offences: u32,
    pub(crate) ended: SystemTime,
}

/// The past of those who are not banned now. At the bound, the one whose ban ended first is forgotten; that costs the next
/// ban its length, and shortens none in force.
#[derive(Debug)]
pub(crate) struct PastBans {
    escalation: Option<Escalation>,
    most: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    past: HashMap<BanTarget, Past, KeyedHash>,
    by_end: BTreeSet<(SystemTime, BanTarget)>,
}

// === impl PastBans ===

impl PastBans {
    pub(crate) fn new(escalation: Option<Escalation>, most: usize) -> Self {
        Self { escalation, most, state: Mutex::default() }
    }

    /// What is to be remembered of a ban, if it ended and is of the kind that is remembered.
    pub(crate) fn of_ended(&self, record: &Record, at: SystemTime) -> Option<Past> {
        let past = Past { offences: record.offences, ended: record.until? };
        (record.offences > 0 && self.escalation?.remembers(past.ended, at)).then_some(past)
    }

    /// Remembers a ban that ended.
    pub(crate) fn remember(&self, target: BanTarget, mut past: Past) {
        let Some(escalation) = self.escalation else { return };
        let mut state = self.state();
        if let Some(known) = state.past.get(&target)
            && escalation.remembers(known.ended, past.ended)
        {
            // An instance that knew of none may have counted the last one.
            past.offences = past.offences.max(known.offences);
        }
        state.forget(&target);
        state.by_end.insert((past.ended, target.clone()));
        state.past.insert(target, past);
        while state.past.len() > self.most {
            let Some((_, first)) = state.by_end.pop_first() else { return };
            state.past.remove(&first);
        }
    }

    /// The number of the next ban of `target`, whose last one, if it is still known, is `last`.
    pub(crate) fn next_offence(
        &self,
        target: &BanTarget,
        last: Option<&Record>,
        at: SystemTime,
    ) -> u32 {
        self.offences(target, last, at).saturating_add(1)
    }

    /// How often `target` was banned, the last time included.
    pub(crate) fn offences(
        &self,
        target: &BanTarget,
        last: Option<&Record>,
        at: SystemTime,
    ) -> u32 {
        let Some(escalation) = self.escalation else { return 0 };
        let known =
            last.and_then(|last| self.of_ended(last, at)).map(|past| past.offences).or_else(|| {
                let past = *self.state().past.get(target)?;
                escalation.remembers(past.ended, at).then_some(past.offences)
            });
        known.unwrap_or(0)
    }

    /// Forgets what is held against `target`.
    pub(crate) fn forget(&self, target: &BanTarget) {
        if self.escalation.is_some() {
            self.state().forget(target);
        }
    }

    /// Forgets all that is older than the memory.
    pub(crate) fn cleanup(&self, at: SystemTime) {
        let Some(escalation) = self.escalation else { return };
        let mut state = self.state();
        while let Some((ended, _)) = state.by_end.first() {
            if escalation.remembers(*ended, at) {
                return;
            }
            if let Some((_, target)) = state.by_end.pop_first() {
                state.past.remove(&target);
            }
        }
    }

    /// Everything that is remembered at `at`.
    pub(crate) fn list(&self, at: SystemTime) -> Vec<(BanTarget, Past)> {
        let Some(escalation) = self.escalation else { return Vec::new() };
        let state = self.state();
        let list = state.past.iter().map(|(target, past)| (target.clone(), *past));
        list.filter(|(_, past)| escalation.remembers(past.ended, at)).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl State ===

impl State {
    fn forget(&mut self, target: &BanTarget) {
        if let Some(past) = self.past.remove(target) {
            self.by_end.remove(&(past.ended, target.clone()));
        }
    }
}
