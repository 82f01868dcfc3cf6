//! What of the bans may still be undone, and what stands in the file and is told to others as long as it may.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use palisade_core::KeyedHash;

use crate::{BanTarget, ban::Record};

/// The targets whose last change is not settled yet. A change that is in memory alone must not reach the disk with somebody else's:
/// were the process killed then, it would be in force without ever having been settled.
#[derive(Debug, Default)]
pub(crate) struct Unsettled(Mutex<State>);

/// Held by whoever changes something that may be undone, and by who writes down all that is settled.
#[derive(Debug, Default)]
pub(crate) struct State {
    doubts: HashMap<BanTarget, Doubt, KeyedHash>,
    begun: u64,
}

/// A target with changes that may be undone.
#[derive(Debug)]
struct Doubt {
    /// What is settled of it.
    settled: Option<Record>,
    /// The number of the change that settled it; none for what was there before.
    by: Option<u64>,
    /// How many changes are open.
    open: usize,
}

// === impl Unsettled ===

impl Unsettled {
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl State ===

impl State {
    /// Begins a change of `target`, for which there is `before` now. Returns its number.
    pub(crate) fn begin(&mut self, target: &BanTarget, before: Option<&Record>) -> u64 {
        self.begun = self.begun.saturating_add(1);
        let new = || Doubt { settled: before.cloned(), by: None, open: 0 };
        let doubt = self.doubts.entry(target.clone()).or_insert_with(new);
        doubt.open = doubt.open.saturating_add(1);
        self.begun
    }

    /// The change with this number stands: it made `after` of the target.
    pub(crate) fn settle(&mut self, target: &BanTarget, number: u64, after: Option<&Record>) {
        if let Some(doubt) = self.doubts.get_mut(target)
            && doubt.by.is_none_or(|by| by < number)
        {
            doubt.settled = after.cloned();
            doubt.by = Some(number);
        }
        self.end(target);
    }

    /// A change of the target was settled or undone.
    pub(crate) fn end(&mut self, target: &BanTarget) {
        let Some(doubt) = self.doubts.get_mut(target) else { return };
        doubt.open = doubt.open.saturating_sub(1);
        if doubt.open == 0 {
            self.doubts.remove(target);
        }
    }

    pub(crate) fn is_open(&self, target: &BanTarget) -> bool {
        !self.doubts.is_empty() && self.doubts.contains_key(target)
    }

    /// What is settled of the targets with open changes.
    pub(crate) fn settled(&self) -> impl Iterator<Item = (&BanTarget, &Record)> {
        self.doubts.iter().filter_map(|(target, doubt)| Some((target, doubt.settled.as_ref()?)))
    }
}
