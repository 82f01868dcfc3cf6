//! Which user is meant.

use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
};

use palisade_core::{Identity, IdentityKind};

/// Names a user: a subject, and who vouches for it, both byte for byte. Subjects of two issuers are two users. Cheap to
/// clone.
#[derive(Clone)]
pub struct UserId {
    /// Its issuer and its subject alone count.
    identity: Identity,
}

// === impl UserId ===

impl UserId {
    /// Names the user with this subject for whom no issuer vouches.
    #[must_use]
    pub fn new(subject: impl Into<Box<str>>) -> Self {
        Self { identity: Identity::new(subject, IdentityKind::Jwt) }
    }

    /// Says who vouches for the subject: what tokens say in `iss`.
    #[must_use]
    pub fn issued_by(self, issuer: impl Into<Box<str>>) -> Self {
        Self { identity: self.identity.issued_by(issuer) }
    }

    /// Names the user who `identity` is.
    #[must_use]
    pub fn of(identity: &Identity) -> Self {
        let id = Self::new(identity.subject());
        match identity.issuer() {
            Some(issuer) => id.issued_by(issuer),
            None => id,
        }
    }

    /// The same without a copy: to look up, and not to keep, because roles and scopes come along.
    pub(crate) fn sharing(identity: &Identity) -> Self {
        Self { identity: identity.clone() }
    }

    /// The subject.
    #[must_use]
    pub fn subject(&self) -> &str {
        self.identity.subject()
    }

    /// Who vouches for the subject.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.identity.issuer()
    }

    pub(crate) fn is(&self, identity: &Identity) -> bool {
        self.issuer() == identity.issuer() && self.subject() == identity.subject()
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }
}

impl PartialEq for UserId {
    fn eq(&self, other: &Self) -> bool {
        self.is(&other.identity)
    }
}

impl Eq for UserId {}

/// By issuer, then by subject: those for whom no issuer vouches come first.
impl Ord for UserId {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.issuer(), self.subject()).cmp(&(other.issuer(), other.subject()))
    }
}

impl PartialOrd for UserId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for UserId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.issuer().hash(state);
        self.subject().hash(state);
    }
}

impl fmt::Debug for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserId")
            .field("issuer", &self.issuer())
            .field("subject", &self.subject())
            .finish()
    }
}
