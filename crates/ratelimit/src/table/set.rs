//! One line of memory: what is kept of seven keys, in times of one epoch.

use crate::{
    gcra::{Ask, Outcome},
    sync::{AtomicU64, Ordering},
};

/// The words of a set: a header, and a slot for each key. Few where every interleaving is played.
pub(super) const WORDS: usize = if cfg!(test) { 3 } else { 8 };
/// The bits of a word that hold a time.
pub(super) const TIME_BITS: u32 = 40;
const TAG_BITS: u32 = u64::BITS - TIME_BITS;
pub(super) const TIME: u64 = (1 << TIME_BITS) - 1;
/// An epoch is so many ticks, as a power of two: a quarter of what a time can tell apart, 16 times what a quota is worth.
pub(super) const EPOCH_BITS: u32 = 38;

/// A set. Its header has in the upper 24 bits the epoch in which it was last cleaned, and in the lower 40 the one time that
/// newcomers share while no key here may be dropped. A slot has a key's tag, which is never 0, and when its quota is whole.
///
/// Times are told apart over four epochs. All that are here lie between the beginning of the header's epoch and a sixteenth
/// of one beyond its end, or have passed: a request of a later epoch cleans before it writes.
#[derive(Clone, Copy)]
pub(super) struct Set<'a> {
    pub(super) words: &'a [AtomicU64; WORDS],
}

/// What a key is called in a set.
#[derive(Clone, Copy)]
pub(super) struct Tag {
    bits: u64,
    /// The slot where it is looked for first, and stands if that was free.
    home: usize,
}

/// The epoch of a set: how its times are read.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) struct Frame {
    header: u64,
}

// === impl Set ===

impl<'a> Set<'a> {
    #[inline]
    pub(super) fn slots(self) -> &'a [AtomicU64] {
        let [_, slots @ ..] = self.words;
        slots
    }

    #[inline]
    fn header(self) -> &'a AtomicU64 {
        let [header, ..] = self.words;
        header
    }

    #[inline]
    pub(super) fn frame(self) -> Frame {
        // Who sees a new epoch sees what was cleaned for it.
        Frame { header: self.header().load(Ordering::Acquire) }
    }

    /// Finds the word of the key with this tag.
    #[inline]
    pub(super) fn find(self, tag: Tag) -> Option<(&'a AtomicU64, u64)> {
        let slot = self.slots().get(tag.home)?;
        // Who sees what was written after a set was cleaned sees its new epoch.
        let word = slot.load(Ordering::Acquire);
        if tag.is_of(word) { Some((slot, word)) } else { self.find_from_home(tag) }
    }

    /// The same, where it is not at home.
    ///
    /// All slots are compared, without a branch between: where a key stands cannot be foretold, and to guess wrongly takes as
    /// long as all the rest.
    #[inline(never)]
    fn find_from_home(self, tag: Tag) -> Option<(&'a AtomicU64, u64)> {
        let wanted = packed(tag.bits, 0);
        let found = self.slots().iter().rev().fold(0_u32, |found, slot| {
            let differs = slot.load(Ordering::Relaxed) ^ wanted;
            found.wrapping_add(found).wrapping_add(u32::from(differs <= TIME))
        });
        let slot = self.slots().get(usize::try_from(found.trailing_zeros()).ok()?)?;
        let word = slot.load(Ordering::Acquire);
        tag.is_of(word).then_some((slot, word))
    }

    /// Counts a request of the key with this tag. `None` if it is not here, and where the set has to be cleaned first.
    ///
    /// The word is all there is of a key: who changes it from what he read to what he made of it has counted, without a
    /// lock, and nobody between. Tries again only if somebody else counted a request of the same key.
    #[inline]
    pub(super) fn count(self, tag: Tag, ask: &Ask) -> Option<Outcome> {
        loop {
            let frame = self.frame();
            if frame.is_before(ask.now) {
                return None;
            }
            let (slot, word) = self.find(tag)?;
            if self.frame() != frame {
                continue;
            }
            let now = frame.clamp(ask.now);
            let outcome = ask.decide(frame.time(word), now);
            let Outcome::Within(debt) = outcome else { return Some(outcome) };
            let next = tag.word(now.wrapping_add(debt));
            let swapped =
                slot.compare_exchange_weak(word, next, Ordering::AcqRel, Ordering::Relaxed);
            if swapped.is_ok() {
                return Some(outcome);
            }
        }
    }

    /// Drops what is whole at `now`, if that is in a later epoch than the set's. The caller holds the set's lock.
    pub(super) fn clean(self, now: u64) {
        let frame = self.frame();
        if !frame.is_before(now) {
            return;
        }
        for slot in self.slots() {
            let mut word = slot.load(Ordering::Acquire);
            while word != 0 && frame.time(word) <= now {
                let swap = slot.compare_exchange(word, 0, Ordering::AcqRel, Ordering::Acquire);
                word = swap.err().unwrap_or(0);
            }
        }
        let newcomers = frame.newcomers().max(beginning(now >> EPOCH_BITS));
        self.header().store(packed(now >> EPOCH_BITS, newcomers), Ordering::Release);
    }

    /// Counts a request by the time that newcomers share. The caller holds the set's lock.
    pub(super) fn share(self, ask: &Ask) -> Outcome {
        let frame = self.frame();
        let now = frame.clamp(ask.now);
        let outcome = ask.decide(frame.newcomers(), now);
        if let Outcome::Within(debt) = outcome {
            let next = packed(frame.epoch(), now.wrapping_add(debt));
            self.header().store(next, Ordering::Release);
        }
        outcome
    }
}

// === impl Tag ===

impl Tag {
    /// Of the lower bits of a key's hash; the upper ones pick the set. It is never 0, which is an empty slot.
    #[inline]
    pub(super) fn new(hash: u64) -> Self {
        let slots = u64::try_from(WORDS).unwrap_or(u64::MAX).wrapping_sub(1);
        let home = (hash >> TAG_BITS & 0xffff).wrapping_mul(slots) >> 16;
        let bits = (hash & ((1 << TAG_BITS) - 1)).max(1);
        Self { bits, home: usize::try_from(home).unwrap_or_default() }
    }

    pub(super) fn home(self) -> usize {
        self.home
    }

    /// A slot's word: whose it is, and when the quota is whole.
    #[inline]
    pub(super) fn word(self, whole_at: u64) -> u64 {
        packed(self.bits, whole_at)
    }

    #[inline]
    fn is_of(self, word: u64) -> bool {
        word >> TIME_BITS == self.bits
    }
}

// === impl Frame ===

impl Frame {
    #[inline]
    fn epoch(self) -> u64 {
        self.header >> TIME_BITS
    }

    /// Whether `now` is in a later epoch.
    #[inline]
    pub(super) fn is_before(self, now: u64) -> bool {
        self.epoch() < now >> EPOCH_BITS
    }

    /// A request of an earlier epoch counts as arriving at the beginning of this one.
    #[inline]
    pub(super) fn clamp(self, now: u64) -> u64 {
        now.max(beginning(self.epoch()))
    }

    /// The time of a word, in ticks since the table's beginning.
    #[inline]
    pub(super) fn time(self, word: u64) -> u64 {
        let beginning = beginning(self.epoch());
        beginning.wrapping_add(word.wrapping_sub(beginning) & TIME)
    }

    /// When what newcomers share is whole.
    pub(super) fn newcomers(self) -> u64 {
        self.time(self.header)
    }
}

#[inline]
fn beginning(epoch: u64) -> u64 {
    epoch.wrapping_shl(EPOCH_BITS)
}

/// A tag or an epoch, and the lower bits of a time or a cost.
#[inline]
pub(super) fn packed(upper: u64, time: u64) -> u64 {
    upper.wrapping_shl(TIME_BITS) | (time & TIME)
}
