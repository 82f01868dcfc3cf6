//! A part of the tracked offenders: a table of a fixed size, and who is to be forgotten first.

use std::time::{Duration, Instant};

use crate::{
    BanTarget,
    recency::{NONE, Recency, Standing},
    tally::{Sighting, Tally},
};

/// Offenders by hash. The table is made as large as it may become when the first comes, so nothing is ever moved to a
/// larger one; offenders with the same bucket stand in a chain.
///
/// # At the bound
///
/// Who violated once and who violated again stand in two lists. To make room, the one whose last violation is the oldest
/// is forgotten of those who violated once, and only if there are none of the others: so a flood of new addresses does not
/// drive out who is on the way to his ban. Three quarters may have violated again; beyond, the oldest of those stands
/// with the others: so a flood of addresses that violate twice does not keep new ones from being counted either.
#[derive(Debug)]
pub(crate) struct Offenders {
    buckets: Vec<u32>,
    slots: Vec<Slot>,
    recency: Recency,
    /// The first of the places that were given up; the others follow in its chain.
    free: u32,
    capacity: usize,
    len: usize,
}

#[derive(Debug)]
struct Slot {
    key: Option<BanTarget>,
    hash: u64,
    next: u32,
    tally: Tally,
}

// === impl Offenders ===

impl Offenders {
    pub(crate) fn new(capacity: usize) -> Self {
        let (buckets, slots) = (Vec::new(), Vec::new());
        Self { buckets, slots, recency: Recency::default(), free: NONE, capacity, len: 0 }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// Counts one violation. Returns the tally if what it weighs exceeds the threshold; it is then taken out.
    pub(crate) fn record(
        &mut self,
        (hash, key): (u64, &BanTarget),
        sighting: Sighting<'_>,
        (now, window): (Instant, Duration),
        threshold: u32,
    ) -> Option<Tally> {
        let (place, standing) = match self.find(hash, key) {
            Some(place) => (place, Standing::Again),
            None => (self.insert(hash, key.clone())?, Standing::Once),
        };
        let tally = &mut self.slot_mut(place)?.tally;
        tally.push(sighting, now, window);
        if tally.weight() > threshold {
            return self.remove(place);
        }
        self.recency.renew(place, standing);
        if self.recency.len(Standing::Again) > self.capacity.saturating_mul(3).div_ceil(4) {
            let oldest = self.recency.oldest(Standing::Again);
            self.recency.renew(oldest, Standing::Once);
        }
        None
    }

    pub(crate) fn is_full(&self) -> bool {
        self.len >= self.capacity
    }

    pub(crate) fn holds(&self, hash: u64, key: &BanTarget) -> bool {
        self.find(hash, key).is_some()
    }

    pub(crate) fn forget(&mut self, hash: u64, key: &BanTarget) {
        if let Some(place) = self.find(hash, key) {
            self.remove(place);
        }
    }

    /// Forgets the one who is to be forgotten first.
    pub(crate) fn forget_oldest(&mut self) {
        let once = self.recency.oldest(Standing::Once);
        let oldest = if once == NONE { self.recency.oldest(Standing::Again) } else { once };
        self.remove(oldest);
    }

    /// Forgets up to two of each list whose last violation is older than the window.
    pub(crate) fn prune(&mut self, now: Instant, window: Duration) {
        for standing in [Standing::Once, Standing::Once, Standing::Again, Standing::Again] {
            let oldest = self.recency.oldest(standing);
            if self.slot(oldest).is_some_and(|slot| slot.tally.is_over(now, window)) {
                self.remove(oldest);
            }
        }
    }

    /// Forgets everyone whose last violation is older than the window.
    pub(crate) fn cleanup(&mut self, now: Instant, window: Duration) {
        for place in (0..).take(self.slots.len()) {
            let over = |slot: &Slot| slot.key.is_some() && slot.tally.is_over(now, window);
            if self.slot(place).is_some_and(over) {
                self.remove(place);
            }
        }
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&BanTarget, &mut Tally)> {
        self.slots.iter_mut().filter_map(|slot| Some((slot.key.as_ref()?, &mut slot.tally)))
    }

    fn find(&self, hash: u64, key: &BanTarget) -> Option<u32> {
        let mut place = *self.buckets.get(self.bucket(hash)?)?;
        // A chain is as long as there are places at most.
        for _ in 0..self.slots.len() {
            let slot = self.slot(place)?;
            if slot.hash == hash && slot.key.as_ref() == Some(key) {
                return Some(place);
            }
            place = slot.next;
        }
        None
    }

    fn insert(&mut self, hash: u64, key: BanTarget) -> Option<u32> {
        if self.is_full() {
            self.forget_oldest();
        }
        if self.buckets.is_empty() {
            self.buckets = vec![NONE; self.capacity.next_power_of_two()];
        }
        let bucket = self.bucket(hash)?;
        let head = *self.buckets.get(bucket)?;
        let new = Slot { key: Some(key), hash, next: head, tally: Tally::default() };
        let place = if self.free == NONE {
            let place = u32::try_from(self.slots.len()).ok().filter(|place| *place != NONE)?;
            if self.slots.len() == self.slots.capacity() {
                // Twice as many, as a list grows by itself, but never more than there may be.
                let left = self.capacity.saturating_sub(self.slots.len());
                self.slots.reserve_exact(self.slots.len().max(4).min(left));
            }
            self.slots.push(new);
            place
        } else {
            let place = self.free;
            let slot = self.slot_mut(place)?;
            let next = slot.next;
            *slot = new;
            self.free = next;
            place
        };
        *self.buckets.get_mut(bucket)? = place;
        self.len = self.len.saturating_add(1);
        Some(place)
    }

    fn remove(&mut self, place: u32) -> Option<Tally> {
        let slot = self.slot(place)?;
        slot.key.as_ref()?;
        let (bucket, next) = (self.bucket(slot.hash)?, slot.next);
        self.unchain(bucket, place, next)?;
        self.recency.remove(place);
        let free = self.free;
        let slot = self.slot_mut(place)?;
        slot.key = None;
        slot.next = free;
        let tally = std::mem::take(&mut slot.tally);
        self.free = place;
        self.len = self.len.saturating_sub(1);
        Some(tally)
    }

    /// Lets whatever points to `place` point to what follows it.
    fn unchain(&mut self, bucket: usize, place: u32, next: u32) -> Option<()> {
        let head = self.buckets.get_mut(bucket)?;
        if *head == place {
            *head = next;
            return Some(());
        }
        let mut before = *head;
        for _ in 0..self.slots.len() {
            let slot = self.slot_mut(before)?;
            if slot.next == place {
                slot.next = next;
                return Some(());
            }
            before = slot.next;
        }
        None
    }

    fn bucket(&self, hash: u64) -> Option<usize> {
        let mask = self.buckets.len().checked_sub(1)?;
        Some(usize::try_from(hash & 0xffff_ffff).ok()? & mask)
    }

    fn slot(&self, place: u32) -> Option<&Slot> {
        self.slots.get(usize::try_from(place).ok()?)
    }

    fn slot_mut(&mut self, place: u32) -> Option<&mut Slot> {
        self.slots.get_mut(usize::try_from(place).ok()?)
    }
}
