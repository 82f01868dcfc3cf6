//! The bytes that are digested: every field with its length, so that no two records are written alike. See `docs/format.md`.

use sha2::{Digest as _, Sha256};

use crate::Hash;

/// Digests fields, one after the other.
pub(crate) struct Canonical(Sha256);

// === impl Canonical ===

impl Canonical {
    /// Begins with a `tag` that says what follows: what is digested as one thing never counts as another.
    pub(crate) fn new(tag: &str) -> Self {
        Self(Sha256::new().chain_update("palisade-audit/1 ").chain_update(tag).chain_update("\n"))
    }

    /// Adds bytes whose number is fixed.
    pub(crate) fn fixed(self, bytes: &[u8]) -> Self {
        Self(self.0.chain_update(bytes))
    }

    /// Adds a field that may be missing: a zero, or a one, the length in eight bytes and the bytes.
    pub(crate) fn field(self, bytes: Option<&[u8]>) -> Self {
        let Some(bytes) = bytes else { return Self(self.0.chain_update([0])) };
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Self(self.0.chain_update([1]).chain_update(length.to_be_bytes()).chain_update(bytes))
    }

    /// Adds a text that may be missing.
    pub(crate) fn text(self, text: Option<&str>) -> Self {
        self.field(text.map(str::as_bytes))
    }

    /// Adds a hash that may be missing.
    pub(crate) fn hash(self, hash: Option<&Hash>) -> Self {
        self.field(hash.map(|hash| hash.as_bytes().as_slice()))
    }

    pub(crate) fn finish(self) -> Hash {
        Hash::from_bytes(self.0.finalize().into())
    }
}
