//! Violations and bans that instances share: what is told to a store outside of this process, and what comes back.

use std::{fmt, time::SystemTime};

use palisade_core::ViolationKind;

use crate::{Ban, BanTarget};

/// Is told what happens here, so that other instances hear of it; `palisade-redis` has one. What the others say comes
/// back through [`AutoBan::apply`](crate::AutoBan::apply) and [`AutoBan::convict`](crate::AutoBan::convict).
///
/// Both are called while a request waits: they must not block, and have a bound on what they keep.
pub trait BanExchange: fmt::Debug + Send + Sync + 'static {
    /// A violation was counted here. It may be the one too many for all instances together.
    fn violated(&self, violation: &Violation);

    /// A ban came into force here, or was lifted. Not called for what [`AutoBan::apply`](crate::AutoBan::apply) did, nor for
    /// a ban that came to its end.
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

/// A ban that came into force or was lifted.
///
/// As JSON it is `{"target":{…},"ban":{…},"at":"2026-01-01T00:00:00Z"}`, without a ban and maybe with `"by":"alice"` if it
/// was lifted. What is read is checked: a ban that names somebody else than the target is an error.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct BanChange {
    /// Whom it is for.
    pub target: BanTarget,
    /// The ban; none if it was lifted.
    pub ban: Option<Ban>,
    /// When it came into force or was lifted.
    pub at: SystemTime,
    /// Who lifted it, where that is known. Who banned stands in the ban.
    pub by: Option<Box<str>>,
}

/// What became of a change that another instance made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Applied {
    /// The ban is in force here too.
    Banned,
    /// The ban is lifted here too.
    Lifted,
    /// It changed nothing: it was known, is over, or something newer or longer holds.
    Unchanged,
    /// The address is protected here.
    Protected,
    /// There is no room for another ban.
    NoRoom,
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
        Self { target, ban, at, by: None }
    }

    /// Says who lifted it.
    #[must_use]
    pub fn by(mut self, who: impl Into<Box<str>>) -> Self {
        self.by = Some(who.into());
        self
    }

    /// Who made it, as far as it says.
    #[must_use]
    pub fn author(&self) -> Option<&str> {
        self.ban.as_ref().map(|ban| &*ban.by).or(self.by.as_deref())
    }
}
