//! Where a key that is not known is put.

use super::set::{Frame, Set, Tag};
use crate::sync::{AtomicU64, Ordering};

/// A newcomer is put into its first set while fewer than so many keys there are in debt. Then most keys are found in the
/// first line of memory that is looked at, and yet hardly a set is ever full: see the table.
const FEW: usize = 4;

/// Where a key that is not known is put.
pub(super) enum Room<'a> {
    /// Here.
    At(Place<'a>),
    /// Nowhere: all keys are being refused.
    None,
}

/// A slot, for a newcomer.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    slot: &'a AtomicU64,
    /// What is in it: nothing, a key that is whole, or the one that is closest to it.
    word: u64,
    /// When the newcomer's request arrived, as the set sees it.
    pub(super) now: u64,
}

/// What one set has to offer.
struct Offer<'a> {
    /// Keys that are in debt.
    live: usize,
    /// A slot with nothing in it, or with a key that is whole.
    free: Option<Place<'a>>,
    /// The key that is closest to whole, and how far it is.
    closest: Option<(u64, Place<'a>)>,
}

// === impl Room ===

impl<'a> Room<'a> {
    /// Finds room in the first of two sets, or in the second if that has much more.
    ///
    /// A state that is whole carries no information, so those go first. Then goes the one that is closest to it: dropping
    /// it gives the least away. But a key that is over `spare`, which has less than the dearest request of late costs, is being
    /// refused and never dropped: whoever brings many keys would set free the ones that he used up.
    pub(super) fn find(
        (first, second): (Set<'a>, Set<'a>),
        tag: Tag,
        now: u64,
        spare: u64,
    ) -> Self {
        let (first, second) = (Offer::of(first, tag, now), Offer::of(second, tag, now));
        let second_is_better = first.live >= FEW && second.live < first.live;
        let (better, worse) = if second_is_better { (&second, &first) } else { (&first, &second) };
        if let Some(place) = better.free.or(worse.free) {
            return Self::At(place);
        }
        let closest = [first.closest, second.closest].into_iter().flatten();
        match closest.min_by_key(|(debt, _)| *debt) {
            Some((debt, place)) if debt <= spare => Self::At(place),
            _ => Self::None,
        }
    }
}

// === impl Place ===

impl Place<'_> {
    /// Puts a key in, unless what is in the slot has changed since.
    pub(super) fn take(self, tag: Tag, whole_at: u64) -> bool {
        let new = tag.word(whole_at);
        self.slot.compare_exchange(self.word, new, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }
}

// === impl Offer ===

impl<'a> Offer<'a> {
    fn of(set: Set<'a>, tag: Tag, now: u64) -> Self {
        let frame: Frame = set.frame();
        let now = frame.clamp(now);
        let mut offer = Self { live: 0, free: None, closest: None };
        for (index, slot) in set.slots().iter().enumerate() {
            let home = index == tag.home();
            let word = slot.load(Ordering::Acquire);
            let place = Place { slot, word, now };
            let debt = if word == 0 { 0 } else { frame.time(word).saturating_sub(now) };
            if debt == 0 {
                // At home if that is free: there it is looked for first.
                offer.free = offer.free.filter(|_| !home).or(Some(place));
                continue;
            }
            offer.live = offer.live.saturating_add(1);
            if offer.closest.is_none_or(|(least, _)| debt < least) {
                offer.closest = Some((debt, place));
            }
        }
        offer
    }
}
