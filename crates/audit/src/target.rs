//! To whom or what it was done.

use crate::{
    Person,
    plain::{NAME, WORD, plain},
};

/// To whom or what something was done: one part of a record, which can be erased, but for its kind and issuer.
#[derive(Clone, Debug)]
pub struct Target {
    pub(crate) kind: String,
    pub(crate) issuer: Option<String>,
    pub(crate) id: String,
}

// === impl Target ===

impl Target {
    /// The kind of a target that is a person.
    pub(crate) const USER: &str = "user";

    /// Something of a `kind`, such as `address` or `api-key`, with its name. Never give it a secret: the digest of a token, and not
    /// the token.
    #[must_use]
    pub fn new(kind: &str, id: &str) -> Self {
        Self { kind: plain(kind, WORD), issuer: None, id: plain(id, NAME) }
    }

    /// A person, of the kind `user`: he can be erased from the record.
    #[must_use]
    pub fn person(person: Person) -> Self {
        Self { kind: Self::USER.to_owned(), issuer: person.issuer, id: person.subject }
    }
}
