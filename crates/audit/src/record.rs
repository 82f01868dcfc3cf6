//! One line of the log, as tables and files keep it.

use serde::{Deserialize, Serialize};

use crate::{Action, Hash, Head, Salt, canonical::Canonical};

/// One line of the log: a field for each column of a table, and each member of a line of JSON.
///
/// It is what a store keeps, as it stands there: [`Head::next`] makes a good one, and of one that comes from elsewhere nothing is known
/// before [`Verifier`](crate::Verifier) has seen it. There is no second copy of anything, so whatever is changed is found.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Its number, from 1, without gaps. What a database holds that is none is a 0 here.
    pub sequence: u64,
    /// When, by the clock of who wrote it: milliseconds since 1970, UTC. Of two records that with the higher number was written
    /// later, whatever their times say.
    pub time: i64,
    /// What was done: `ban.removed`.
    pub action: String,
    /// What became of it: `done`, `refused`, `failed`.
    pub outcome: String,
    /// Why it was refused or failed.
    pub code: Option<String>,
    /// By which request: 32 hexadecimal digits.
    pub request_id: Option<String>,
    /// What sort of actor: `user`, `api-key`, `operator`, `system`, `anonymous`.
    pub actor_kind: String,
    /// Who vouches for the actor.
    pub actor_issuer: Option<String>,
    /// What the chain knows of the three that follow.
    pub actor_seal: Option<Hash>,
    /// What they are hidden behind. Erased with them.
    pub actor_salt: Option<Salt>,
    /// Who acted. Can be erased.
    pub actor_subject: Option<String>,
    /// From where. Can be erased.
    pub actor_address: Option<String>,
    /// By what program, by its own word. Can be erased.
    pub actor_user_agent: Option<String>,
    /// Who vouches for the one in whose name.
    pub behalf_issuer: Option<String>,
    /// What the chain knows of him.
    pub behalf_seal: Option<Hash>,
    /// What he is hidden behind. Erased with him.
    pub behalf_salt: Option<Salt>,
    /// In whose name. Can be erased.
    pub behalf_subject: Option<String>,
    /// What sort of target: `user`, `address`.
    pub target_kind: Option<String>,
    /// Who vouches for the target, where it is a person.
    pub target_issuer: Option<String>,
    /// What the chain knows of its name.
    pub target_seal: Option<Hash>,
    /// What its name is hidden behind. Erased with it.
    pub target_salt: Option<Salt>,
    /// To whom or what. Can be erased.
    pub target_id: Option<String>,
    /// What the chain knows of the two that follow.
    pub words_seal: Option<Hash>,
    /// What they are hidden behind. Erased with them.
    pub words_salt: Option<Salt>,
    /// Why, by somebody's own word. Can be erased.
    pub reason: Option<String>,
    /// What else there is to know: a JSON object, kept as text. Can be erased.
    pub details: Option<String>,
    /// The hash of the record before, or the [`LogId`](crate::LogId) in the first one.
    pub previous: Hash,
    /// The hash of this record: of `previous`, and all that cannot be erased.
    pub hash: Hash,
}

/// The details of an erasure.
#[derive(Deserialize)]
struct Told {
    parts: u64,
}

// === impl Record ===

impl Record {
    /// What the next record follows.
    #[must_use]
    pub const fn head(&self) -> Head {
        Head::new(self.sequence, self.hash)
    }

    /// The hash that a record with this content has.
    pub(crate) fn digest(&self) -> Hash {
        Canonical::new("record")
            .fixed(self.previous.as_bytes())
            .text(Some(&self.sequence.to_string()))
            .text(Some(&self.time.to_string()))
            .text(Some(&self.action))
            .text(Some(&self.outcome))
            .text(self.code.as_deref())
            .text(self.request_id.as_deref())
            .text(Some(&self.actor_kind))
            .text(self.actor_issuer.as_deref())
            .hash(self.actor_seal.as_ref())
            .text(self.behalf_issuer.as_deref())
            .hash(self.behalf_seal.as_ref())
            .text(self.target_kind.as_deref())
            .text(self.target_issuer.as_deref())
            .hash(self.target_seal.as_ref())
            .hash(self.words_seal.as_ref())
            .finish()
    }

    /// How many parts this record says were erased: none, unless it tells of an erasure.
    pub(crate) fn parts_told(&self) -> u64 {
        if self.action != Action::ERASED.as_str() {
            return 0;
        }
        let told = self.details.as_deref().map(serde_json::from_str::<Told>);
        told.and_then(Result::ok).map_or(0, |told| told.parts)
    }
}
