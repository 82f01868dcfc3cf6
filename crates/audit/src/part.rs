//! The parts of a record that can be erased, each for itself.

use std::fmt;

use crate::{Hash, Record, Salt, canonical::Canonical};

/// A part of a record that can be erased without the others: each may be about somebody else.
///
/// The chain covers its seal alone, the SHA-256 of a random salt and the part. Where salt and part are gone, the seal says nothing
/// about them, and the record still is what it was.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "another part would be another format")]
pub enum Part {
    /// Who acted, from where, by what program.
    Actor,
    /// In whose name.
    OnBehalfOf,
    /// To whom or what.
    Target,
    /// Why, and what else there is to know.
    Words,
}

/// What is left of a part.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "there is no fifth")]
pub enum PartState {
    /// The event had none.
    Absent,
    /// It is as it was recorded.
    Whole,
    /// It is gone, and whoever erased it left nothing of it.
    Erased,
    /// It is not what was recorded.
    Altered,
}

/// The columns of a part.
#[derive(Clone, Copy)]
pub(crate) struct Columns<'r> {
    pub(crate) seal: Option<Hash>,
    pub(crate) salt: Option<Salt>,
    pub(crate) values: [Option<&'r str>; 3],
}

// === impl Part ===

impl Part {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Actor, Self::OnBehalfOf, Self::Target, Self::Words];

    /// The word for it, in reports and in what is digested.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Actor => "actor",
            Self::OnBehalfOf => "on-behalf-of",
            Self::Target => "target",
            Self::Words => "words",
        }
    }

    /// What the chain knows of a part with these values.
    pub(crate) fn seal(self, salt: &Salt, values: [Option<&str>; 3]) -> Hash {
        let sealed = Canonical::new(self.as_str()).fixed(salt.as_bytes());
        values.into_iter().fold(sealed, Canonical::text).finish()
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

// === impl Columns ===

impl Columns<'_> {
    pub(crate) fn has_values(&self) -> bool {
        self.values.iter().any(Option::is_some)
    }

    fn state(&self, part: Part) -> PartState {
        match (self.seal, self.salt) {
            (None, None) if !self.has_values() => PartState::Absent,
            (Some(_), None) if !self.has_values() => PartState::Erased,
            (Some(seal), Some(salt)) if part.seal(&salt, self.values) == seal => PartState::Whole,
            _ => PartState::Altered,
        }
    }
}

impl Record {
    /// What is left of a part.
    #[must_use]
    pub fn part(&self, part: Part) -> PartState {
        self.columns(part).state(part)
    }

    /// The columns of a part, in the order in which they are digested.
    pub(crate) fn columns(&self, part: Part) -> Columns<'_> {
        let (seal, salt, values) = match part {
            Part::Actor => (
                self.actor_seal,
                self.actor_salt,
                [&self.actor_subject, &self.actor_address, &self.actor_user_agent],
            ),
            Part::OnBehalfOf => {
                (self.behalf_seal, self.behalf_salt, [&self.behalf_subject, &None, &None])
            }
            Part::Target => (self.target_seal, self.target_salt, [&self.target_id, &None, &None]),
            Part::Words => (self.words_seal, self.words_salt, [&self.reason, &self.details, &None]),
        };
        Columns { seal, salt, values: values.map(Option::as_deref) }
    }
}
