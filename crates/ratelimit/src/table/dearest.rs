//! What the dearest request cost of late.

use super::set::{EPOCH_BITS, TIME, TIME_BITS, packed};
use crate::{
    gcra::Ask,
    sync::{AtomicU64, Ordering},
};

/// What the dearest request of this epoch cost, and of the one before.
///
/// Who was refused for it got into debt at most a sixteenth of an epoch before: so this is as long as it matters to anybody,
/// and one dear request does not change for ever who may be dropped.
pub(super) struct Dearest {
    /// Of even epochs and of odd ones: the epoch in the upper 24 bits, the cost in ticks in the lower 40. It only grows.
    latest: [AtomicU64; 2],
}

// === impl Dearest ===

impl Dearest {
    pub(super) fn new() -> Self {
        Self { latest: [AtomicU64::new(0), AtomicU64::new(0)] }
    }

    /// Takes a request down. Nearly always it is no dearer than one before, and nothing is written.
    #[inline]
    pub(super) fn note(&self, ask: &Ask) {
        let epoch = ask.now >> EPOCH_BITS;
        let [even, odd] = &self.latest;
        let latest = if epoch & 1 == 0 { even } else { odd };
        let this = packed(epoch, ask.charge);
        if this > latest.load(Ordering::Relaxed) {
            latest.fetch_max(this, Ordering::Relaxed);
        }
    }

    /// What the dearest cost, with this one, in ticks. Those of later epochs count too: there this one is late.
    pub(super) fn lately(&self, ask: &Ask) -> u64 {
        let before = (ask.now >> EPOCH_BITS).saturating_sub(1);
        let words = self.latest.iter().map(|latest| latest.load(Ordering::Relaxed));
        let lately = words.filter(|word| word >> TIME_BITS >= before);
        lately.map(|word| word & TIME).fold(ask.charge, u64::max)
    }
}
