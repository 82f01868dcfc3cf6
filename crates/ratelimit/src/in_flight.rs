//! How many requests each client has under way.

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use palisade_core::KeyedHash;

use crate::Key;

/// So many locks: requests of two clients rarely wait for each other.
const SHARDS: usize = 64;

/// How many requests each client has under way. A client who has none takes no room, so there are never more entries than
/// requests, and of those never more than `in_all`.
#[derive(Debug)]
pub(crate) struct InFlight {
    hash: KeyedHash,
    shards: Box<[Mutex<Shard>]>,
    all: AtomicU32,
    per_key: u32,
    in_all: u32,
}

/// By the keyed hash of a key.
type Shard = HashMap<u64, u32, KeyedHash>;

/// Why one more may not start.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Full {
    /// This client has as many as he may have.
    OfOne,
    /// All have.
    InAll,
}

// === impl InFlight ===

impl InFlight {
    pub(crate) fn new(per_key: u32, in_all: u32) -> Self {
        let shards = std::iter::repeat_with(Mutex::default).take(SHARDS).collect();
        Self { hash: KeyedHash::random(), shards, all: AtomicU32::new(0), per_key, in_all }
    }

    /// Starts one more request of `key`, and says under which number to [`end`](Self::end) it.
    pub(crate) fn start(&self, key: &Key<'_>) -> Result<u64, Full> {
        let number = self.hash.of(key);
        let one_more = |count: u32, most: u32| (count < most).then(|| count.saturating_add(1));
        let Some(mut shard) = self.shard(number) else { return Err(Full::InAll) };
        let count = shard.get(&number).copied().unwrap_or(0);
        let count = one_more(count, self.per_key).ok_or(Full::OfOne)?;
        let all = |all| one_more(all, self.in_all);
        let _before = self
            .all
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, all)
            .map_err(|_| Full::InAll)?;
        shard.insert(number, count);
        Ok(number)
    }

    /// Ends one.
    pub(crate) fn end(&self, number: u64) {
        let Some(mut shard) = self.shard(number) else { return };
        match shard.get_mut(&number) {
            Some(count) if *count > 1 => *count = count.saturating_sub(1),
            Some(_) => drop(shard.remove(&number)),
            None => return,
        }
        self.all.fetch_sub(1, Ordering::Relaxed);
    }

    /// The requests that are under way.
    pub(crate) fn len(&self) -> u32 {
        self.all.load(Ordering::Relaxed)
    }

    fn shard(&self, number: u64) -> Option<MutexGuard<'_, Shard>> {
        let index = usize::try_from(number).ok()?.checked_rem(SHARDS)?;
        // Nothing panics under the lock.
        Some(self.shards.get(index)?.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
