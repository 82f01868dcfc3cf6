//! What was taken back, for who keeps it and tells other processes.

use std::time::SystemTime;

use palisade_core::TokenDigest;

use crate::UserId;

/// What was taken back from a user, and until when that matters: for who keeps it, so that a restart does not forget it, and tells
/// other processes, which [take it over](crate::Revocations::take_over).
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Revocation {
    /// From whom.
    pub user: UserId,
    /// What.
    pub what: Revoked,
    /// When it can be forgotten, because what was taken back has ended by itself.
    pub ends: SystemTime,
}

/// What was taken back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "whoever keeps it must keep all of it")]
pub enum Revoked {
    /// One token.
    Token {
        /// The SHA-256 of its text; of a token that has a twin, the lesser of both.
        digest: TokenDigest,
        /// When it says that it was issued.
        issued: Option<SystemTime>,
    },
    /// All tokens that were issued by then.
    IssuedUntil(SystemTime),
}

// === impl Revocation ===

impl Revocation {
    /// What was taken back from `user`, which matters until it `ends`.
    #[must_use]
    pub fn new(user: UserId, what: Revoked, ends: SystemTime) -> Self {
        Self { user, what, ends }
    }
}
