//! The header of a stream as it is stored.

use std::fmt;

use super::{
    chunk_size::ChunkSize,
    key::{SALT, StreamKey},
};
use crate::{
    Context, DataKey, KeyVersion, MAX_WRAPPED, OpenError, SealError, Wrapped,
    derived::COMMITMENT,
    sealed::{LEAST_HEAD, Parts},
};

/// What every header begins with: a mark, and the number of the format.
pub(super) const MARK: [u8; 5] = *b"PSVS\x01";

/// What does not change when the data key is wrapped again: the size of the chunks, the salt, the commitment.
const FIXED: usize = 1 + SALT + COMMITMENT;

/// The header of a stream as it is stored: in front of its chunks, or apart from them.
///
/// Apart, in a row of a database beside the object's name, it can be [rewrapped](crate::Vault::rewrap_stream_header) whatever
/// its length, and no byte of the object is written again. Under a key ring a header is 148 bytes long, before and after.
///
/// Any bytes can be made one: the vault judges them when it opens the stream.
#[derive(Clone, Eq, PartialEq)]
pub struct StreamHeader {
    bytes: Vec<u8>,
}

/// What a header consists of.
#[derive(Clone, Copy)]
pub(super) struct HeaderParts<'a> {
    pub(super) wrapped: Parts<'a>,
    pub(super) chunk_size: ChunkSize,
    pub(super) salt: &'a [u8; SALT],
    pub(super) commitment: &'a [u8; COMMITMENT],
}

// === impl StreamHeader ===

impl StreamHeader {
    /// The longest header, in bytes.
    pub const MAX_LENGTH: usize = LEAST_HEAD + MAX_WRAPPED + FIXED;

    /// The header that `bytes` begin with: as long as it says that it is. What begins with no header is taken as far as the
    /// longest would reach, and refused by the vault.
    #[must_use]
    pub fn at_start_of(bytes: &[u8]) -> Self {
        let behind = Parts::read(bytes, MARK, FIXED).map(|parts| parts.payload.len());
        let length = match behind.and_then(|behind| behind.checked_sub(FIXED)) {
            Some(chunks) => bytes.len().saturating_sub(chunks),
            None => bytes.len().min(Self::MAX_LENGTH),
        };
        Self::from(bytes.get(..length).unwrap_or(bytes))
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its bytes, to be stored.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The version of the key that it says it is under, if it is written like a header. Nothing is verified yet.
    #[must_use]
    pub fn key_version(&self) -> Option<KeyVersion> {
        self.parts().ok().map(|parts| parts.wrapped.version)
    }

    /// How long it says that chunks are, if it is written like a header. Nothing is verified yet.
    #[must_use]
    pub fn chunk_size(&self) -> Option<ChunkSize> {
        self.parts().ok().map(|parts| parts.chunk_size)
    }

    pub(super) fn new(
        wrapped: &Wrapped,
        chunk_size: ChunkSize,
        salt: &[u8; SALT],
        key: &StreamKey,
    ) -> Result<Self, SealError> {
        let mut bytes = Parts::head(MARK, wrapped, FIXED)?;
        bytes.push(chunk_size.exponent());
        bytes.extend_from_slice(salt);
        bytes.extend_from_slice(key.commitment());
        Ok(Self { bytes })
    }

    /// The same, with another wrapped key.
    pub(super) fn rewrapped(wrapped: &Wrapped, parts: HeaderParts<'_>) -> Result<Self, SealError> {
        let fixed = parts.wrapped.payload;
        let mut bytes = Parts::head(MARK, wrapped, fixed.len())?;
        bytes.extend_from_slice(fixed);
        Ok(Self { bytes })
    }

    pub(super) fn parts(&self) -> Result<HeaderParts<'_>, OpenError> {
        HeaderParts::read(&self.bytes).ok_or(OpenError::Malformed)
    }
}

impl From<Vec<u8>> for StreamHeader {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes }
    }
}

impl From<&[u8]> for StreamHeader {
    fn from(bytes: &[u8]) -> Self {
        Self { bytes: bytes.to_vec() }
    }
}

impl AsRef<[u8]> for StreamHeader {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for StreamHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("StreamHeader");
        shown.field("key_version", &self.key_version()).field("chunk_size", &self.chunk_size());
        shown.finish_non_exhaustive()
    }
}

// === impl HeaderParts ===

impl<'a> HeaderParts<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let wrapped = Parts::read(bytes, MARK, FIXED)?;
        let (exponent, rest) = wrapped.payload.split_first()?;
        let (salt, rest) = rest.split_first_chunk()?;
        // All of the rest: a byte behind a header is not one of its own.
        let commitment = rest.try_into().ok()?;
        Some(Self { wrapped, chunk_size: ChunkSize::of_exponent(*exponent)?, salt, commitment })
    }

    /// The key of the stream, if `key` is the data key it commits to.
    pub(super) fn key(self, key: &DataKey, context: &Context<'_>) -> Result<StreamKey, OpenError> {
        StreamKey::committed(key, self.chunk_size, (self.salt, self.commitment), context)
    }
}
