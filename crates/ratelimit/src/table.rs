//! What is remembered of each key: one word, in a table of a fixed size that is read and written without a lock.
//!
//! A key belongs into one of two sets, which its hash picks, and stands in one of them only. Whoever puts a new key in, or
//! cleans a set, holds the locks of the sets; whoever counts a request of a known key needs none.
//!
//! There are sets enough for four keys each when the table is as full as was asked for: 16 bytes a key. Each has room for
//! seven, so a key finds none only where both of its sets hold seven: with a million sets and four million keys one set in
//! 1 600 does, and in a simulation none of 48 million keys found both full.

mod dearest;
#[cfg(test)]
mod interleavings;
mod room;
mod set;

use std::{fmt, sync::PoisonError};

use self::{
    dearest::Dearest,
    room::Room,
    set::{Set, Tag, WORDS},
};
use crate::{
    gcra::{Ask, Outcome},
    sync::{AtomicU64, Mutex, MutexGuard, Ordering, zeroed},
};

/// Keys for each set, of a table that is as full as was asked for.
const SHARE: usize = 4;
/// The most locks: a power of two.
const LOCKS: usize = if cfg!(test) { 2 } else { 256 };
/// An odd number without a pattern: 2^64 divided by the golden ratio.
const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

/// The states of many keys.
pub(crate) struct Table {
    words: Box<[AtomicU64]>,
    /// The first word that begins a line of memory.
    first: usize,
    sets: usize,
    locks: Box<[Mutex<()>]>,
    dearest: Dearest,
}

/// Where a key may stand, and what it is called there.
#[derive(Clone, Copy)]
struct Spot {
    hash: u64,
    tag: Tag,
    set: usize,
}

// === impl Table ===

impl Table {
    /// Makes a table with room for `capacity` keys.
    pub(crate) fn new(capacity: usize) -> Self {
        let sets = capacity.div_ceil(SHARE).max(1);
        let (words, first) = zeroed(sets.saturating_mul(WORDS));
        let locks = sets.next_power_of_two().min(LOCKS);
        let locks = std::iter::repeat_with(|| Mutex::new(())).take(locks).collect();
        Self { words, first, sets, locks, dearest: Dearest::new() }
    }

    /// The most keys that are ever remembered.
    pub(crate) fn bound(&self) -> usize {
        self.sets.saturating_mul(WORDS.saturating_sub(1))
    }

    /// The number of keys that are remembered. Looks at all of the table.
    pub(crate) fn len(&self) -> usize {
        let sets = (0..self.sets).filter_map(|index| self.set(index));
        let known = |word: &&AtomicU64| word.load(Ordering::Relaxed) != 0;
        sets.map(|set| set.slots().iter().filter(known).count()).fold(0, usize::saturating_add)
    }

    /// Counts a request of the key with this hash.
    #[inline]
    pub(crate) fn count(&self, hash: u64, ask: &Ask) -> Outcome {
        self.dearest.note(ask);
        let spot = self.spot(hash);
        match self.set(spot.set).and_then(|set| set.count(spot.tag, ask)) {
            Some(outcome) => outcome,
            None => self.count_elsewhere(spot, ask),
        }
    }

    /// How a request would fare.
    pub(crate) fn look(&self, hash: u64, ask: &Ask) -> Outcome {
        let spot = self.spot(hash);
        let Some((first, second)) = self.both(spot) else { return NOWHERE };
        for set in [first, second] {
            let frame = set.frame();
            if let Some((_, word)) = set.find(spot.tag) {
                return ask.decide(frame.time(word), frame.clamp(ask.now));
            }
        }
        match Room::find((first, second), spot.tag, ask.now, self.spare(ask)) {
            Room::At(_) => ask.decide(0, ask.now),
            Room::None => ask.decide(first.frame().newcomers(), first.frame().clamp(ask.now)),
        }
    }

    /// The key is not in its first set.
    #[inline(never)]
    fn count_elsewhere(&self, spot: Spot, ask: &Ask) -> Outcome {
        let Some((first, second)) = self.both(spot) else { return NOWHERE };
        second.count(spot.tag, ask).unwrap_or_else(|| self.settle(spot, (first, second), ask))
    }

    /// Puts the key in, unless somebody did so meanwhile.
    #[cold]
    fn settle(&self, spot: Spot, (first, second): (Set<'_>, Set<'_>), ask: &Ask) -> Outcome {
        let _locks = self.lock(spot.set, self.second(spot));
        first.clean(ask.now);
        second.clean(ask.now);
        // Comes round only if somebody counted a request of the key that was to be dropped.
        loop {
            let known = first.count(spot.tag, ask).or_else(|| second.count(spot.tag, ask));
            if let Some(outcome) = known {
                return outcome;
            }
            let Room::At(place) = Room::find((first, second), spot.tag, ask.now, self.spare(ask))
            else {
                return first.share(ask);
            };
            let outcome = ask.decide(0, place.now);
            if place.take(spot.tag, place.now.wrapping_add(ask.charge)) {
                return outcome;
            }
        }
    }

    /// The debt up to which a key is not being refused, whatever it asks for.
    fn spare(&self, ask: &Ask) -> u64 {
        ask.full.saturating_sub(self.dearest.lately(ask))
    }

    /// Takes the locks of two sets, in the order in which everybody does.
    fn lock(&self, one: usize, other: usize) -> [Option<MutexGuard<'_, ()>>; 2] {
        let mask = self.locks.len().saturating_sub(1);
        let (one, other) = (one & mask, other & mask);
        let take = |index: usize| {
            let lock = self.locks.get(index)?;
            Some(lock.lock().unwrap_or_else(PoisonError::into_inner))
        };
        let lower = take(one.min(other));
        [lower, if one == other { None } else { take(one.max(other)) }]
    }

    #[inline]
    fn spot(&self, hash: u64) -> Spot {
        Spot { hash, tag: Tag::new(hash), set: share(hash, self.sets) }
    }

    /// The other set of a key; the same one if there is no other.
    fn second(&self, spot: Spot) -> usize {
        let second = share(spot.hash.wrapping_mul(MIX), self.sets);
        if second != spot.set {
            return second;
        }
        let next = second.saturating_add(1);
        if next < self.sets { next } else { 0 }
    }

    fn both(&self, spot: Spot) -> Option<(Set<'_>, Set<'_>)> {
        Some((self.set(spot.set)?, self.set(self.second(spot))?))
    }

    #[inline]
    fn set(&self, index: usize) -> Option<Set<'_>> {
        let (sets, _) = self.words.get(self.first..)?.as_chunks();
        sets.get(index).map(|words| Set { words })
    }
}

/// What is said of a key whose set cannot be found, which the arithmetic excludes.
const NOWHERE: Outcome = Outcome::Over(u64::MAX >> 2);

/// Which of `sets` a hash picks: the high half of the product, evenly and without a division.
#[inline]
fn share(hash: u64, sets: usize) -> usize {
    let product = u128::from(hash).wrapping_mul(u64::try_from(sets).unwrap_or(u64::MAX).into());
    usize::try_from(product >> 64).unwrap_or_default()
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").field("bound", &self.bound()).finish_non_exhaustive()
    }
}
