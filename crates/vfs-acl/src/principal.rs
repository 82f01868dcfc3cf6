//! Whom a rule is about, and who is asking.

use std::fmt;

use palisade_core::Identity;

/// Whom a rule is about. Names are compared byte for byte: `Alice` is not `alice`, whatever a database thinks.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Principal {
    /// The user with this subject, whoever vouches for it: for services that trust one issuer.
    User(Box<str>),
    /// The user with this subject of this issuer. Subjects of two issuers are two users.
    UserOf {
        /// Who must vouch for the subject.
        issuer: Box<str>,
        /// The subject.
        subject: Box<str>,
    },
    /// Whoever has this role.
    Role(Box<str>),
    /// Whoever acts for this organisation.
    Organisation(Box<str>),
    /// Everybody, also without an identity.
    Anyone,
}

/// The organisation a request acts for, attached to the [context](palisade_core::SecurityContext::attach) by the layer
/// that proved the caller's membership. A header alone proves nothing.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Organisation(Box<str>);

/// Who is asking: an identity or nobody, and the organisation it acts for.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'a> {
    who: Who<'a>,
    organisation: Option<&'a str>,
}

/// Where the facts about a caller come from.
#[derive(Clone, Copy, Debug)]
enum Who<'a> {
    Nobody,
    Identity(&'a Identity),
    /// Nobody but one of these: for asking what a principal may by itself.
    Principal(&'a Principal),
}

// === impl Principal ===

impl Principal {
    /// The user with this subject, whoever vouches for it.
    pub fn user(subject: impl Into<Box<str>>) -> Self {
        Self::User(subject.into())
    }

    /// The user with this subject of this issuer.
    pub fn user_of(issuer: impl Into<Box<str>>, subject: impl Into<Box<str>>) -> Self {
        Self::UserOf { issuer: issuer.into(), subject: subject.into() }
    }

    /// Whoever has this role.
    pub fn role(name: impl Into<Box<str>>) -> Self {
        Self::Role(name.into())
    }

    /// Whoever acts for this organisation.
    pub fn organisation(name: impl Into<Box<str>>) -> Self {
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

// === impl Caller ===

impl<'a> Caller<'a> {
    /// Somebody without an identity.
    pub const ANONYMOUS: Caller<'static> = Caller { who: Who::Nobody, organisation: None };

    /// Says for which organisation the caller acts, once the membership is proven.
    #[must_use]
    pub fn acting_for(mut self, organisation: &'a str) -> Self {
        self.organisation = Some(organisation);
        self
    }

    /// Whether there is no identity.
    pub fn is_anonymous(&self) -> bool {
        matches!(self.who, Who::Nobody)
    }

    pub(crate) fn just(principal: &'a Principal) -> Self {
        Self { who: Who::Principal(principal), organisation: None }
    }

    pub(crate) fn subject(&self) -> Option<&'a str> {
        match self.who {
            Who::Identity(identity) => Some(identity.subject()),
            Who::Principal(Principal::User(subject) | Principal::UserOf { subject, .. }) => {
                Some(subject)
            }
            _ => None,
        }
    }

    pub(crate) fn issuer(&self) -> Option<&'a str> {
        match self.who {
            Who::Identity(identity) => identity.issuer(),
            Who::Principal(Principal::UserOf { issuer, .. }) => Some(issuer),
            _ => None,
        }
    }

    pub(crate) fn roles(&self) -> impl Iterator<Item = &'a str> {
        let (identity, role) = match self.who {
            Who::Identity(identity) => (Some(identity), None),
            Who::Principal(Principal::Role(role)) => (None, Some(&**role)),
            _ => (None, None),
        };
        identity.into_iter().flat_map(Identity::roles).chain(role)
    }

    pub(crate) fn organisation(&self) -> Option<&'a str> {
        match self.who {
            Who::Principal(Principal::Organisation(name)) => Some(name),
            _ => self.organisation,
        }
    }
}

impl<'a> From<&'a Identity> for Caller<'a> {
    fn from(identity: &'a Identity) -> Self {
        Self { who: Who::Identity(identity), organisation: None }
    }
}

impl<'a> From<Option<&'a Identity>> for Caller<'a> {
    fn from(identity: Option<&'a Identity>) -> Self {
        identity.map_or(Self::ANONYMOUS, Self::from)
    }
}

impl fmt::Display for Caller<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.who {
            Who::Nobody => f.write_str("somebody without an identity")?,
            Who::Identity(identity) => write!(f, "user `{}`", identity.subject().escape_debug())?,
            Who::Principal(principal) => principal.fmt(f)?,
        }
        match self.organisation {
            Some(name) => write!(f, " of organisation `{}`", name.escape_debug()),
            None => Ok(()),
        }
    }
}
