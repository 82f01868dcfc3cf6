//! Refusals by policy and code: names that all threads share, numbers that each thread has its own of.

use std::sync::{
    OnceLock,
    atomic::{AtomicU64, AtomicUsize, Ordering},
};

/// So many pairs of a policy and a code are told apart. A stack has some fifty; what comes beyond is counted as `other`.
pub(crate) const MOST: usize = 256;

/// A power of two, and twice as many as are taken: there is always a free one, so every search ends.
const SLOTS: usize = 2 * MOST;

/// Behind the last slot: what found no place.
const OTHER: usize = SLOTS;

/// What is done with a refusal.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// It ended the request.
    Refused,
    /// It was only reported.
    WouldRefuse,
}

/// Where each pair of a policy and a code has its numbers. Grows and never forgets; read without a lock.
#[derive(Debug)]
pub(crate) struct Names {
    slots: Box<[OnceLock<Pair>]>,
    taken: AtomicUsize,
}

/// A policy and a code.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Pair {
    pub(crate) policy: &'static str,
    pub(crate) code: &'static str,
}

/// The numbers of one thread, 8 KB.
#[derive(Debug)]
pub(crate) struct Tallies(Box<[[AtomicU64; Kind::ALL.len()]]>);

// === impl Kind ===

impl Kind {
    pub(crate) const ALL: [Self; 2] = [Self::Refused, Self::WouldRefuse];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::WouldRefuse => "would-refuse",
        }
    }

    fn place(self) -> usize {
        match self {
            Self::Refused => 0,
            Self::WouldRefuse => 1,
        }
    }
}

// === impl Names ===

impl Names {
    /// Where this pair has its numbers; takes a place for it if it has none yet and there is one.
    pub(crate) fn place(&self, policy: &'static str, code: &'static str) -> usize {
        let pair = Pair { policy, code };
        let mask = SLOTS.saturating_sub(1);
        let mut place = hash(policy, code) & mask;
        for _ in 0..SLOTS {
            let Some(slot) = self.slots.get(place) else { return OTHER };
            match slot.get() {
                Some(known) if *known == pair => return place,
                None if !self.takes_one() => return OTHER,
                // Another thread may have been faster: then it is taken by that one's pair, which may be this one.
                None if *slot.get_or_init(|| pair) == pair => return place,
                Some(_) | None => {}
            }
            place = place.wrapping_add(1) & mask;
        }
        OTHER
    }

    /// The pairs that have a place, and the last place, of all others.
    pub(crate) fn all(&self) -> impl Iterator<Item = (usize, Pair)> {
        let other = Pair { policy: "other", code: "other" };
        let known = self.slots.iter().enumerate();
        let known = known.filter_map(|(place, slot)| Some((place, *slot.get()?)));
        known.chain([(OTHER, other)])
    }

    /// Whether one more may be taken. Where two threads take one place, one is counted for nothing: some of the room is lost then,
    /// never more than threads that were there at the same moment.
    fn takes_one(&self) -> bool {
        let one_more = |taken: usize| (taken < MOST).then_some(taken.saturating_add(1));
        self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_more).is_ok()
    }
}

impl Default for Names {
    fn default() -> Self {
        let slots = std::iter::repeat_with(OnceLock::new).take(SLOTS).collect();
        Self { slots, taken: AtomicUsize::new(0) }
    }
}

/// FNV-1a: the texts are ours, and short.
fn hash(policy: &str, code: &str) -> usize {
    const START: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let bytes = policy.bytes().chain([0]).chain(code.bytes());
    let hash = bytes.fold(START, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME));
    // The high half is mixed best.
    usize::try_from(hash >> 32).unwrap_or_default()
}

// === impl Tallies ===

impl Tallies {
    pub(crate) fn add(&self, place: usize, kind: Kind) {
        if let Some(number) = self.at(place, kind) {
            number.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn read(&self, place: usize, kind: Kind) -> u64 {
        self.at(place, kind).map_or(0, |number| number.load(Ordering::Relaxed))
    }

    fn at(&self, place: usize, kind: Kind) -> Option<&AtomicU64> {
        self.0.get(place)?.get(kind.place())
    }
}

impl Default for Tallies {
    fn default() -> Self {
        // One more for what found no place.
        Self(std::iter::repeat_with(Default::default).take(SLOTS.saturating_add(1)).collect())
    }
}
