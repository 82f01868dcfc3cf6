//! Seals a stream, chunk by chunk.

use aws_lc_rs::rand;

use super::{
    buffered::BufferedSealer,
    chunk_size::ChunkSize,
    header::StreamHeader,
    key::{Position, SALT, StreamKey},
    shape::StreamShape,
};
use crate::{Context, DataKey, SealError, Wrapped, gcm::TAG};

/// Seals a stream, chunk by chunk, each in the buffer it is in.
///
/// What is stored is the header, and behind it, or elsewhere, each chunk with its tag: those of
/// [`seal_chunk`](Self::seal_chunk) and then the one of [`finish`](Self::finish). A stream that was not finished opens as
/// nothing. Where bytes come in pieces of any length, a [`BufferedSealer`] makes chunks of them.
#[derive(Debug)]
pub struct StreamSealer {
    key: StreamKey,
    header: StreamHeader,
    chunk_size: ChunkSize,
    /// The number of the next chunk; none once the library failed at one, whose nonce it may have used.
    next: Option<u64>,
}

impl StreamSealer {
    /// Begins a stream under `key`, which must not have been used before.
    pub(super) fn new(
        key: &DataKey,
        wrapped: &Wrapped,
        context: &Context<'_>,
        chunk_size: ChunkSize,
    ) -> Result<Self, SealError> {
        let mut salt = [0; SALT];
        rand::fill(&mut salt)?;
        let key = StreamKey::of(key, chunk_size, &salt, context)?;
        let header = StreamHeader::new(wrapped, chunk_size, &salt, &key)?;
        Ok(Self { key, header, chunk_size, next: Some(0) })
    }

    /// The header, which is whole from the beginning.
    #[must_use]
    pub const fn header(&self) -> &StreamHeader {
        &self.header
    }

    /// How long each chunk has to be, but for the last one.
    #[must_use]
    pub const fn chunk_size(&self) -> ChunkSize {
        self.chunk_size
    }

    /// Seals a chunk in place and gives its tag, which is stored behind it. Something follows: the last chunk, which is never
    /// empty, is for [`finish`](Self::finish).
    ///
    /// # Errors
    ///
    /// It is not as long as all chunks are, or nothing more would fit behind it: it is as it was. Or the cryptographic
    /// library does nothing; nothing more is sealed then.
    pub fn seal_chunk(&mut self, chunk: &mut [u8]) -> Result<[u8; TAG], SealError> {
        let number = self.next.ok_or(SealError::Library)?;
        if chunk.len() != self.chunk_size.bytes() {
            return Err(self.not_as_long(chunk));
        }
        let following = number.saturating_add(1);
        self.refuse_too_long(following, 1)?;
        self.next = None;
        let tag = self.key.seal(Position::Inner(number), chunk)?;
        self.next = Some(following);
        Ok(tag)
    }

    /// Seals the last chunk in place and gives its tag. It has a byte at least, unless the stream is empty.
    ///
    /// # Errors
    ///
    /// It is longer than a chunk, or empty behind others, or the stream is too long: what was sealed is of no use. Or the
    /// cryptographic library does nothing.
    pub fn finish(self, last: &mut [u8]) -> Result<[u8; TAG], SealError> {
        let number = self.next.ok_or(SealError::Library)?;
        let is_due =
            if last.is_empty() { number == 0 } else { last.len() <= self.chunk_size.bytes() };
        if !is_due {
            return Err(self.not_as_long(last));
        }
        self.refuse_too_long(number, last.len())?;
        Ok(self.key.seal(Position::Last(number), last)?)
    }

    /// The rest of the stream, for bytes that come in pieces of any length.
    #[must_use]
    pub fn buffered(self) -> BufferedSealer {
        BufferedSealer::new(self)
    }

    fn not_as_long(&self, chunk: &[u8]) -> SealError {
        SealError::ChunkLength { length: chunk.len(), due: self.chunk_size.bytes() }
    }

    /// Refuses `more` bytes behind so many chunks.
    fn refuse_too_long(&self, chunks: u64, more: usize) -> Result<(), SealError> {
        let more = u64::try_from(more).unwrap_or(u64::MAX);
        let length = chunks.saturating_mul(self.chunk_size.wide()).saturating_add(more);
        let most = StreamShape::MAX_LENGTH;
        if length > most { Err(SealError::StreamTooLong { most }) } else { Ok(()) }
    }
}
