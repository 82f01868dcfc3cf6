//! Who is asking.

use std::fmt;

use palisade_core::Identity;

use crate::Principal;

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

/// A caller who asks again later.
#[derive(Clone, Debug)]
pub(crate) struct Asking {
    who: Asker,
    organisation: Option<Box<str>>,
}

#[derive(Clone, Debug)]
enum Asker {
    Nobody,
    Identity(Identity),
    Principal(Principal),
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

// === impl Asking ===

impl Asking {
    /// Who it is.
    pub(crate) fn caller(&self) -> Caller<'_> {
        let who = match &self.who {
            Asker::Nobody => Who::Nobody,
            Asker::Identity(identity) => Who::Identity(identity),
            Asker::Principal(principal) => Who::Principal(principal),
        };
        Caller { who, organisation: self.organisation.as_deref() }
    }
}

impl From<Caller<'_>> for Asking {
    fn from(caller: Caller<'_>) -> Self {
        let who = match caller.who {
            Who::Nobody => Asker::Nobody,
            Who::Identity(identity) => Asker::Identity(identity.clone()),
            Who::Principal(principal) => Asker::Principal(principal.clone()),
        };
        Self { who, organisation: caller.organisation.map(Into::into) }
    }
}
