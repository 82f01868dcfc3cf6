//! Paths without parameters, looked up as a whole.

use std::{collections::HashMap, sync::Arc};

use palisade_core::KeyedHash;

use crate::{Declared, endpoint::Endpoint, pattern::Segment};

/// The declarations of paths without parameters, by the path: one look, where the tree takes one for each segment.
#[derive(Debug, Default)]
pub(crate) struct Literals {
    endpoints: HashMap<Box<str>, Endpoint, KeyedHash>,
}

impl Literals {
    /// Adds a declaration, if its pattern is a path.
    pub(crate) fn add(&mut self, declared: &Arc<Declared>) {
        let mut path = String::new();
        for segment in declared.pattern().segments() {
            match segment {
                Segment::Literal(text) => {
                    path.push('/');
                    path.push_str(text);
                }
                _ => return,
            }
        }
        // The tree has accepted it, so this does too.
        drop(self.endpoints.entry(path.into()).or_default().add(Arc::clone(declared)));
    }

    pub(crate) fn get(&self, path: &str) -> Option<&Endpoint> {
        self.endpoints.get(path)
    }
}
