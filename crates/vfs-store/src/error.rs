//! Why an object was not written, or not read.

use std::error::Error;

use palisade_vault::{OpenError, SealError};
use thiserror::Error;

/// Any cause.
pub(crate) type Cause = Box<dyn Error + Send + Sync>;

/// Why an object was not read. No byte was given out that was not written there.
///
/// What it displays can be told to clients; causes are for the log.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The storage has something else than what was written: changed, moved, cut off, or put in its place. The security log
    /// was told, once.
    #[error("the object is damaged")]
    Tampered,
    /// The storage does not have it, though it was written. The security log was told, once.
    #[error("the object is gone")]
    Missing,
    /// The storage, or who keeps the keys, does not answer. That says nothing about the object: try again.
    #[error("the storage does not answer")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
}

/// Why an object was not written. Nothing of it is to be seen in the storage.
///
/// What it displays can be told to clients; causes are for the log.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum WriteError {
    /// There were more bytes than are allowed.
    #[error("more than {limit} bytes")]
    TooLarge {
        /// How many are allowed.
        limit: u64,
    },
    /// The bytes ended with an error: who sent them went away.
    #[error("the content ended early")]
    Body(#[source] Box<dyn Error + Send + Sync>),
    /// The storage, or who keeps the keys, does not answer, or is full. Try again.
    #[error("the storage does not answer")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
}

/// Why an object was not wrapped again. It is as it was.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RewrapError {
    /// It was not read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It was not written.
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Why what nobody knows was not removed. What was removed until then is.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SweepError {
    /// The storage does not answer.
    #[error("the storage does not answer")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// Who knows the objects does not answer.
    #[error("the index of objects does not answer")]
    Index(#[source] Box<dyn Error + Send + Sync>),
}

// === impl ReadError ===

impl From<OpenError> for ReadError {
    /// The vault has told the security log.
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Unavailable(cause) => Self::Unavailable(cause),
            _ => Self::Tampered,
        }
    }
}

// === impl WriteError ===

impl WriteError {
    pub(crate) fn unavailable(cause: impl Into<Cause>) -> Self {
        Self::Unavailable(cause.into())
    }
}

impl From<SealError> for WriteError {
    fn from(error: SealError) -> Self {
        match error {
            SealError::StreamTooLong { most } => Self::TooLarge { limit: most },
            error => Self::unavailable(error),
        }
    }
}

impl From<object_store::Error> for WriteError {
    fn from(error: object_store::Error) -> Self {
        Self::unavailable(error)
    }
}

impl From<palisade_vault::RewrapError> for RewrapError {
    fn from(error: palisade_vault::RewrapError) -> Self {
        match error {
            palisade_vault::RewrapError::Open(error) => Self::Read(error.into()),
            palisade_vault::RewrapError::Seal(error) => Self::Write(error.into()),
            error => Self::Write(WriteError::unavailable(error)),
        }
    }
}
