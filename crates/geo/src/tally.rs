//! What became of questions, counted without one core waiting for another.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use palisade_core::Striped;

/// What became of questions. Each thread has counts of its own.
#[derive(Debug)]
pub(crate) struct Tally {
    mine: Striped<Arc<Counts>>,
    all: Vec<Arc<Counts>>,
}

#[derive(Debug, Default)]
struct Counts {
    hits: AtomicU64,
    stale: AtomicU64,
    misses: AtomicU64,
    nowhere: AtomicU64,
}

/// The counts of all threads.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Totals {
    pub(crate) hits: u64,
    pub(crate) stale: u64,
    pub(crate) misses: u64,
    pub(crate) nowhere: u64,
}

// === impl Tally ===

impl Tally {
    pub(crate) fn new() -> Self {
        let mut all = Vec::new();
        let mine = Striped::new(|| {
            let counts = Arc::new(Counts::default());
            all.push(Arc::clone(&counts));
            counts
        });
        Self { mine, all }
    }

    /// Answered by what is known.
    pub(crate) fn hit(&self) {
        self.mine.mine().hits.fetch_add(1, Ordering::Relaxed);
    }

    /// Answered by what was known, and is to be asked for again.
    pub(crate) fn stale(&self) {
        self.mine.mine().stale.fetch_add(1, Ordering::Relaxed);
    }

    /// Not answered.
    pub(crate) fn miss(&self) {
        self.mine.mine().misses.fetch_add(1, Ordering::Relaxed);
    }

    /// Answered by nobody, and nobody is asked.
    pub(crate) fn nowhere(&self) {
        self.mine.mine().nowhere.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn totals(&self) -> Totals {
        self.all.iter().fold(Totals::default(), |sum, counts| {
            let add = |sum: u64, count: &AtomicU64| sum.wrapping_add(count.load(Ordering::Relaxed));
            Totals {
                hits: add(sum.hits, &counts.hits),
                stale: add(sum.stale, &counts.stale),
                misses: add(sum.misses, &counts.misses),
                nowhere: add(sum.nowhere, &counts.nowhere),
            }
        })
    }
}
