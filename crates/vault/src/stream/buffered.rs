//! Seals a stream of which bytes come in pieces of any length.

use std::{fmt, mem};

use zeroize::Zeroizing;

use super::{chunk_size::ChunkSize, header::StreamHeader, sealer::StreamSealer};
use crate::{SealError, gcm::TAG};

/// Seals a stream of which bytes come in pieces of any length: whole chunks go out as they fill up.
///
/// It has one buffer, of a chunk, which is overwritten when it is dropped.
///
/// ```
/// # use palisade_vault::{ChunkSize, Context, Key, KeyRing, KeyVersion, Vault};
/// # let vault = Vault::new(KeyRing::new([(KeyVersion::FIRST, Key::generate()?)])?);
/// # let place = Context { tenant: "acme", table: "files", column: "body", row: "1", purpose: "files", revision: Some(1) };
/// # let pieces: [&[u8]; 2] = [b"some bytes, ", b"as they come"];
/// # let mut file = Vec::new();
/// let mut sealer = vault.begin_stream_now(&place, ChunkSize::DEFAULT)?.buffered();
/// file.extend_from_slice(sealer.header().as_bytes());
/// for mut piece in pieces {
///     while let Some(sealed) = sealer.push(&mut piece)? {
///         file.extend_from_slice(sealed);
///     }
/// }
/// file.extend_from_slice(&sealer.finish()?);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct BufferedSealer {
    sealer: StreamSealer,
    /// What comes next; or a sealed chunk with its tag, which was given out. It never grows: that would leave a copy behind.
    buffer: Zeroizing<Vec<u8>>,
}

impl BufferedSealer {
    pub(super) fn new(sealer: StreamSealer) -> Self {
        let room = sealer.chunk_size().bytes().saturating_add(TAG);
        Self { sealer, buffer: Zeroizing::new(Vec::with_capacity(room)) }
    }

    /// The header, which is whole from the beginning.
    #[must_use]
    pub const fn header(&self) -> &StreamHeader {
        self.sealer.header()
    }

    /// How long each chunk is, but for the last one.
    #[must_use]
    pub const fn chunk_size(&self) -> ChunkSize {
        self.sealer.chunk_size()
    }

    /// Takes bytes from the front of `piece`, and gives a sealed chunk with its tag where one is full and others follow. Call
    /// it until there is none: then `piece` is empty.
    ///
    /// # Errors
    ///
    /// The stream is too long, or the cryptographic library does nothing: what was sealed is of no use.
    pub fn push(&mut self, piece: &mut &[u8]) -> Result<Option<&[u8]>, SealError> {
        let size = self.chunk_size().bytes();
        if self.buffer.len() > size {
            self.buffer.clear();
        }
        let room = size.saturating_sub(self.buffer.len());
        let (taken, rest) = piece.split_at_checked(room).unwrap_or((piece, &[]));
        self.buffer.extend_from_slice(taken);
        *piece = rest;
        // A full chunk behind which nothing is known to follow may be the last.
        if rest.is_empty() {
            return Ok(None);
        }
        let tag = self.sealer.seal_chunk(&mut self.buffer)?;
        self.buffer.extend_from_slice(&tag);
        Ok(Some(&self.buffer))
    }

    /// The last chunk, sealed, with its tag.
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push).
    pub fn finish(mut self) -> Result<Vec<u8>, SealError> {
        if self.buffer.len() > self.chunk_size().bytes() {
            self.buffer.clear();
        }
        let tag = self.sealer.finish(&mut self.buffer)?;
        self.buffer.extend_from_slice(&tag);
        Ok(mem::take(&mut *self.buffer))
    }
}

impl fmt::Debug for BufferedSealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BufferedSealer").field("sealer", &self.sealer).finish_non_exhaustive()
    }
}
