//! Whom a rule is about.

use std::{fmt, sync::Arc};

use crate::Caller;

/// Whom a rule is about. Names are compared byte for byte: `Alice` is not `alice`, whatever a database thinks. Cheap to clone.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Principal {
    /// The user with this subject, whoever vouches for it: for services that trust one issuer.
    User(Arc<str>),
    /// The user with this subject of this issuer. Subjects of two issuers are two users.
    UserOf {
        /// Who must vouch for the subject.
        issuer: Arc<str>,
        /// The subject.
        subject: Arc<str>,
    },
    /// Whoever has this role.
    Role(Arc<str>),
    /// Whoever acts for this organisation.
    Organisation(Arc<str>),
    /// Everybody, also without an identity.
    Anyone,
}

/// The organisation a request acts for, attached to the [context](palisade_core::SecurityContext::attach) by the layer
/// that proved the caller's membership. A header alone proves nothing.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Organisation(Box<str>);

// === impl Principal ===

impl Principal {
    /// The user with this subject, whoever vouches for it.
    pub fn user(subject: impl Into<Arc<str>>) -> Self {
        Self::User(subject.into())
    }

    /// The user with this subject of this issuer.
    pub fn user_of(issuer: impl Into<Arc<str>>, subject: impl Into<Arc<str>>) -> Self {
        Self::UserOf { issuer: issuer.into(), subject: subject.into() }
    }

    /// Whoever has this role.
    pub fn role(name: impl Into<Arc<str>>) -> Self {
        Self::Role(name.into())
    }

    /// Whoever acts for this organisation.
    pub fn organisation(name: impl Into<Arc<str>>) -> Self {
        Self::Organisation(name.into())
    }

    /// Whether `caller` is meant.
    pub(crate) fn includes(&self, caller: &Caller<'_>) -> bool {
        match self {
            Self::User(subject) => caller.subject() == Some(&**subject),
            Self::UserOf { issuer, subject } => {
                caller.subject() == Some(&**subject) && caller.issuer() == Some(&**issuer)
            }
            Self::Role(role) => caller.roles().any(|own| own == &**role),
            Self::Organisation(name) => caller.organisation() == Some(&**name),
            Self::Anyone => true,
        }
    }

    /// Whether it names somebody.
    pub(crate) fn names_somebody(&self) -> bool {
        match self {
            Self::User(name) | Self::Role(name) | Self::Organisation(name) => !name.is_empty(),
            Self::UserOf { issuer, subject } => !issuer.is_empty() && !subject.is_empty(),
            Self::Anyone => true,
        }
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(subject) => write!(f, "user `{}`", subject.escape_debug()),
            Self::UserOf { issuer, subject } => {
                write!(f, "user `{}` of `{}`", subject.escape_debug(), issuer.escape_debug())
            }
            Self::Role(name) => write!(f, "role `{}`", name.escape_debug()),
            Self::Organisation(name) => write!(f, "organisation `{}`", name.escape_debug()),
            Self::Anyone => f.write_str("anyone"),
        }
    }
}

// === impl Organisation ===

impl Organisation {
    /// Names it.
    pub fn new(name: impl Into<Box<str>>) -> Self {
        Self(name.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
