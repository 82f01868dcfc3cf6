//! A token and its hash, computed once for all the places where the token is looked for.

use std::hash::{BuildHasher, Hash, Hasher};

use palisade_core::KeyedHash;
use quick_cache::Equivalent;

/// A token that is looked for.
#[derive(Clone, Copy)]
pub(crate) struct Sought<'a> {
    pub(crate) hash: u64,
    pub(crate) token: &'a str,
}

/// A token that is kept.
#[derive(Eq, PartialEq)]
pub(crate) struct Kept {
    hash: u64,
    token: Box<str>,
}

/// Hashes keys that bring their hash.
#[derive(Clone, Copy, Default)]
pub(crate) struct BroughtHash {
    hash: u64,
}

// === impl Sought ===

impl<'a> Sought<'a> {
    pub(crate) fn new(token: &'a str, hash: &KeyedHash) -> Self {
        Self { hash: hash.of(token), token }
    }

    pub(crate) fn kept(self) -> Kept {
        Kept { hash: self.hash, token: self.token.into() }
    }
}

impl Hash for Sought<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl Equivalent<Kept> for Sought<'_> {
    /// By the whole token: what has the same hash is not the same.
    fn equivalent(&self, kept: &Kept) -> bool {
        kept.is(*self)
    }
}

// === impl Kept ===

impl Kept {
    pub(crate) fn is(&self, sought: Sought<'_>) -> bool {
        self.hash == sought.hash && *self.token == *sought.token
    }
}

impl Hash for Kept {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

// === impl BroughtHash ===

impl BuildHasher for BroughtHash {
    type Hasher = Self;

    fn build_hasher(&self) -> Self {
        Self::default()
    }
}

impl Hasher for BroughtHash {
    fn write_u64(&mut self, hash: u64) {
        self.hash = hash;
    }

    /// No key calls it.
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.hash = self.hash.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn finish(&self) -> u64 {
        self.hash
    }
}
