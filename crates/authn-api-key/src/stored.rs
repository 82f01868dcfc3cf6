//! A key as it is kept: what is known of it, and the digests of its secrets.

use std::time::SystemTime;

use palisade_core::TokenDigest;
use serde::{Deserialize, Serialize};

use crate::{ApiKey, KeyText, digest::Digest};

/// A key as it is kept.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, expecting = "an object with `key` and `secrets`")]
pub(crate) struct Stored {
    pub(crate) key: ApiKey,
    secrets: Secrets,
}

/// The digests of the secret, and of the one before the last rotation.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, expecting = "an object with `current`")]
pub(crate) struct Secrets {
    current: Digest,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    old: Option<Digest>,
}

/// Which secret was presented.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Found {
    Current,
    Old,
    Neither,
}

// === impl Stored ===

impl Stored {
    pub(crate) fn new(key: ApiKey, text: &KeyText) -> Self {
        Self { key, secrets: Secrets::new(text) }
    }

    pub(crate) fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// Makes `text` the secret; the one before is good `until` then, or no longer. It is kept either way: the log tells who
    /// still presents it.
    pub(crate) fn rotate(&mut self, text: &KeyText, until: Option<SystemTime>) {
        self.secrets = Secrets { old: Some(self.secrets.current), ..Secrets::new(text) };
        self.key.old_secret_until = until;
    }

    /// Checks what people wrote into the file. Says what is expected if it is something else.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        self.key.check()?;
        if self.secrets.old.is_none() && self.key.old_secret_until.is_some() {
            return Err("`oldSecretUntil` beside `old` alone");
        }
        Ok(())
    }
}

// === impl Secrets ===

impl Secrets {
    pub(crate) fn new(text: &KeyText) -> Self {
        Self { current: Digest::of(text), old: None }
    }

    /// Always compares twice: how long it takes says nothing about the key.
    pub(crate) fn find(&self, presented: &TokenDigest) -> Found {
        let current = self.current.is(presented);
        let old = self.old.unwrap_or(self.current).is(presented);
        if current {
            Found::Current
        } else if old {
            Found::Old
        } else {
            Found::Neither
        }
    }
}
