//! A fast hash with a key of its own.

use std::{
    fmt,
    hash::{BuildHasher, Hash},
    sync::LazyLock,
};

use foldhash::{
    SharedSeed,
    quality::{FoldHasher, SeedableRandomState},
};

/// A fast hash with a key of its own, drawn from the operating system's generator: for tables that are looked up for every
/// request, as their [`BuildHasher`] or by itself.
///
/// foldhash takes 30 instructions for an address and 300 for a token of 1 KiB; `SipHash`, the standard library's, 200 and
/// 1 700. It is no cryptographic hash. It is used where hashes are never shown, where what is hashed cannot be chosen freely
/// (an address that completed a handshake, a token or a name that an issuer signed), and where it costs whoever finds two
/// values that meet a request for each try.
#[derive(Clone)]
pub struct KeyedHash {
    keyed: SeedableRandomState,
}

/// The longer part of the key is the process's, because a hasher borrows it.
static SHARED: LazyLock<SharedSeed> = LazyLock::new(|| SharedSeed::from_u64(rand::random()));

// === impl KeyedHash ===

impl KeyedHash {
    /// Draws a key.
    #[must_use]
    pub fn random() -> Self {
        Self { keyed: SeedableRandomState::with_seed(rand::random(), &SHARED) }
    }

    /// The hash of `value` under this key.
    pub fn of(&self, value: &(impl Hash + ?Sized)) -> u64 {
        self.keyed.hash_one(value)
    }
}

impl BuildHasher for KeyedHash {
    type Hasher = FoldHasher<'static>;

    fn build_hasher(&self) -> Self::Hasher {
        self.keyed.build_hasher()
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
