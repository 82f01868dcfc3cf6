//! What is kept of the text of a key.

use std::fmt;

use palisade_core::TokenDigest;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use subtle::ConstantTimeEq as _;

use crate::KeyText;

/// The SHA-256 of a key's whole text, `sha256:<hex>` in the file. Compared in constant time alone.
#[derive(Clone, Copy)]
pub(crate) struct Digest(TokenDigest);

// === impl Digest ===

impl Digest {
    pub(crate) fn of(text: &KeyText) -> Self {
        Self(TokenDigest::of(text.expose()))
    }

    /// Whether it is that of a key that was presented.
    pub(crate) fn is(&self, presented: &TokenDigest) -> bool {
        self.0.as_bytes().as_slice().ct_eq(presented.as_bytes().as_slice()).into()
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(..)")
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&format_args!("sha256:{}", self.0))
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        let digest = text.strip_prefix("sha256:").and_then(TokenDigest::from_hex);
        // The text is not repeated: somebody may have put a key there.
        digest.map(Self).ok_or_else(|| de::Error::custom("`sha256:` and 64 hexadecimal digits"))
    }
}
