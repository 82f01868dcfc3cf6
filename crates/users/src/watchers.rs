//! The streams that are open, and who is to be told when one must end.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
    task::Waker,
};

use crate::Proof;

/// The most streams of one user: nobody takes all places.
const MOST_OF_ONE: usize = 64;

/// The streams that are open.
#[derive(Debug)]
pub(crate) struct Watchers {
    open: Mutex<Open>,
    most: usize,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    watchers: BTreeMap<u64, Watcher>,
}

#[derive(Debug)]
struct Watcher {
    proof: Proof,
    ended: bool,
    waker: Option<Waker>,
}

// === impl Watchers ===

impl Watchers {
    pub(crate) fn new(most: usize) -> Self {
        Self { open: Mutex::default(), most }
    }

    /// Takes a place for a stream, if there is one.
    pub(crate) fn add(&self, proof: Proof) -> Option<u64> {
        let mut open = self.lock();
        let own = open.watchers.values().filter(|other| other.proof.is_of_user_of(&proof));
        if own.count() >= MOST_OF_ONE || open.watchers.len() >= self.most {
            return None;
        }
        let place = open.next;
        open.next = place.wrapping_add(1);
        open.watchers.insert(place, Watcher { proof, ended: false, waker: None });
        Some(place)
    }

    pub(crate) fn count(&self) -> usize {
        self.lock().watchers.len()
    }

    pub(crate) fn remove(&self, place: u64) {
        let removed = self.lock().watchers.remove(&place);
        // Outside of the lock: a waker is foreign code.
        drop(removed);
    }

    /// Ends the streams that were opened by a proof that `is_meant`.
    pub(crate) fn end(&self, is_meant: impl Fn(&Proof) -> bool) {
        let mut wakers = Vec::new();
        for watcher in self.lock().watchers.values_mut() {
            if is_meant(&watcher.proof) {
                watcher.ended = true;
                wakers.extend(watcher.waker.take());
            }
        }
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Ends the stream at `place`, whose task has not asked yet.
    pub(crate) fn end_at(&self, place: u64) {
        if let Some(watcher) = self.lock().watchers.get_mut(&place) {
            watcher.ended = true;
        }
    }

    pub(crate) fn has_ended(&self, place: u64) -> bool {
        self.lock().watchers.get(&place).is_none_or(|watcher| watcher.ended)
    }

    /// Whether the stream at `place` has ended; if not, `waker` is told when it does.
    pub(crate) fn poll(&self, place: u64, waker: &Waker) -> bool {
        let waker = waker.clone();
        let mut open = self.lock();
        let Some(watcher) = open.watchers.get_mut(&place) else { return true };
        if watcher.ended {
            return true;
        }
        let replaced = watcher.waker.replace(waker);
        drop(open);
        drop(replaced);
        false
    }

    /// A holder of this lock only moves values; none can leave them half done.
    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
