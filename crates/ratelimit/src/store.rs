//! What is remembered of each key: one number, in bounded memory, behind the engine's own trait.
//!
//! A key's state is its *theoretical arrival time*: the moment when its quota is whole again. The engine knows no other
//! time than zero, the arrival of the request at hand; a store hands it a key's state as the time from there on.

use std::{
    cell::Cell,
    collections::HashMap,
    fmt,
    hash::{BuildHasherDefault, Hash, Hasher},
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
    time::{Duration, Instant},
};

use governor::{nanos::Nanos, state::StateStore};
use palisade_core::{KeyedHash, Moment};

/// The keys of one shard, on average, when a store is as full as was asked for. Small, so that looking for room, which
/// looks at all of a shard, takes less than a microsecond.
const SHARE: usize = 320;

/// The most keys of one shard: what a table of 512 slots holds. That is 1.4 times its share, so that a shard which got more
/// keys than others does not run out while the store as a whole has room: seven standard deviations.
const ROOM: usize = 448;

/// A keyed hash of a key. Nobody outside can aim at one, and two of a million keys meet once in 37 million stores; the
/// two would then share a quota.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Fingerprint(u64);

/// The states of many keys.
pub(crate) struct Store {
    hash: KeyedHash,
    shards: Box<[Mutex<Shard>]>,
    room: usize,
    origin: OnceLock<Instant>,
}

#[derive(Default)]
struct Shard {
    whole_at: HashMap<Fingerprint, u64, BuildHasherDefault<AsIs>>,
    /// The one state that newcomers share while every key of the shard is being refused.
    newcomers: u64,
}

/// A fingerprint is a hash already.
#[derive(Default)]
struct AsIs(u64);

/// A store as one request sees it, to be counted.
pub(crate) struct Counting<'a>(pub(crate) Visit<'a>);

/// A store as one request sees it, to be looked at.
pub(crate) struct Looking<'a>(pub(crate) Visit<'a>);

/// A request at a store.
#[derive(Clone, Copy)]
pub(crate) struct Visit<'a> {
    store: &'a Store,
    /// The arrival in nanoseconds since the store's first request.
    now: u64,
    /// A key that is whole only after this is being refused.
    refused_after: u64,
    key: Fingerprint,
    /// What the engine makes of the key's state, which it tells only to the store.
    left: &'a Cell<Nanos>,
}

/// Where a key that is not known finds its state.
enum Place {
    /// There is room.
    Free,
    /// There is, once this one was dropped.
    Instead(Fingerprint),
    /// There is none: it shares.
    Shared,
}

// === impl Store ===

impl Store {
    /// Makes a store with room for `capacity` keys.
    pub(crate) fn new(capacity: usize) -> Self {
        let (shards, room) =
            if capacity <= ROOM { (1, capacity.max(1)) } else { (capacity.div_ceil(SHARE), ROOM) };
        Self {
            hash: KeyedHash::random(),
            shards: std::iter::repeat_with(Mutex::default).take(shards).collect(),
            room,
            origin: OnceLock::new(),
        }
    }

    /// Starts a visit of a request that arrived at `arrived`. A request that arrived before the store's first one, as may
    /// happen between threads, counts as arriving with it.
    pub(crate) fn visit<'a>(
        &'a self,
        key: &impl Hash,
        arrived: Moment,
        tolerance: Duration,
        left: &'a Cell<Nanos>,
    ) -> Visit<'a> {
        let arrived = arrived.instant();
        let origin = *self.origin.get_or_init(|| arrived);
        let now = nanos(arrived.saturating_duration_since(origin));
        let refused_after = now.saturating_add(nanos(tolerance));
        let key = Fingerprint(self.hash.of(key));
        Visit { store: self, now, refused_after, key, left }
    }

    /// The number of keys that are remembered.
    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).whole_at.len()).fold(0, usize::saturating_add)
    }

    /// The most keys that are ever remembered.
    pub(crate) fn bound(&self) -> usize {
        self.shards.len().saturating_mul(self.room)
    }

    fn shard(&self, Fingerprint(hash): Fingerprint) -> Option<MutexGuard<'_, Shard>> {
        // The high half of the product picks a shard evenly, without a division.
        let shards = u128::try_from(self.shards.len()).ok()?;
        let index = u128::from(hash).checked_mul(shards)? >> 64;
        self.shards.get(usize::try_from(index).ok()?).map(lock)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("bound", &self.bound()).finish_non_exhaustive()
    }
}

// === impl Shard ===

impl Shard {
    /// Finds a place for a key that is not known.
    ///
    /// A state that is whole carries no information, so those go first. Then goes the one that is closest to it: dropping
    /// it gives the least away. But a key that is being refused is never dropped: whoever brings many keys would set free
    /// the ones that he used up. If all keys are, newcomers share one quota until the first of them may ask again.
    fn place(&mut self, visit: Visit<'_>) -> Place {
        if self.whole_at.len() < visit.store.room {
            return Place::Free;
        }
        self.whole_at.retain(|_, whole_at| *whole_at > visit.now);
        if self.whole_at.len() < visit.store.room {
            return Place::Free;
        }
        let closest = self.whole_at.iter().min_by_key(|(_, whole_at)| **whole_at);
        match closest {
            Some((key, whole_at)) if *whole_at <= visit.refused_after => Place::Instead(*key),
            _ => Place::Shared,
        }
    }
}

// === impl Counting ===

impl StateStore for Counting<'_> {
    type Key = Fingerprint;

    fn measure_and_replace<T, F, E>(&self, key: &Fingerprint, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let Self(visit) = *self;
        let Some(mut shard) = visit.store.shard(*key) else {
            return decide(Some(NEVER)).map(|(value, _)| value);
        };
        if let Some(whole_at) = shard.whole_at.get_mut(key) {
            let (value, next) = decide(Some(visit.time_to(*whole_at)))?;
            *whole_at = visit.settle(next);
            return Ok(value);
        }
        match shard.place(visit) {
            Place::Shared => {
                let (value, next) = decide(Some(visit.time_to(shard.newcomers)))?;
                shard.newcomers = visit.settle(next);
                Ok(value)
            }
            place => {
                let (value, next) = decide(None)?;
                if let Place::Instead(other) = place {
                    shard.whole_at.remove(&other);
                }
                shard.whole_at.insert(*key, visit.settle(next));
                Ok(value)
            }
        }
    }
}

// === impl Looking ===

impl StateStore for Looking<'_> {
    type Key = Fingerprint;

    fn measure_and_replace<T, F, E>(&self, key: &Fingerprint, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let Self(visit) = *self;
        let Some(mut shard) = visit.store.shard(*key) else {
            return decide(Some(NEVER)).map(|(value, _)| value);
        };
        let known = shard.whole_at.get(key).copied();
        let state = match known {
            None => matches!(shard.place(visit), Place::Shared).then_some(shard.newcomers),
            known => known,
        };
        drop(shard);
        let state = state.map(|whole_at| visit.time_to(whole_at));
        let (value, next) = decide(state)?;
        visit.settle(next);
        Ok(value)
    }
}

// === impl Visit ===

impl Visit<'_> {
    /// A state as the engine sees it: the time from the request's arrival on; zero if it has passed.
    fn time_to(self, whole_at: u64) -> Nanos {
        Nanos::new(whole_at.saturating_sub(self.now))
    }

    /// A state as the store keeps it, and as the limiter hears of it.
    fn settle(self, from_here: Nanos) -> u64 {
        self.left.set(from_here);
        self.now.saturating_add(from_here.as_u64())
    }

    pub(crate) fn key(self) -> Fingerprint {
        self.key
    }

    /// The time until the key's quota is whole, after the engine passed the request.
    pub(crate) fn whole_in(self) -> Duration {
        self.left.get().into()
    }
}

/// The state of a key whose shard cannot be found, which the arithmetic excludes: refused. Far from the end of the
/// engine's time, because the engine adds to it.
const NEVER: Nanos = Nanos::new(u64::MAX / 4);

// === impl AsIs ===

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _bytes: &[u8]) {}

    fn write_u64(&mut self, hash: u64) {
        // The high bits picked the shard and are alike here; the table wants its best bits at both ends.
        self.0 = hash.rotate_left(32);
    }
}

fn nanos(time: Duration) -> u64 {
    // 146 years, which leaves the engine room to add.
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX).min(u64::MAX / 4)
}

/// One number is written at a time, so a poisoned lock is as good as another.
fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}
