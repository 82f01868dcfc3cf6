//! Which key signed.

use std::{fmt, str::FromStr};

use palisade_core::ConfigError;
use sha2::{Digest as _, Sha256};

use crate::hex;

/// The most bytes of a key's name.
const LONGEST_NAME: usize = 64;
/// Ed25519, as signed notes number it.
pub(crate) const ED25519: u8 = 1;

/// Which key signed: a name that people know, and four bytes of a digest of name and key, as in C2SP signed notes:
/// `audit.example.com+a1b2c3d4`.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct KeyId {
    name: String,
    digest: [u8; 4],
}

// === impl KeyId ===

impl KeyId {
    /// The id of a public key under this name.
    ///
    /// # Errors
    ///
    /// If the name is empty, longer than 64 bytes, or has a space, a `+` or what cannot be printed.
    pub(crate) fn of(name: &str, public: &[u8; 32]) -> Result<Self, ConfigError> {
        if !is_name(name) {
            let shown: String = name.chars().take(LONGEST_NAME).collect();
            let expected = "1 to 64 letters, digits and signs, without spaces and `+`";
            return Err(ConfigError::new("name of a key", shown).expected(expected));
        }
        let digest =
            Sha256::new().chain_update(name).chain_update([b'\n', ED25519]).chain_update(public);
        let digest: [u8; 32] = digest.finalize().into();
        let [first, second, third, fourth, ..] = digest;
        Ok(Self { name: name.to_owned(), digest: [first, second, third, fourth] })
    }

    /// The name that people know it by.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+", self.name)?;
        hex::write(&self.digest, f)
    }
}

impl FromStr for KeyId {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let read = text.split_once('+').filter(|(name, _)| is_name(name));
        let read = read.and_then(|(name, digest)| {
            Some(Self { name: name.to_owned(), digest: hex::read(digest)? })
        });
        read.ok_or_else(|| {
            let shown: String = text.chars().take(LONGEST_NAME).collect();
            ConfigError::new("id of a key", shown)
                .expected("a name, `+` and 8 lowercase hexadecimal digits")
        })
    }
}

fn is_name(name: &str) -> bool {
    let fits = (1..=LONGEST_NAME).contains(&name.len());
    fits && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'+')
}
