//! What is asked for: where it is shown, and what it is made from.

use super::{ContentKind, Source, piece::Key};

/// What a piece is, before anyone renders it.
#[derive(Clone, Debug)]
pub struct Recipe {
    kind: ContentKind,
    path: String,
    sources: Vec<Source>,
}

// === impl Recipe ===

impl Recipe {
    /// A piece of this kind at this path: the one path that the content itself names, whatever was asked, so that nobody makes
    /// several of one by how he writes it.
    #[must_use]
    pub fn new(kind: ContentKind, path: impl Into<String>) -> Self {
        Self { kind, path: path.into(), sources: Vec::new() }
    }

    /// It is made from this too.
    #[must_use]
    pub fn of(mut self, source: Source) -> Self {
        self.sources.push(source);
        self
    }

    pub(super) fn kind(&self) -> ContentKind {
        self.kind
    }

    pub(super) fn into_parts(self) -> (Key, Vec<Source>) {
        (Key::new(self.path, self.kind), self.sources)
    }
}
