//! A map by user that every request reads and that is written seldom: reading takes no lock.

use std::{
    array,
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use arc_swap::ArcSwap;
use palisade_core::{Identity, KeyedHash};

use crate::UserId;

/// The map is in so many parts, of which a change copies one.
const PARTS: usize = 64;

type Part<V> = HashMap<UserId, V, KeyedHash>;

/// Values by user. Who reads sees a part as it was or as it is.
pub(crate) struct ByUser<V> {
    parts: [ArcSwap<Part<V>>; PARTS],
    hash: KeyedHash,
    len: AtomicUsize,
    turn: Mutex<()>,
}

/// The turn to write, which one thread at a time has.
pub(crate) struct Writing<'a, V> {
    map: &'a ByUser<V>,
    _turn: MutexGuard<'a, ()>,
}

// === impl ByUser ===

impl<V> ByUser<V> {
    pub(crate) fn len(&self) -> usize {
        self.len.load(Ordering::Acquire)
    }

    /// Reads the value of the user who `who` is.
    pub(crate) fn read<T>(&self, who: &Identity, read: impl FnOnce(&V) -> T) -> Option<T> {
        if self.len() == 0 {
            return None;
        }
        let user = UserId::sharing(who);
        let part = self.part(&user)?.load();
        part.get(&user).map(read)
    }

    /// Shows all values, in no order. What changes meanwhile is shown as it was or as it is.
    pub(crate) fn each(&self, mut see: impl FnMut(&UserId, &V)) {
        for part in &self.parts {
            part.load().iter().for_each(|(user, value)| see(user, value));
        }
    }

    /// Waits for the turn to write.
    pub(crate) fn write(&self) -> Writing<'_, V> {
        // What it guards is nothing, and cannot be left half written.
        Writing { map: self, _turn: self.turn.lock().unwrap_or_else(PoisonError::into_inner) }
    }

    fn part(&self, user: &UserId) -> Option<&ArcSwap<Part<V>>> {
        let place = usize::try_from(self.hash.of(user) >> 32).ok()?;
        self.parts.get(place.checked_rem(PARTS)?)
    }
}

impl<V> Default for ByUser<V> {
    fn default() -> Self {
        Self {
            parts: array::from_fn(|_| ArcSwap::from_pointee(Part::default())),
            hash: KeyedHash::random(),
            len: AtomicUsize::new(0),
            turn: Mutex::new(()),
        }
    }
}

impl<V> fmt::Debug for ByUser<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ByUser").field("len", &self.len()).finish_non_exhaustive()
    }
}

// === impl Writing ===

impl<V: Clone> Writing<'_, V> {
    pub(crate) fn len(&self) -> usize {
        self.map.len()
    }

    pub(crate) fn value(&self, user: &UserId) -> Option<V> {
        self.map.read(user.identity(), V::clone)
    }

    /// Puts `value` in place of what was there.
    pub(crate) fn put(&self, user: &UserId, value: V) {
        let Some(part) = self.map.part(user) else { return };
        let mut copy = Part::clone(&part.load());
        if copy.insert(user.clone(), value).is_none() {
            self.map.len.fetch_add(1, Ordering::AcqRel);
        }
        part.store(Arc::new(copy));
    }

    pub(crate) fn remove(&self, user: &UserId) -> Option<V> {
        let part = self.map.part(user)?;
        let mut copy = Part::clone(&part.load());
        let removed = copy.remove(user)?;
        part.store(Arc::new(copy));
        self.map.len.fetch_sub(1, Ordering::AcqRel);
        Some(removed)
    }

    /// Keeps only what `keep` wants.
    pub(crate) fn retain(&self, mut keep: impl FnMut(&V) -> bool) {
        for part in &self.map.parts {
            let mut copy = Part::clone(&part.load());
            let before = copy.len();
            copy.retain(|_, value| keep(value));
            let gone = before.saturating_sub(copy.len());
            part.store(Arc::new(copy));
            self.map.len.fetch_sub(gone, Ordering::AcqRel);
        }
    }
}
