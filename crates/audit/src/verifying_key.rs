//! The key that checkpoints are checked with.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use palisade_core::ConfigError;

use crate::{KeyId, SignedCheckpoint, key_id::ED25519};

/// The key that checkpoints are checked with, written as C2SP signed notes write it: `<name>+<8 digits>+<base64>`. It is no secret,
/// but must come from who signs, and not from where the log is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VerifyingKey {
    id: KeyId,
    key: ed25519_dalek::VerifyingKey,
}

// === impl VerifyingKey ===

impl VerifyingKey {
    pub(crate) const fn new(id: KeyId, key: ed25519_dalek::VerifyingKey) -> Self {
        Self { id, key }
    }

    /// Which key it is.
    #[must_use]
    pub const fn id(&self) -> &KeyId {
        &self.id
    }

    /// Whether it made this signature. Keys and signatures that more than one text fits do not count.
    pub(crate) fn has_signed(&self, signed: &SignedCheckpoint) -> bool {
        let body = signed.checkpoint.body(&signed.key);
        let signature = ed25519_dalek::Signature::from_bytes(&signed.signature);
        self.id == signed.key && self.key.verify_strict(body.as_bytes(), &signature).is_ok()
    }
}

impl fmt::Display for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = vec![ED25519];
        bytes.extend_from_slice(self.key.as_bytes());
        write!(f, "{}+{}", self.id, STANDARD.encode(bytes))
    }
}

impl FromStr for VerifyingKey {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = || {
            let (name, rest) = text.split_once('+')?;
            let (digest, encoded) = rest.split_once('+')?;
            let id: KeyId = format!("{name}+{digest}").parse().ok()?;
            let bytes = STANDARD.decode(encoded).ok()?;
            let (ED25519, public) = bytes.split_first().map(|(kind, key)| (*kind, key))? else {
                return None;
            };
            let public: [u8; 32] = public.try_into().ok()?;
            let key = ed25519_dalek::VerifyingKey::from_bytes(&public).ok()?;
            (KeyId::of(name, &public) == Ok(id.clone())).then_some(Self { id, key })
        };
        // Somebody may have taken the wrong one of the two.
        let shown = if text.contains("PRIVATE+KEY") { "…" } else { text };
        let shown: String = shown.chars().take(150).collect();
        let wrong = || {
            ConfigError::new("key to verify with", shown).expected("`<name>+<8 digits>+<base64>`")
        };
        read().ok_or_else(wrong)
    }
}
