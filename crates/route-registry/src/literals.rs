//! Paths without parameters, looked up as a whole.

use std::{collections::HashMap, sync::Arc};

use palisade_core::KeyedHash;

use crate::{Declared, endpoint::Endpoint, pattern::Segment};

/// The declarations of paths without parameters, by the hash of the path: one look, where the tree takes one for each
/// segment.
#[derive(Debug, Default)]
pub(crate) struct Literals {
    hash: KeyedHash,
    endpoints: HashMap<u64, (Box<str>, Endpoint), AsIs>,
}

/// The keys are hashes already.
type AsIs = std::hash::BuildHasherDefault<Hashed>;

#[derive(Default)]
struct Hashed(u64);

impl Literals {
    /// Adds a declaration, if its pattern is a path. One with an escape is left to the tree, and so is one whose hash
    /// another path has.
    pub(crate) fn add(&mut self, declared: &Arc<Declared>) {
        let mut path = String::new();
        for segment in declared.pattern().segments() {
            match segment {
                Segment::Literal(text) if !text.contains('%') => {
                    path.push('/');
                    path.push_str(text);
                }
                _ => return,
            }
        }
        let hash = self.hash.of(&*path);
        let entry = || (path.as_str().into(), Endpoint::default());
        let (known, endpoint) = self.endpoints.entry(hash).or_insert_with(entry);
        if **known == *path {
            // The tree has accepted it, so this does too.
            drop(endpoint.add(Arc::clone(declared)));
        }
    }

    pub(crate) fn get(&self, path: &str) -> Option<&Endpoint> {
        let (known, endpoint) = self.endpoints.get(&self.hash.of(path))?;
        (**known == *path).then_some(endpoint)
    }
}

impl std::hash::Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _bytes: &[u8]) {}

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}
