//! A sealed value as it is stored.

use std::fmt;

use crate::{KeyVersion, OpenError, SealError, Wrapped};

/// The longest wrapped key, in bytes: the longest that AWS KMS answers with.
pub const MAX_WRAPPED: usize = 6144;

/// What every sealed value begins with: a mark, and the number of the format.
pub(crate) const MARK: [u8; 5] = *b"PSVT\x01";

/// The mark, the version, and the length of the wrapped key.
pub(crate) const LEAST_HEAD: usize = MARK.len() + 4 + 2;

/// The nonce, the commitment and the tag.
const LEAST_PAYLOAD: usize = 12 + 32 + 16;

/// A sealed value as it is stored, in a column `bytea` or `blob`.
///
/// Any bytes can be made one: the vault judges them when it opens them, so that what is not even written like a sealed value
/// is told with its place.
#[derive(Clone, Eq, PartialEq)]
pub struct Sealed {
    bytes: Vec<u8>,
}

/// What a sealed value, or the header of a stream, consists of.
#[derive(Clone, Copy)]
pub(crate) struct Parts<'a> {
    pub(crate) version: KeyVersion,
    pub(crate) wrapped: &'a [u8],
    /// All that does not change when the data key is wrapped again.
    pub(crate) payload: &'a [u8],
}

// === impl Sealed ===

impl Sealed {
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

    /// The version of the key that it says it is under, if it is written like a sealed value. Nothing is verified yet.
    #[must_use]
    pub fn key_version(&self) -> Option<KeyVersion> {
        self.parts().ok().map(|parts| parts.version)
    }

    pub(crate) fn parts(&self) -> Result<Parts<'_>, OpenError> {
        Parts::read(&self.bytes, MARK, LEAST_PAYLOAD).ok_or(OpenError::Malformed)
    }
}

impl From<Vec<u8>> for Sealed {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes }
    }
}

impl From<&[u8]> for Sealed {
    fn from(bytes: &[u8]) -> Self {
        Self { bytes: bytes.to_vec() }
    }
}

impl AsRef<[u8]> for Sealed {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Sealed");
        shown.field("key_version", &self.key_version());
        shown.field("bytes", &self.bytes.len()).finish_non_exhaustive()
    }
}

// === impl Parts ===

impl<'a> Parts<'a> {
    /// Reads what begins with `mark`, and has `least` bytes or more behind the wrapped key.
    pub(crate) fn read(bytes: &'a [u8], mark: [u8; 5], least: usize) -> Option<Self> {
        let rest = bytes.strip_prefix(&mark)?;
        let (version, rest) = rest.split_first_chunk::<4>()?;
        let (length, rest) = rest.split_first_chunk::<2>()?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (wrapped, payload) = rest.split_at_checked(length)?;
        let version = KeyVersion::new(u32::from_be_bytes(*version))?;
        let fits = (1..=MAX_WRAPPED).contains(&length) && payload.len() >= least;
        fits.then_some(Self { version, wrapped, payload })
    }

    /// Writes the head, if a reader would take the wrapped key. Room is left for `more` bytes.
    pub(crate) fn head(
        mark: [u8; 5],
        wrapped: &Wrapped,
        more: usize,
    ) -> Result<Vec<u8>, SealError> {
        let Wrapped { version, bytes: key } = wrapped;
        let length = u16::try_from(key.len()).ok();
        let fits = length.filter(|_| (1..=MAX_WRAPPED).contains(&key.len()));
        let length = fits.ok_or_else(|| {
            SealError::Unavailable("the wrapped key is empty, or too long".into())
        })?;
        let room = more.saturating_add(key.len()).saturating_add(LEAST_HEAD);
        let mut bytes = Vec::with_capacity(room);
        bytes.extend_from_slice(&mark);
        bytes.extend_from_slice(&version.number().to_be_bytes());
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(key);
        Ok(bytes)
    }
}
