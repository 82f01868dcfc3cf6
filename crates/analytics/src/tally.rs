//! Counts per key, for a bounded number of keys.

use std::{cmp::Reverse, collections::HashMap};

/// Counts how often each key came.
///
/// Exact for as long as no more than `capacity` keys were seen. When one more comes, the lighter half of the keys is
/// folded into `other`: the keys that matter stay, and whoever floods with fresh keys pushes out fresh keys. From then
/// on a count is a lower bound, and the sum of all, with `other`, is still exact.
#[derive(Debug)]
pub(crate) struct Tally {
    counts: HashMap<Box<str>, u64>,
    capacity: usize,
    other: u64,
}

// === impl Tally ===

impl Tally {
    pub(crate) fn new(capacity: usize) -> Self {
        Self { counts: HashMap::new(), capacity, other: 0 }
    }

    pub(crate) fn count(&mut self, key: &str) {
        if let Some(count) = self.counts.get_mut(key) {
            *count = count.saturating_add(1);
            return;
        }
        if self.counts.len() >= self.capacity {
            self.fold();
        }
        self.counts.insert(key.into(), 1);
    }

    /// The most frequent keys, the most frequent first; equals in the order of their text.
    pub(crate) fn top(&self, limit: usize) -> Vec<(String, u64)> {
        let mut counts: Vec<_> = self.counts.iter().map(|(key, count)| (&**key, *count)).collect();
        counts.sort_unstable_by_key(|(key, count)| (Reverse(*count), *key));
        counts.truncate(limit);
        counts.into_iter().map(|(key, count)| (key.to_owned(), count)).collect()
    }

    pub(crate) fn other(&self) -> u64 {
        self.other
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::new(self.capacity);
    }

    /// Keeps the heavier half: every key above the median, and of those at it as many as there is space for.
    fn fold(&mut self) {
        let mut counts: Vec<u64> = self.counts.values().copied().collect();
        let keep = self.capacity / 2;
        counts.sort_unstable_by_key(|count| Reverse(*count));
        let median = counts.get(keep).copied().unwrap_or(u64::MAX);
        let above = counts.partition_point(|count| *count > median);
        let mut at_median = keep.saturating_sub(above);
        let mut folded = 0_u64;
        self.counts.retain(|_, count| {
            let stays = *count > median || (*count == median && at_median > 0);
            if !stays {
                folded = folded.saturating_add(*count);
            } else if *count == median {
                at_median = at_median.saturating_sub(1);
            }
            stays
        });
        self.other = self.other.saturating_add(folded);
    }
}
