//! One chunk of a stream: where it is stored, and what of it is wanted.

use std::ops::Range;

use super::{key::Position, shape::StreamShape};

/// One chunk of a stream: where it is stored, and what of it is wanted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Chunk {
    pub(super) position: Position,
    pub(super) sealed: Range<u64>,
    pub(super) wanted: Range<usize>,
}

/// The chunks that hold some bytes of a stream, in their order.
#[derive(Clone, Debug)]
pub struct Chunks {
    pub(super) shape: StreamShape,
    /// Those that are left.
    pub(super) numbers: Range<u64>,
    pub(super) wanted: Range<u64>,
}

// === impl Chunk ===

impl Chunk {
    /// Its number: 0 for the first.
    #[must_use]
    pub const fn number(&self) -> u64 {
        match self.position {
            Position::Inner(number) | Position::Last(number) => number,
        }
    }

    /// Where it is stored, among the sealed chunks without the header.
    #[must_use]
    pub fn sealed(&self) -> Range<u64> {
        self.sealed.clone()
    }

    /// How many bytes are stored.
    #[must_use]
    pub fn sealed_length(&self) -> usize {
        let length = self.sealed.end.saturating_sub(self.sealed.start);
        usize::try_from(length).unwrap_or(usize::MAX)
    }

    /// What of the opened chunk is wanted.
    #[must_use]
    pub fn wanted(&self) -> Range<usize> {
        self.wanted.clone()
    }
}

// === impl Chunks ===

impl Chunks {
    /// Where those that are left are stored, behind each other: what one request to a store asks for. Empty where none is.
    #[must_use]
    pub fn sealed(&self) -> Range<u64> {
        let mut left = self.clone();
        let first = left.next();
        let last = self.numbers.end.checked_sub(1).map(|last| self.shape.chunk(last, &self.wanted));
        match first.zip(last) {
            Some((first, last)) => first.sealed.start..last.sealed.end,
            None => 0..0,
        }
    }
}

impl Iterator for Chunks {
    type Item = Chunk;

    fn next(&mut self) -> Option<Chunk> {
        let number = self.numbers.next()?;
        Some(self.shape.chunk(number, &self.wanted))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.numbers.size_hint()
    }
}
