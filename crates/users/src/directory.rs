//! Who keeps the users.

use std::{error, fmt, sync::Arc};

use palisade_core::{BoxFuture, Identity, Moment};

use crate::User;

/// Knows which users exist: a database, another service, or [`Users`](crate::Users) in memory.
///
/// What takes time goes behind a [`CachedDirectory`](crate::CachedDirectory).
pub trait UserDirectory {
    /// Finds the user that `who` is, by its issuer, subject and kind alone: the rest is the credential's word.
    ///
    /// `now` is when the request arrived. It must not block, and what it gives to wait for must come to an end: give it a
    /// deadline.
    fn find(&self, who: &Identity, now: Moment) -> Lookup;
}

/// What a directory knows of someone: none if there is no such user.
pub type Answer = Result<Option<User>, DirectoryError>;

/// What a directory says at once.
#[expect(clippy::exhaustive_enums, reason = "it is known, or it is not known yet")]
pub enum Lookup {
    /// The answer.
    Known(Answer),
    /// The answer is yet to come.
    Wait(BoxFuture<Answer>),
}

/// Why a directory does not answer. For the log alone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DirectoryError {
    reason: Arc<str>,
}

// === impl UserDirectory ===

impl<D: UserDirectory + ?Sized> UserDirectory for Arc<D> {
    fn find(&self, who: &Identity, now: Moment) -> Lookup {
        (**self).find(who, now)
    }
}

// === impl Lookup ===

impl fmt::Debug for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(answer) => f.debug_tuple("Known").field(answer).finish(),
            Self::Wait(_) => f.write_str("Wait"),
        }
    }
}

// === impl DirectoryError ===

impl DirectoryError {
    /// Says why. It never reaches a client.
    #[must_use]
    pub fn new(reason: impl Into<Arc<str>>) -> Self {
        Self { reason: reason.into() }
    }
}

impl fmt::Display for DirectoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl error::Error for DirectoryError {}
