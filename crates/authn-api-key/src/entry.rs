//! A key as requests find it.

use std::{collections::HashMap, sync::Arc, time::SystemTime};

use palisade_core::{Identity, KeyedHash, Moment, TokenDigest};

use crate::{
    KeyFault, KeyId, KeyRecord,
    last_used::LastUsed,
    stored::{Found, Secrets, Stored},
};

/// All keys. Replaced as a whole; a request is judged by one from beginning to end.
pub(crate) type Table = HashMap<KeyId, Arc<Entry>, KeyedHash>;

/// A key as requests find it: never changed, but for when it was last used, which all versions of it share.
#[derive(Debug)]
pub(crate) struct Entry {
    stored: Stored,
    /// What the current secret proves.
    identity: Identity,
    last_used: LastUsed,
    /// How often it was changed, as whoever else keeps it counts; 0 in a file, which counts nothing.
    revision: u64,
    /// The digest of what he keeps, which people may edit without counting.
    text: Option<TokenDigest>,
}

/// All keys as they are kept, the oldest first.
pub(crate) fn sorted(table: &Table) -> Vec<Stored> {
    let mut keys: Vec<Stored> = table.values().map(|entry| entry.stored()).collect();
    keys.sort_by_key(|stored| (stored.key.created, stored.key.id));
    keys
}

// === impl Entry ===

impl Entry {
    pub(crate) fn new(stored: Stored, last_used: LastUsed) -> Self {
        if let Some(time) = stored.key.last_used {
            last_used.note(time);
        }
        let identity = stored.key.identity();
        Self { stored, identity, last_used, revision: 0, text: None }
    }

    /// The same for what somebody else keeps; what is known of its use stays known.
    pub(crate) fn recorded(record: &KeyRecord, before: Option<&Self>) -> Self {
        let last_used = before.map(Self::last_used).unwrap_or_default();
        let entry = Self::new(record.stored.clone(), last_used);
        Self { revision: record.revision(), text: Some(TokenDigest::of(record.text())), ..entry }
    }

    /// Whether it is what somebody else keeps.
    pub(crate) fn is_of(&self, record: &KeyRecord) -> bool {
        self.revision == record.revision() && self.text == Some(TokenDigest::of(record.text()))
    }

    /// The same key after a change.
    pub(crate) fn changed(&self, change: impl FnOnce(&mut Stored)) -> Self {
        let mut stored = self.stored.clone();
        change(&mut stored);
        Self::new(stored, self.last_used.clone())
    }

    pub(crate) fn stored(&self) -> Stored {
        let mut stored = self.stored.clone();
        stored.key.last_used = self.last_used.time();
        stored
    }

    pub(crate) fn secrets(&self) -> &Secrets {
        self.stored.secrets()
    }

    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    /// Takes note of a use that somebody else knows of.
    pub(crate) fn used(&self, at: Option<SystemTime>) {
        if let Some(at) = at {
            self.last_used.note(at);
        }
    }

    pub(crate) fn last_used(&self) -> LastUsed {
        self.last_used.clone()
    }

    /// What the secret that was `found` proves. Counts as a use.
    pub(crate) fn judge(&self, found: Found, now: Moment) -> Result<Identity, KeyFault> {
        let (key, wall) = (&self.stored.key, now.wall());
        let is_over = |end: SystemTime| end <= wall;
        let identity = match found {
            Found::Neither => return Err(KeyFault::WrongSecret(key.id)),
            _ if key.disabled.is_some() => return Err(KeyFault::Disabled(key.id)),
            _ if key.expires.is_some_and(is_over) => return Err(KeyFault::Expired(key.id)),
            Found::Old if key.old_secret_until.is_none_or(is_over) => {
                return Err(KeyFault::OldSecret(key.id));
            }
            Found::Current => self.identity.clone(),
            Found::Old => self.identity_of_old_secret(),
        };
        self.last_used.note(wall);
        Ok(identity)
    }

    /// It ends with the overlap, or with the key.
    fn identity_of_old_secret(&self) -> Identity {
        let identity = self.identity.clone();
        match self.stored.key.old_secret_until.into_iter().chain(self.stored.key.expires).min() {
            Some(end) => identity.expires(end),
            None => identity,
        }
    }
}
