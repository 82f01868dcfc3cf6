//! Takes a person out of a record, and leaves the chain as it was.

use crate::{Action, Part, PartState, Person, Record, Target};

// === impl Record ===

impl Record {
    /// Erases one part, with the salt that could tell what it was. Whether there was something to erase: that counts for
    /// [`Event::erasure`](crate::Event::erasure).
    ///
    /// The words of a record that itself tells of an erasure stay: they say how much is missing, and no name.
    pub fn erase(&mut self, part: Part) -> bool {
        let is_kept = part == Part::Words && self.action == Action::ERASED.as_str();
        if is_kept || self.part(part) != PartState::Whole {
            return false;
        }
        match part {
            Part::Actor => {
                self.actor_salt = None;
                self.actor_subject = None;
                self.actor_address = None;
                self.actor_user_agent = None;
            }
            Part::OnBehalfOf => {
                self.behalf_salt = None;
                self.behalf_subject = None;
            }
            Part::Target => {
                self.target_salt = None;
                self.target_id = None;
            }
            Part::Words => {
                self.words_salt = None;
                self.reason = None;
                self.details = None;
            }
        }
        true
    }

    /// Erases the parts that are about `person`, and says how many those were. Others whom the record names stay.
    ///
    /// Words are in nobody's name: where they may tell of him, [`erase`](Self::erase) them as well.
    pub fn erase_person(&mut self, person: &Person) -> u64 {
        Part::ALL
            .into_iter()
            .map(|part| u64::from(self.names(part, person) && self.erase(part)))
            .sum()
    }

    /// Whether a part is about `person`, as far as its columns still say.
    #[must_use]
    pub fn names(&self, part: Part, person: &Person) -> bool {
        let (issuer, subject) = match part {
            Part::Actor => (&self.actor_issuer, &self.actor_subject),
            Part::OnBehalfOf => (&self.behalf_issuer, &self.behalf_subject),
            Part::Target if self.target_kind.as_deref() == Some(Target::USER) => {
                (&self.target_issuer, &self.target_id)
            }
            Part::Target | Part::Words => return false,
        };
        person.is(issuer.as_deref(), subject.as_deref())
    }
}
