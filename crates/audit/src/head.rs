//! The end of the log, and what comes after it.

use std::time::{SystemTime, UNIX_EPOCH};

use palisade_core::RequestId;

use crate::{Event, Hash, LogId, Part, Person, Record, Salt, Target, part::Columns};

/// The end of a log: the number and the hash of its last record. All that a store must know to add the next one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Head {
    sequence: u64,
    hash: Hash,
}

// === impl Head ===

impl Head {
    /// The end of a log that has no record yet.
    #[must_use]
    pub const fn empty(log: LogId) -> Self {
        Self::new(0, Hash::from_bytes(*log.as_bytes()))
    }

    /// The end of a log whose last record has this number and hash.
    #[must_use]
    pub const fn new(sequence: u64, hash: Hash) -> Self {
        Self { sequence, hash }
    }

    /// The number of the last record, 0 if there is none.
    #[must_use]
    pub const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The hash of the last record, or the name of the log if there is none.
    #[must_use]
    pub const fn hash(&self) -> Hash {
        self.hash
    }

    /// Makes the record of `event` that follows, for whoever keeps it. It is the next one only if nothing was added meanwhile: reading
    /// the head, this, and keeping the record are one transaction, alone.
    #[must_use]
    pub fn next(&self, event: Event, at: SystemTime) -> Record {
        let mut record = self.bare(event, at);
        record.actor_salt = salt_of(&record.columns(Part::Actor));
        record.behalf_salt = salt_of(&record.columns(Part::OnBehalfOf));
        record.target_salt = salt_of(&record.columns(Part::Target));
        record.words_salt = salt_of(&record.columns(Part::Words));
        record.actor_seal = seal_of(&record, Part::Actor);
        record.behalf_seal = seal_of(&record, Part::OnBehalfOf);
        record.target_seal = seal_of(&record, Part::Target);
        record.words_seal = seal_of(&record, Part::Words);
        record.hash = record.digest();
        record
    }

    /// The record before it is sealed.
    fn bare(&self, event: Event, at: SystemTime) -> Record {
        let (actor_issuer, actor_subject) = columns_of(event.actor.person);
        let (behalf_issuer, behalf_subject) = columns_of(event.on_behalf_of);
        let (target_kind, target_issuer, target_id) = match event.target {
            Some(Target { kind, issuer, id }) => (Some(kind), issuer, Some(id)),
            None => (None, None, None),
        };
        Record {
            sequence: self.sequence.saturating_add(1),
            time: milliseconds(at),
            action: event.action.as_str().to_owned(),
            outcome: event.outcome.as_str().to_owned(),
            code: event.outcome.code().map(|code| code.as_str().to_owned()),
            request_id: event.request.as_ref().map(RequestId::to_string),
            actor_kind: event.actor.kind.as_str().to_owned(),
            actor_issuer,
            actor_seal: None,
            actor_salt: None,
            actor_subject,
            actor_address: event.actor.address.map(|address| address.to_string()),
            actor_user_agent: event.actor.user_agent,
            behalf_issuer,
            behalf_seal: None,
            behalf_salt: None,
            behalf_subject,
            target_kind,
            target_issuer,
            target_seal: None,
            target_salt: None,
            target_id,
            words_seal: None,
            words_salt: None,
            reason: event.reason,
            details: event.details.into_json(),
            previous: self.hash,
            hash: self.hash,
        }
    }
}

fn columns_of(person: Option<Person>) -> (Option<String>, Option<String>) {
    person.map_or((None, None), |Person { issuer, subject }| (issuer, Some(subject)))
}

/// A salt, if there is something to hide.
fn salt_of(columns: &Columns<'_>) -> Option<Salt> {
    columns.has_values().then(Salt::random)
}

fn seal_of(record: &Record, part: Part) -> Option<Hash> {
    let columns = record.columns(part);
    columns.salt.map(|salt| part.seal(&salt, columns.values))
}

/// Milliseconds since 1970, and before it.
pub(crate) fn milliseconds(at: SystemTime) -> i64 {
    let (time, sign) = match at.duration_since(UNIX_EPOCH) {
        Ok(since) => (since, 1_i64),
        Err(before) => (before.duration(), -1),
    };
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX).saturating_mul(sign)
}
