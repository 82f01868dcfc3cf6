//! A key as somebody else keeps it, such as a database that several servers share.

use std::time::SystemTime;

use palisade_core::ConfigError;

use crate::{ApiKey, KeyId, key_file::expectation, stored::Stored};

/// A key as somebody else keeps it: a text with digests, and no secret, and how often it was changed.
///
/// Whoever keeps it stores a change only if its [revision](Self::revision) is one more than that of what he has: of two changes
/// that are made at the same time one is refused, so that nobody who gives a key another secret undoes that it was disabled.
#[derive(Clone, Debug)]
pub struct KeyRecord {
    pub(crate) stored: Stored,
    revision: u64,
    text: Box<str>,
}

// === impl KeyRecord ===

impl KeyRecord {
    /// What was stored: a [`text`](Self::text) and its revision.
    ///
    /// # Errors
    ///
    /// If it is not the text of a key. It is not repeated.
    pub fn read(text: &str, revision: u64) -> Result<Self, ConfigError> {
        let stored: Stored =
            serde_json::from_str(text).map_err(|error| mistake().expected(expectation(&error)))?;
        stored.check().map_err(|expected| {
            ConfigError::new("API key", stored.key.id.to_string()).expected(expected)
        })?;
        Ok(Self { stored, revision, text: text.into() })
    }

    /// What is to be stored. When it was last used is no part of it.
    pub(crate) fn new(stored: Stored, revision: u64) -> Result<Self, ConfigError> {
        let mut unused = stored.clone();
        unused.key.last_used = None;
        let text = serde_json::to_string(&unused)
            .map_err(|error| mistake().expected(error.to_string()))?;
        Ok(Self { stored, revision, text: text.into() })
    }

    /// Says when it was last used: what is known here is kept where that is later.
    #[must_use]
    pub fn used(mut self, at: SystemTime) -> Self {
        self.stored.key.last_used = self.stored.key.last_used.max(Some(at));
        self
    }

    /// Its public name: what it is stored under.
    #[must_use]
    pub fn id(&self) -> KeyId {
        self.stored.key.id
    }

    /// What is known of the key.
    #[must_use]
    pub fn key(&self) -> &ApiKey {
        &self.stored.key
    }

    /// How often it was changed; 1 when it is made.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// What is stored of it: JSON, as a key stands in a file of keys.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

fn mistake() -> ConfigError {
    ConfigError::new("record of an API key", "…")
}
