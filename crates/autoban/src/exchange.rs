//! Violations and bans that instances share: what is told to a store outside of this process.

use std::{fmt, sync::Arc, time::SystemTime};

use palisade_core::{IpKey, TokenDigest, ViolationKind};

use crate::Ban;

/// Is told what happens here, so that other instances hear of it; `palisade-redis` has one. What the others say comes
/// back through `AutoBan::apply` and `AutoBan::convict`.
///
/// Both are called while a request waits: they must not block, and have a bound on what they keep.
pub trait BanExchange: fmt::Debug + Send + Sync + 'static {
    /// A violation was counted here. It may be the one too many for all instances together.
    fn violated(&self, violation: &Violation);

    /// A ban came into force here, or was lifted. Not called for what `AutoBan::apply` did.
    fn changed(&self, change: &BanChange);
}

/// One violation of one offender.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Violation {
    /// Who answers for it.
    pub target: BanTarget,
    /// What it was.
    pub kind: ViolationKind,
    /// What it counts.
    pub weight: u32,
    /// When it was.
    pub at: SystemTime,
}

/// Whom a ban is for.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum BanTarget {
    /// An address, or an IPv6 network.
    Ip(IpKey),
    /// A user.
    User(BannedUser),
    /// A token, by its digest.
    Token(TokenDigest),
}

/// A user as a ban names him.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub struct BannedUser {
    /// Who vouches for the subject; if there is none, the ban is for the subject of every issuer.
    pub issuer: Option<Arc<str>>,
    /// The subject, byte for byte.
    pub subject: Arc<str>,
}

/// A ban that came into force or was lifted.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct BanChange {
    /// Whom it is for.
    pub target: BanTarget,
    /// The ban; none if it was lifted.
    pub ban: Option<Ban>,
    /// When it came into force or was lifted.
    pub at: SystemTime,
}

// === impl Violation ===

impl Violation {
    /// A violation of `target`.
    #[must_use]
    pub fn new(target: BanTarget, kind: ViolationKind, weight: u32, at: SystemTime) -> Self {
        Self { target, kind, weight, at }
    }
}

// === impl BanChange ===

impl BanChange {
    /// `target` was banned at `at`, or, without a ban, let off.
    #[must_use]
    pub fn new(target: BanTarget, ban: Option<Ban>, at: SystemTime) -> Self {
        Self { target, ban, at }
    }
}

// === impl BannedUser ===

impl BannedUser {
    /// The subject of an issuer, or of every one.
    pub fn new(issuer: Option<&str>, subject: &str) -> Self {
        Self { issuer: issuer.map(Into::into), subject: subject.into() }
    }
}
