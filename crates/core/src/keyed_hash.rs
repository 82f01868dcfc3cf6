//! A fast hash with a key of its own.

use std::{
    fmt,
    hash::{Hash, Hasher as _},
};

use foldhash::{SharedSeed, quality::FoldHasher};

/// A fast hash with a key of its own, drawn from the operating system's generator: for tables that are looked up for every
/// request.
///
/// foldhash takes 30 instructions for an address and 300 for a token of 1 KiB; `SipHash`, the standard library's, 200 and
/// 1 700. It is no cryptographic hash. It is used where hashes are never shown, where what is hashed cannot be chosen freely
/// (an address that completed a handshake, a token or a name that an issuer signed), and where it costs whoever finds two
/// values that meet a request for each try.
pub struct KeyedHash {
    own: u64,
    shared: Box<SharedSeed>,
}

// === impl KeyedHash ===

impl KeyedHash {
    /// Draws a key.
    #[must_use]
    pub fn random() -> Self {
        Self { own: rand::random(), shared: Box::new(SharedSeed::from_u64(rand::random())) }
    }

    /// The hash of `value` under this key.
    pub fn of(&self, value: &(impl Hash + ?Sized)) -> u64 {
        let mut hasher = FoldHasher::with_seed(self.own, &self.shared);
        value.hash(&mut hasher);
        hasher.finish()
    }
}

impl Default for KeyedHash {
    fn default() -> Self {
        Self::random()
    }
}

/// Shows nothing: who knows the key can find values that meet.
impl fmt::Debug for KeyedHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyedHash(..)")
    }
}
