//! The kinds of content that are kept.

use std::{fmt, str::FromStr};

use serde::Deserialize;

/// A kind of content.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[serde(try_from = "String")]
#[expect(clippy::exhaustive_enums, reason = "the server is nobody's dependency")]
pub enum ContentKind {
    /// What readers, shops and search engines fetch.
    Feed,
    /// A list of the API.
    List,
    /// A page of a user, in a form that is no page of a browser's.
    Page,
    /// A post or a page as PDF.
    Pdf,
    /// A post, in a form that is no page of a browser's.
    Post,
}

/// What became of questions for a kind.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct KindCounts {
    /// Answered with what was kept, or by waiting for somebody else's.
    pub hits: u64,
    /// Rendered.
    pub misses: u64,
}

/// There is no such kind.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "the server is nobody's dependency")]
pub struct UnknownKind;

// === impl ContentKind ===

impl ContentKind {
    /// All of them, by name.
    pub const ALL: [Self; 5] = [Self::Feed, Self::List, Self::Page, Self::Pdf, Self::Post];

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Feed => "feed",
            Self::List => "list",
            Self::Page => "page",
            Self::Pdf => "pdf",
            Self::Post => "post",
        }
    }
}

impl FromStr for ContentKind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(UnknownKind)
    }
}

impl TryFrom<String> for ContentKind {
    type Error = UnknownKind;

    fn try_from(text: String) -> Result<Self, UnknownKind> {
        text.parse()
    }
}

impl fmt::Display for ContentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

// === impl UnknownKind ===

impl fmt::Display for UnknownKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = ContentKind::ALL.map(ContentKind::as_str);
        write!(f, "one of {}", names.join(", "))
    }
}

impl std::error::Error for UnknownKind {}
