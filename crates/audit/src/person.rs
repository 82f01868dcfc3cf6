//! Somebody whom a record is about.

use std::fmt;

use palisade_core::Identity;

use crate::plain::{NAME, plain};

/// Somebody whom a record is about, and who can be erased from it: a subject, and who vouches for it. Subjects of two issuers are two
/// people.
#[derive(Clone, Eq, PartialEq)]
pub struct Person {
    pub(crate) issuer: Option<String>,
    pub(crate) subject: String,
}

// === impl Person ===

impl Person {
    /// Names somebody whom nobody vouches for. A name of more than 512 bytes is kept as its beginning and a digest.
    #[must_use]
    pub fn new(subject: &str) -> Self {
        Self { issuer: None, subject: plain(subject, NAME) }
    }

    /// Says who vouches for the name.
    #[must_use]
    pub fn issued_by(self, issuer: &str) -> Self {
        Self { issuer: Some(plain(issuer, NAME)), ..self }
    }

    /// The subject, as records have it.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Who vouches for it, as records have it.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// Whether these are the columns of this person.
    pub(crate) fn is(&self, issuer: Option<&str>, subject: Option<&str>) -> bool {
        self.issuer() == issuer && Some(self.subject()) == subject
    }
}

impl From<&Identity> for Person {
    fn from(identity: &Identity) -> Self {
        let person = Self::new(identity.subject());
        identity.issuer().into_iter().fold(person, Self::issued_by)
    }
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Whoever erases a person must not write his name into another log.
        f.debug_struct("Person").field("issuer", &self.issuer).finish_non_exhaustive()
    }
}
