//! Who keeps the keys: a ring in memory, or a KMS that has to be asked.

use std::{error::Error, fmt, pin::Pin};

use thiserror::Error;

use crate::{Context, DataKey, KeyVersion};

/// Wraps and unwraps data keys with keys that may be elsewhere: a KMS, an HSM, or a [`KeyRing`](crate::KeyRing).
///
/// Give each call a deadline: the vault waits for as long as it takes. Whatever a provider answers, a data key counts for a
/// value only if it is the one that the value commits to.
pub trait KeyProvider: Send + Sync {
    /// The version that new values are under. Those below it are wrapped again in a rotation.
    fn primary(&self) -> KeyVersion;

    /// The oldest version that counts.
    fn minimum(&self) -> KeyVersion {
        KeyVersion::FIRST
    }

    /// Wraps `key` under the primary key, bound to `context` and to its version.
    fn wrap_key<'a>(
        &'a self,
        key: &'a DataKey,
        context: &'a Context<'a>,
    ) -> ProviderFuture<'a, Wrapped>;

    /// Unwraps what [`wrap_key`](Self::wrap_key) gave for the same context under the key `version`.
    fn unwrap_key<'a>(
        &'a self,
        version: KeyVersion,
        wrapped: &'a [u8],
        context: &'a Context<'a>,
    ) -> ProviderFuture<'a, DataKey>;
}

/// What a provider will answer.
pub type ProviderFuture<'a, T> =
    Pin<Box<dyn Future<Output = Result<T, ProviderError>> + Send + 'a>>;

/// A data key that is wrapped, and the version of the key that did it.
#[derive(Clone, Eq, PartialEq)]
pub struct Wrapped {
    pub(crate) version: KeyVersion,
    pub(crate) bytes: Vec<u8>,
}

/// Why a provider does not wrap or unwrap.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ProviderError {
    /// There is no key of this version.
    #[error("there is no key of this version")]
    UnknownKey,
    /// What was to be unwrapped is not what was wrapped, or was for another context.
    #[error("the wrapped key is not authentic")]
    Refused,
    /// It does not answer.
    #[error("it does not answer")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
}

// === impl Wrapped ===

impl Wrapped {
    /// Some bytes, at most [`MAX_WRAPPED`](crate::MAX_WRAPPED), that `version` wrapped.
    #[must_use]
    pub fn new(version: KeyVersion, bytes: Vec<u8>) -> Self {
        Self { version, bytes }
    }
}

impl fmt::Debug for Wrapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wrapped").field("version", &self.version).finish_non_exhaustive()
    }
}

// === impl ProviderError ===

impl ProviderError {
    /// Says why it does not answer.
    pub fn unavailable(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unavailable(source.into())
    }
}
