//! A piece, as it is told: without what was rendered.

use std::time::Duration;

use palisade::core::Moment;

use super::{
    ContentKind, Source,
    piece::{Key, Piece},
};

/// What is told of a piece.
#[derive(Debug)]
#[non_exhaustive]
pub struct Listed {
    /// Where it is shown.
    pub path: Box<str>,
    /// Its kind.
    pub kind: ContentKind,
    /// Its media type.
    pub media_type: &'static str,
    /// How many bytes it has.
    pub bytes: usize,
    /// When it was rendered: so long ago.
    pub age: Duration,
    /// How long it is still used.
    pub remaining: Duration,
    /// What it was made from.
    pub sources: Vec<Source>,
}

// === impl Listed ===

impl Listed {
    pub(super) fn new(key: &Key, piece: &Piece, now: Moment) -> Self {
        let (age, remaining) = piece.times(now);
        let (media_type, bytes) = piece.form();
        let (path, sources) = (key.path().into(), piece.sources().to_vec());
        Self { path, kind: key.kind(), media_type, bytes, age, remaining, sources }
    }
}
