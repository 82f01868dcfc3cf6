//! Why a value was not sealed, or not opened.

use std::error::Error;

use aws_lc_rs::error::Unspecified;
use thiserror::Error;

use crate::{KeyVersion, ProviderError};

/// Why a value was not opened. Nothing of it was given away.
///
/// But for [`Unavailable`](Self::Unavailable), each is an event of the security log, and a reason to look at the row: do not
/// show the old value, do not write over it, and keep it aside.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// It is not written like a sealed value.
    #[error("it is not written like a sealed value")]
    Malformed,
    /// It was changed, or sealed for another place, purpose or revision.
    #[error("it was changed, or sealed for another place, purpose or revision")]
    Tampered,
    /// Nobody has the key it says it is under.
    #[error("its key, version {version}, is not there")]
    UnknownKey {
        /// The version that it says.
        version: KeyVersion,
    },
    /// The key it says it is under is too old to be believed.
    #[error("its key, version {version}, is below the minimum, {minimum}")]
    BelowMinimum {
        /// The version that it says.
        version: KeyVersion,
        /// The oldest that counts.
        minimum: KeyVersion,
    },
    /// Who keeps the keys does not answer. That says nothing about the value: try again.
    #[error("who keeps the keys does not answer")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
}

/// Why a value was not sealed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SealError {
    /// It is longer than [`MAX_PLAINTEXT`](crate::MAX_PLAINTEXT).
    #[error("a value of {length} bytes is too long: {most} at most")]
    TooLong {
        /// How many bytes it has.
        length: usize,
        /// How many it may have.
        most: usize,
    },
    /// A stream is longer than [`StreamShape::MAX_LENGTH`](crate::StreamShape::MAX_LENGTH).
    #[error("a stream has {most} bytes at most")]
    StreamTooLong {
        /// How many bytes it may have.
        most: u64,
    },
    /// A chunk is not as long as chunks of its stream are. Nothing of it was sealed.
    #[error("a chunk of {length} bytes: all have {due}, the last one at least 1")]
    ChunkLength {
        /// How many bytes it has.
        length: usize,
        /// How many chunks of this stream have.
        due: usize,
    },
    /// Who keeps the keys does not answer, or with nothing that can be used. Try again.
    #[error("who keeps the keys does not answer")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// The cryptographic library does nothing: the system has no random bytes, or no memory.
    #[error("the cryptographic library does nothing")]
    Library,
}

/// Why a value was not wrapped or sealed again. It is as it was.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RewrapError {
    /// It was not opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It was not sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
}

// === impl OpenError ===

impl OpenError {
    /// What `error` says about a value under the key `version`.
    pub(crate) fn of(error: ProviderError, version: KeyVersion) -> Self {
        match error {
            ProviderError::Refused => Self::Tampered,
            ProviderError::UnknownKey => Self::UnknownKey { version },
            ProviderError::Unavailable(source) => Self::Unavailable(source),
        }
    }
}

// === impl SealError ===

impl From<Unspecified> for SealError {
    fn from(_: Unspecified) -> Self {
        Self::Library
    }
}

impl From<ProviderError> for SealError {
    fn from(error: ProviderError) -> Self {
        match error {
            ProviderError::Unavailable(source) => Self::Unavailable(source),
            error @ (ProviderError::Refused | ProviderError::UnknownKey) => {
                Self::Unavailable(Box::new(error))
            }
        }
    }
}
