//! What a record is known by, and what hides a person in it.

use crate::hex::hex_bytes;

hex_bytes! {
    /// A SHA-256: of a record, or of a part of one that can be erased.
    Hash, 32, "hash"
}

hex_bytes! {
    /// What a part of a record is hidden behind: 128 random bits of its own. Without them nobody can try out who it was.
    Salt, 16, "salt"
}

hex_bytes! {
    /// The name of a log: 256 random bits, which stand where its first record has the hash of the one before it. So every record
    /// depends on it, and no log passes for another one.
    LogId, 32, "log id"
}

// === impl Salt ===

impl Salt {
    /// Draws a new one.
    #[must_use]
    pub fn random() -> Self {
        Self(rand::random())
    }
}

// === impl LogId ===

impl LogId {
    /// Draws the name of a new log.
    #[must_use]
    pub fn random() -> Self {
        Self(rand::random())
    }
}
