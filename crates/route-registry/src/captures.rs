//! Where the parameters stand in a path: a few ranges, kept in place.

use std::ops::Range;

use crate::pattern::MAX_PARAMS;

/// Ranges of bytes in a text, in order. Holds as many as a pattern may have; no heap.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Captures {
    ranges: [(usize, usize); MAX_PARAMS],
    len: usize,
}

// === impl Captures ===

impl Captures {
    /// Adds a range. A pattern has no more parameters than fit, so nothing is ever left out.
    pub(crate) fn push(&mut self, range: &Range<usize>) {
        if let Some(place) = self.ranges.get_mut(self.len) {
            *place = (range.start, range.end);
            self.len = self.len.saturating_add(1);
        }
    }

    /// Forgets the last range.
    pub(crate) fn pop(&mut self) {
        self.len = self.len.saturating_sub(1);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The parts of `text` that stand in the ranges.
    pub(crate) fn of<'t>(&self, text: &'t str) -> impl Iterator<Item = &'t str> {
        self.ranges.into_iter().take(self.len).filter_map(|(start, end)| text.get(start..end))
    }
}
