//! How a feed is, in numbers.

use std::sync::atomic::{AtomicU64, Ordering};

/// How a feed is. What is counted is counted from its start.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct FeedStatus {
    /// How many read, those included who are behind or were cut and have not noticed.
    pub readers: usize,
    /// Events that were given a number.
    pub published: u64,
    /// Events that were dropped because the feed's thread was behind, or the feed was closed.
    pub dropped: u64,
    /// Events that readers lost because they were slow, of all of them together.
    pub missed: u64,
    /// Readers who were cut.
    pub cut: u64,
}

/// What is counted of readers.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) missed: AtomicU64,
    pub(crate) cut: AtomicU64,
}

// === impl Counts ===

impl Counts {
    pub(crate) fn one_missed(&self) {
        self.missed.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn one_cut(&self) {
        self.cut.fetch_add(1, Ordering::Relaxed);
    }
}
