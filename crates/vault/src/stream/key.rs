//! The key of one stream, and what it does with a chunk.

use std::fmt;

use aws_lc_rs::error::Unspecified;

use super::{chunk_size::ChunkSize, header::MARK};
use crate::{
    Context, DataKey, OpenError,
    derived::{COMMITMENT, Derived},
    gcm::{NONCE, TAG},
};

pub(super) const SALT: usize = 32;

/// What sets these digests apart from all others under the same key.
const LABEL: &[u8] = b"palisade-vault stream";

/// The key of one stream.
pub(super) struct StreamKey {
    derived: Derived,
}

/// Where a chunk is. One that is the last is never one that has others behind it: that is STREAM (Hoang, Reyhanitabar,
/// Rogaway, Vizár: Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance, 2015).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Position {
    /// Others follow.
    Inner(u64),
    /// Nothing follows.
    Last(u64),
}

// === impl StreamKey ===

impl StreamKey {
    /// The key that `data_key` comes to for a new stream.
    pub(super) fn of(
        data_key: &DataKey,
        size: ChunkSize,
        salt: &[u8; SALT],
        context: &Context<'_>,
    ) -> Result<Self, Unspecified> {
        let (exponent, context) = ([size.exponent()], context.encoded());
        let derived = Derived::of(data_key, &info(&exponent, salt, &context))?;
        Ok(Self { derived })
    }

    /// The same for a stream that is there, if it commits to this key.
    pub(super) fn committed(
        data_key: &DataKey,
        size: ChunkSize,
        (salt, commitment): (&[u8; SALT], &[u8; COMMITMENT]),
        context: &Context<'_>,
    ) -> Result<Self, OpenError> {
        let (exponent, context) = ([size.exponent()], context.encoded());
        let info = info(&exponent, salt, &context);
        Ok(Self { derived: Derived::committed(data_key, &info, commitment)? })
    }

    pub(super) fn commitment(&self) -> &[u8; COMMITMENT] {
        &self.derived.commitment
    }

    /// Encrypts a chunk in place. No other chunk of this stream is at the same position.
    pub(super) fn seal(
        &self,
        position: Position,
        chunk: &mut [u8],
    ) -> Result<[u8; TAG], Unspecified> {
        self.derived.key.seal(position.nonce(), &self.derived.commitment, chunk)
    }

    /// Decrypts a chunk, whose tag is behind it, in place. What is refused is overwritten.
    pub(super) fn open<'a>(
        &self,
        position: Position,
        chunk: &'a mut [u8],
    ) -> Result<&'a mut [u8], Unspecified> {
        self.derived.key.open(position.nonce(), &self.derived.commitment, chunk)
    }
}

impl fmt::Debug for StreamKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StreamKey(…)")
    }
}

// === impl Position ===

impl Position {
    /// The number in eleven bytes, and one that says whether it is the last.
    fn nonce(self) -> [u8; NONCE] {
        let (number, end) = match self {
            Self::Inner(number) => (number, 0),
            Self::Last(number) => (number, 1),
        };
        let [_, _, _, _, nonce @ ..] = ((u128::from(number) << 8) | end).to_be_bytes();
        nonce
    }
}

/// What the key and the commitment are of, beside the data key. What comes before the context has one length.
fn info<'a>(exponent: &'a [u8; 1], salt: &'a [u8; SALT], context: &'a [u8]) -> [&'a [u8]; 5] {
    [LABEL, &MARK, exponent, salt, context]
}
