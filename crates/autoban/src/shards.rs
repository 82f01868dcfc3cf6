//! A map that is read by every request and written seldom: several read-write locks, and none at all while it is empty.

use std::{
    collections::HashMap,
    hash::{BuildHasher, Hash, RandomState},
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
};

const PARTS: usize = 16;

/// Bans by whom they are for.
#[derive(Debug)]
pub(crate) struct Shards<K, V> {
    parts: [RwLock<HashMap<K, V>>; PARTS],
    spread: RandomState,
    len: AtomicUsize,
}

impl<K: Eq + Hash, V> Shards<K, V> {
    pub(crate) fn len(&self) -> usize {
        self.len.load(Ordering::Acquire)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads the value of `key`.
    pub(crate) fn read<Q, T>(&self, key: &Q, read: impl FnOnce(&V) -> Option<T>) -> Option<T>
    where
        K: std::borrow::Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        if self.is_empty() {
            return None;
        }
        read(self.part(key)?.read().unwrap_or_else(PoisonError::into_inner).get(key)?)
    }

    /// Puts `value` in place of what was there.
    pub(crate) fn insert(&self, key: K, value: V) {
        let Some(part) = self.part(&key) else { return };
        let before = part.write().unwrap_or_else(PoisonError::into_inner).insert(key, value);
        if before.is_none() {
            self.len.fetch_add(1, Ordering::AcqRel);
        }
    }

    pub(crate) fn remove<Q>(&self, key: &Q) -> Option<V>
    where
        K: std::borrow::Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let before = self.part(key)?.write().unwrap_or_else(PoisonError::into_inner).remove(key)?;
        self.len.fetch_sub(1, Ordering::AcqRel);
        Some(before)
    }

    /// Keeps only what `keep` wants, one part at a time.
    pub(crate) fn retain(&self, mut keep: impl FnMut(&K, &V) -> bool) {
        for part in &self.parts {
            let mut part = part.write().unwrap_or_else(PoisonError::into_inner);
            let before = part.len();
            part.retain(|key, value| keep(key, value));
            self.len.fetch_sub(before.saturating_sub(part.len()), Ordering::AcqRel);
        }
    }

    /// Shows every entry to `see`, one part at a time.
    pub(crate) fn each(&self, mut see: impl FnMut(&K, &V)) {
        for part in &self.parts {
            let part = part.read().unwrap_or_else(PoisonError::into_inner);
            part.iter().for_each(|(key, value)| see(key, value));
        }
    }

    fn part<Q: Hash + ?Sized>(&self, key: &Q) -> Option<&RwLock<HashMap<K, V>>> {
        let place = usize::try_from(self.spread.hash_one(key) >> 32).ok()?;
        self.parts.get(place.checked_rem(PARTS)?)
    }
}

impl<K, V> Default for Shards<K, V> {
    fn default() -> Self {
        Self { parts: Default::default(), spread: RandomState::new(), len: AtomicUsize::new(0) }
    }
}
