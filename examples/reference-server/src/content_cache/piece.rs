//! One piece of content in the cache.

use std::{io, sync::Arc, time::Duration};

use palisade::core::Moment;

use super::{ContentKind, Rendered, Source};

/// What a piece takes beside its own bytes: a guess, which bounds how many small ones there are.
const UPKEEP: usize = 1024;
/// What a source takes.
const SOURCE: usize = 64;

/// What a piece is found by.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Key {
    path: Box<str>,
    kind: ContentKind,
}

/// Something that was rendered, when, and from what.
#[derive(Debug)]
pub(super) struct Piece {
    /// A failure is told to who waited for it, and used no more.
    rendered: Result<Rendered, Arc<io::Error>>,
    sources: Vec<Source>,
    since: Moment,
    life: Duration,
}

// === impl Key ===

impl Key {
    pub(super) fn new(path: String, kind: ContentKind) -> Self {
        Self { path: path.into(), kind }
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn kind(&self) -> ContentKind {
        self.kind
    }
}

// === impl Piece ===

impl Piece {
    pub(super) fn new(
        rendered: io::Result<Rendered>,
        sources: Vec<Source>,
        since: Moment,
        life: Duration,
    ) -> Self {
        Self { rendered: rendered.map_err(Arc::new), sources, since, life }
    }

    pub(super) fn rendered(&self) -> Result<Rendered, Arc<io::Error>> {
        self.rendered.clone()
    }

    pub(super) fn is_alive(&self, now: Moment) -> bool {
        self.rendered.is_ok() && now.since(self.since) < self.life
    }

    pub(super) fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Its age, and how long it is still used.
    pub(super) fn times(&self, now: Moment) -> (Duration, Duration) {
        let age = now.since(self.since);
        (age, self.life.saturating_sub(age))
    }

    /// Its media type, and its length in bytes.
    pub(super) fn form(&self) -> (&'static str, usize) {
        self.rendered.as_ref().map_or(("", 0), |rendered| (rendered.media_type(), rendered.len()))
    }

    /// What it takes of the bound.
    pub(super) fn weight(&self, key: &Key) -> u32 {
        let (media_type, length) = self.form();
        let sources = self.sources.len().saturating_mul(SOURCE);
        let parts = [UPKEEP, key.path.len(), media_type.len(), length, sources];
        let weight = parts.into_iter().fold(0, usize::saturating_add);
        u32::try_from(weight).unwrap_or(u32::MAX)
    }
}
