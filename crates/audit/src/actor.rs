//! Who acted, and from where.

use std::net::IpAddr;

use palisade_core::{Identity, IdentityKind};

use crate::{
    Person,
    plain::{NAME, plain},
};

/// Who acted, and from where: one part of a record, which can be erased.
#[derive(Clone, Debug)]
pub struct Actor {
    pub(crate) kind: ActorKind,
    pub(crate) person: Option<Person>,
    pub(crate) address: Option<IpAddr>,
    pub(crate) user_agent: Option<String>,
}

/// What sort of actor it is. This stays when the rest is erased.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ActorKind {
    /// A person who proved who he is.
    User,
    /// A program with an API key.
    ApiKey,
    /// Somebody on the machine itself, by its command line.
    Operator,
    /// The program by itself: a timer, a rule.
    System,
    /// Nobody knows: a log-in that failed.
    Anonymous,
}

// === impl Actor ===

impl Actor {
    /// Somebody of this kind.
    #[must_use]
    pub const fn new(kind: ActorKind) -> Self {
        Self { kind, person: None, address: None, user_agent: None }
    }

    /// The one whose credential was verified.
    #[must_use]
    pub fn of(identity: &Identity) -> Self {
        let kind = match identity.kind() {
            IdentityKind::ApiKey => ActorKind::ApiKey,
            _ => ActorKind::User,
        };
        Self::new(kind).person(identity.into())
    }

    /// The program by itself.
    #[must_use]
    pub const fn system() -> Self {
        Self::new(ActorKind::System)
    }

    /// Says who it is.
    #[must_use]
    pub fn person(self, person: Person) -> Self {
        Self { person: Some(person), ..self }
    }

    /// Says from which address.
    #[must_use]
    pub fn address(self, address: IpAddr) -> Self {
        Self { address: Some(address), ..self }
    }

    /// Says by what program, by its own word: 512 bytes of it.
    #[must_use]
    pub fn user_agent(self, user_agent: &str) -> Self {
        Self { user_agent: Some(plain(user_agent, NAME)), ..self }
    }
}

// === impl ActorKind ===

impl ActorKind {
    /// The word in the record.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::ApiKey => "api-key",
            Self::Operator => "operator",
            Self::System => "system",
            Self::Anonymous => "anonymous",
        }
    }
}
