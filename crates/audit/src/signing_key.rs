//! The key that signs checkpoints.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::Signer as _;
use palisade_core::ConfigError;
use zeroize::Zeroizing;

use crate::{Checkpoint, KeyId, SignedCheckpoint, VerifyingKey, key_id::ED25519};

const PREFIX: &str = "PRIVATE+KEY+";

/// The key that signs checkpoints (Ed25519), written as C2SP signed notes write it:
/// `PRIVATE+KEY+<name>+<8 digits>+<base64>`.
///
/// It is overwritten in memory when it is dropped, and shown by nothing but [`to_text`](Self::to_text).
pub struct SigningKey {
    id: KeyId,
    key: ed25519_dalek::SigningKey,
}

/// A signing key as text: for the file, the variable or the vault that it comes from. Overwritten when it is dropped.
pub struct KeyText(Zeroizing<String>);

// === impl SigningKey ===

impl SigningKey {
    /// Draws a new key. `name` tells people whose it is, such as `audit.example.com`.
    ///
    /// # Errors
    ///
    /// If the name is empty, longer than 64 bytes, or has a space, a `+` or what cannot be printed.
    pub fn generate(name: &str) -> Result<Self, ConfigError> {
        let seed: Zeroizing<[u8; 32]> = Zeroizing::new(rand::random());
        let key = ed25519_dalek::SigningKey::from_bytes(&seed);
        Ok(Self { id: KeyId::of(name, key.verifying_key().as_bytes())?, key })
    }

    /// Its id, which is no secret.
    #[must_use]
    pub const fn id(&self) -> &KeyId {
        &self.id
    }

    /// The key that its signatures are checked with: give it to whoever verifies.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey::new(self.id.clone(), self.key.verifying_key())
    }

    /// The key itself, to be kept.
    #[must_use]
    pub fn to_text(&self) -> KeyText {
        let seed = Zeroizing::new(self.key.to_bytes());
        let mut bytes = Zeroizing::new(vec![ED25519]);
        bytes.extend_from_slice(seed.as_slice());
        let encoded = Zeroizing::new(STANDARD.encode(bytes.as_slice()));
        KeyText(Zeroizing::new(format!("{PREFIX}{}+{}", self.id, encoded.as_str())))
    }

    /// Signs a checkpoint.
    #[must_use]
    pub fn sign(&self, checkpoint: Checkpoint) -> SignedCheckpoint {
        let signature = self.key.sign(checkpoint.body(&self.id).as_bytes()).to_bytes();
        SignedCheckpoint { checkpoint, key: self.id.clone(), signature }
    }
}

impl FromStr for SigningKey {
    type Err = ConfigError;

    /// Reads the key as [`to_text`](Self::to_text) writes it. Spaces and line ends around it do not count.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = || {
            // From the left: a name has no `+`, and base64 may.
            let (name, rest) = text.trim().strip_prefix(PREFIX)?.split_once('+')?;
            let (digest, encoded) = rest.split_once('+')?;
            let id: KeyId = format!("{name}+{digest}").parse().ok()?;
            let bytes = Zeroizing::new(STANDARD.decode(encoded).ok()?);
            let (ED25519, seed) = bytes.split_first().map(|(kind, seed)| (*kind, seed))? else {
                return None;
            };
            let seed: Zeroizing<[u8; 32]> = Zeroizing::new(seed.try_into().ok()?);
            let key = ed25519_dalek::SigningKey::from_bytes(&seed);
            let is_its_own = KeyId::of(id.name(), key.verifying_key().as_bytes()) == Ok(id.clone());
            is_its_own.then_some(Self { id, key })
        };
        // Not a word of it: it is a secret, or nearly one.
        let wrong = || {
            ConfigError::new("key to sign with", "…")
                .expected("`PRIVATE+KEY+<name>+<8 digits>+<base64>`")
        };
        read().ok_or_else(wrong)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("id", &self.id).finish_non_exhaustive()
    }
}

// === impl KeyText ===

impl KeyText {
    /// The text, with the secret in it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for KeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyText(..)")
    }
}
