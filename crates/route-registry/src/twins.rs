//! What a router that is less exact could take a path for: letter case ignored, a `/` at the end too, escapes decoded.

use std::sync::Arc;

use http::Method;
use percent_encoding::percent_decode_str;

use crate::{
    Declared,
    endpoint::Endpoint,
    trie::{Trie, Walk},
};

/// All declarations by their shape, with letter case folded and without a `/` at the end.
#[derive(Debug, Default)]
pub(crate) struct Twins {
    shapes: Trie<Vec<Arc<Declared>>>,
    /// Whether one of the patterns is not its own twin.
    folded: bool,
}

// === impl Twins ===

impl Twins {
    pub(crate) fn add(&mut self, declared: &Arc<Declared>) {
        let segments = declared.pattern().folded();
        self.folded |= segments != declared.pattern().segments();
        self.shapes.place(&segments).get_or_insert_default().push(Arc::clone(declared));
    }

    /// The declarations for `method` that `path` could be taken for, beside those of `found`, which it is for; where none is
    /// for the method, all.
    pub(crate) fn find(
        &self,
        method: &Method,
        path: &str,
        found: Option<&Endpoint>,
    ) -> Vec<&Declared> {
        if !self.folded && is_own_twin(path) {
            return Vec::new();
        }
        let folded = fold(path);
        let twins = self.shapes.find(&mut Walk::new(&folded)).map_or(&[][..], Vec::as_slice);
        let is_other = |twin: &&Declared| found.is_none_or(|found| !found.has(twin));
        let mut others: Vec<&Declared> = twins.iter().map(AsRef::as_ref).filter(is_other).collect();
        if others.iter().any(|twin| twin.covers(method)) {
            others.retain(|twin| twin.covers(method));
        }
        others
    }
}

/// How a router that is less exact could read `path`, if otherwise than it is written.
pub(crate) fn other_spelling(path: &str) -> Option<String> {
    (!is_own_twin(path)).then(|| fold(path))
}

/// Whether folding changes nothing. It may say no where the answer is yes.
fn is_own_twin(path: &str) -> bool {
    let is_changed = |byte: u8| matches!(byte, b'A'..=b'Z' | b'%' | 0x80..);
    !path.ends_with('/') && !path.bytes().any(is_changed)
}

/// Some take letters of other scripts for ASCII: in Unicode, the Kelvin sign is a capital `k`, and a long s becomes `S`.
pub(crate) fn fold(path: &str) -> String {
    let decoded = percent_decode_str(path).decode_utf8_lossy();
    let mut folded: String = if decoded.is_ascii() {
        decoded.to_ascii_lowercase()
    } else {
        decoded.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
    };
    if folded.len() > 1 && folded.ends_with('/') {
        folded.pop();
    }
    folded
}
