//! A map that is read by every request and written seldom: several read-write locks, and none at all while it is empty.

use std::{
    collections::HashMap,
    fmt,
    hash::Hash,
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
};

use palisade_core::KeyedHash;

const PARTS: usize = 16;

/// The words of the filter, of which a request reads one: 64 KiB, a sixth full with 100 000 bans.
const WORDS: usize = 1 << 13;

/// Bans by whom they are for.
///
/// In front of the locks stands a filter: a bit for each hash that was ever put in. A request finds none as a rule, and
/// then writes to no lock that other requests write too.
pub(crate) struct Shards<K, V> {
    parts: [RwLock<HashMap<K, V, KeyedHash>>; PARTS],
    filter: Box<[AtomicU64]>,
    hash: KeyedHash,
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
        let hash = self.hash.of(key);
        if !self.may_hold(hash) {
            return None;
        }
        read(self.part(hash)?.read().unwrap_or_else(PoisonError::into_inner).get(key)?)
    }

    /// Puts `value` in place of what was there.
    pub(crate) fn insert(&self, key: K, value: V) {
        let hash = self.hash.of(&key);
        let Some(part) = self.part(hash) else { return };
        let before = part.write().unwrap_or_else(PoisonError::into_inner).insert(key, value);
        if before.is_none() {
            self.len.fetch_add(1, Ordering::AcqRel);
        }
        if let Some((word, bit)) = self.place(hash) {
            word.fetch_or(bit, Ordering::AcqRel);
        }
    }

    pub(crate) fn remove<Q>(&self, key: &Q) -> Option<V>
    where
        K: std::borrow::Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        let part = self.part(self.hash.of(key))?;
        let before = part.write().unwrap_or_else(PoisonError::into_inner).remove(key)?;
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

    /// Whether a key with this hash may be in. A bit stays when its key goes: that costs a look, and forgets no ban.
    fn may_hold(&self, hash: u64) -> bool {
        self.place(hash).is_none_or(|(word, bit)| word.load(Ordering::Acquire) & bit != 0)
    }

    fn place(&self, hash: u64) -> Option<(&AtomicU64, u64)> {
        let word = usize::try_from(hash >> 6).ok()? & (WORDS - 1);
        Some((self.filter.get(word)?, 1 << (hash & 63)))
    }

    fn part(&self, hash: u64) -> Option<&RwLock<HashMap<K, V, KeyedHash>>> {
        let place = usize::try_from(hash >> 32).ok()?;
        self.parts.get(place.checked_rem(PARTS)?)
    }
}

impl<K, V> fmt::Debug for Shards<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shards").field("len", &self.len).finish_non_exhaustive()
    }
}

impl<K, V> Default for Shards<K, V> {
    fn default() -> Self {
        let words = std::iter::repeat_with(AtomicU64::default);
        Self {
            parts: Default::default(),
            filter: words.take(WORDS).collect(),
            hash: KeyedHash::random(),
            len: AtomicUsize::new(0),
        }
    }
}
