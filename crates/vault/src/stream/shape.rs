//! How long a stream is, and where its chunks are: arithmetic alone.

use std::{cmp::Ordering, ops::Range};

use super::{
    chunk::{Chunk, Chunks},
    chunk_size::ChunkSize,
    key::Position,
};
use crate::gcm::TAG;

/// The tag of a chunk, in the arithmetic of lengths.
const TAG_LENGTH: u64 = 16;

const _: () = assert!(TAG == 16, "one length of tags");

/// How long a stream is, and so where each of its chunks is stored.
///
/// Offsets are those of the sealed chunks behind each other, without the header. From one length follows the other: there is
/// one way to divide an object into chunks, and no other one is a stream.
///
/// ```
/// # use palisade_vault::{ChunkSize, StreamShape};
/// let shape = StreamShape::of_length(ChunkSize::DEFAULT, 100_000).unwrap();
/// assert_eq!(shape.sealed_length(), 100_032); // Two chunks, and the tag of each.
/// assert_eq!(StreamShape::of_sealed_length(ChunkSize::DEFAULT, 100_032), Some(shape));
///
/// // The bytes from 65 530 to 65 540 lie in both.
/// let chunks = shape.chunks_of(65_530..65_540);
/// assert_eq!(chunks.sealed(), 0..100_032);
/// let parts: Vec<_> = chunks.map(|chunk| chunk.wanted()).collect();
/// assert_eq!(parts, [65_530..65_536, 0..4]);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct StreamShape {
    chunk_size: ChunkSize,
    /// At most [`Self::MAX_LENGTH`].
    length: u64,
}

impl StreamShape {
    /// The most bytes that are sealed in one stream: 16 TiB.
    ///
    /// That are 2⁴⁰ blocks under its key, of which nobody tells from random ones with more luck than 2⁻⁴⁹, and at most 2³²
    /// chunks.
    pub const MAX_LENGTH: u64 = 1 << 44;

    /// The shape of a stream of `length` bytes; none if it is too long.
    #[must_use]
    pub fn of_length(chunk_size: ChunkSize, length: u64) -> Option<Self> {
        (length <= Self::MAX_LENGTH).then_some(Self { chunk_size, length })
    }

    /// The shape of a stream whose sealed chunks are `sealed` bytes; none if those of no stream are.
    #[must_use]
    pub fn of_sealed_length(chunk_size: ChunkSize, sealed: u64) -> Option<Self> {
        let chunks = sealed.div_ceil(whole(chunk_size));
        let length = sealed.checked_sub(chunks.checked_mul(TAG_LENGTH)?)?;
        let shape = Self::of_length(chunk_size, length)?;
        // Chunks that are nothing but a tag, or less than one, are in no stream that is not empty.
        (shape.sealed_length() == sealed).then_some(shape)
    }

    /// How many bytes were sealed.
    #[must_use]
    pub const fn length(self) -> u64 {
        self.length
    }

    /// How many bytes the sealed chunks are, with their tags.
    #[must_use]
    pub fn sealed_length(self) -> u64 {
        self.length.saturating_add(self.chunks().saturating_mul(TAG_LENGTH))
    }

    /// How long its chunks are, but for the last one.
    #[must_use]
    pub const fn chunk_size(self) -> ChunkSize {
        self.chunk_size
    }

    /// How many chunks there are. An empty stream has one.
    #[must_use]
    pub fn chunks(self) -> u64 {
        self.length.div_ceil(self.chunk_size.wide()).max(1)
    }

    /// The chunks that hold the bytes `wanted` of what was sealed. What is beyond the end is left out.
    #[must_use]
    pub fn chunks_of(self, wanted: Range<u64>) -> Chunks {
        let end = wanted.end.min(self.length);
        let size = self.chunk_size.wide();
        let first = wanted.start.checked_div(size).unwrap_or_default();
        let numbers = if wanted.start < end { first..end.div_ceil(size) } else { 0..0 };
        Chunks { shape: self, numbers, wanted: wanted.start..end }
    }

    /// The last chunk, all of it.
    #[must_use]
    pub fn last(self) -> Chunk {
        let number = self.chunks().saturating_sub(1);
        self.chunk(number, &(0..self.length))
    }

    /// The chunk `number`, and what of it is `wanted`. One that is not there has no bytes.
    pub(super) fn chunk(self, number: u64, wanted: &Range<u64>) -> Chunk {
        let (size, whole) = (self.chunk_size.wide(), whole(self.chunk_size));
        let start = number.saturating_mul(size).min(self.length);
        let end = start.saturating_add(size).min(self.length);
        let sealed = number.saturating_mul(whole);
        let length = end.saturating_sub(start);
        let within = |at: u64| {
            let offset = at.clamp(start, end).saturating_sub(start);
            usize::try_from(offset).unwrap_or(usize::MAX)
        };
        Chunk {
            position: self.position(number),
            sealed: sealed..sealed.saturating_add(length).saturating_add(TAG_LENGTH),
            wanted: within(wanted.start)..within(wanted.end),
        }
    }

    fn position(self, number: u64) -> Position {
        match number.saturating_add(1).cmp(&self.chunks()) {
            Ordering::Less => Position::Inner(number),
            Ordering::Equal | Ordering::Greater => Position::Last(number),
        }
    }
}

/// A chunk that is not the last one, as it is stored.
fn whole(size: ChunkSize) -> u64 {
    size.wide().saturating_add(TAG_LENGTH)
}
