//! What a rule found.

use std::fmt;

/// What a rule found, and where.
#[derive(Debug, Eq, PartialEq)]
pub(crate) struct Finding {
    place: String,
    message: String,
    weight: Weight,
}

#[derive(Debug, Eq, PartialEq)]
enum Weight {
    Mistake,
    Note,
}

impl Finding {
    /// A rule is broken at `place`.
    pub(crate) fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into(), weight: Weight::Mistake }
    }

    /// A rule is broken in line `index` (from 0) of the file at `path`.
    pub(crate) fn in_line(path: &str, index: usize, message: impl Into<String>) -> Self {
        Self::new(format!("{path}:{}", index.saturating_add(1)), message)
    }

    /// Something worth knowing that fails nothing.
    pub(crate) fn note(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { weight: Weight::Note, ..Self::new(place, message) }
    }

    pub(crate) fn is_note(&self) -> bool {
        self.weight == Weight::Note
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message)
    }
}
