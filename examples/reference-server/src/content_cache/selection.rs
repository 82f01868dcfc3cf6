//! Which pieces are meant: by path, by kind, by what they were made from.

use std::{fmt, str::FromStr};

use serde::Deserialize;

use super::{ContentKind, Source};

/// As long as the longest path.
const LONGEST_PATH: usize = 512;

/// Some pieces: each that has one of these paths, is of one of these kinds, or was made from one of these sources.
#[derive(Clone, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "the server is nobody's dependency")]
pub struct Selection {
    /// At these paths.
    pub paths: Vec<PathPattern>,
    /// Of these kinds.
    pub kinds: Vec<ContentKind>,
    /// Made from these.
    pub sources: Vec<Source>,
}

/// A path, `/post/1.pdf`, or all that begin alike, `/post/*`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
pub struct PathPattern {
    text: Box<str>,
    rest: Rest,
}

/// What stands behind the text of a pattern.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Rest {
    Nothing,
    Anything,
}

/// It is no path.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "the server is nobody's dependency")]
pub struct MistakenPath;

// === impl Selection ===

impl Selection {
    /// Whether a piece is meant.
    #[must_use]
    pub fn selects(&self, kind: ContentKind, path: &str, sources: &[Source]) -> bool {
        let changed = |source: &Source| self.sources.iter().any(|of| source.is_touched_by(of));
        self.kinds.contains(&kind)
            || self.paths.iter().any(|pattern| pattern.matches(path))
            || sources.iter().any(changed)
    }
}

/// As the audit names them.
impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paths = self.paths.iter().map(|path| format!("path={path}"));
        let kinds = self.kinds.iter().map(|kind| format!("type={kind}"));
        let sources = self.sources.iter().map(|source| format!("entity={source}"));
        let all: Vec<_> = paths.chain(kinds).chain(sources).collect();
        f.write_str(&all.join(" "))
    }
}

// === impl PathPattern ===

impl PathPattern {
    /// Whether it means this path.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        match self.rest {
            Rest::Nothing => path == &*self.text,
            Rest::Anything => path.starts_with(&*self.text),
        }
    }
}

impl FromStr for PathPattern {
    type Err = MistakenPath;

    fn from_str(text: &str) -> Result<Self, MistakenPath> {
        let (text, rest) = match text.strip_suffix('*') {
            Some(text) => (text, Rest::Anything),
            None => (text, Rest::Nothing),
        };
        let fits = |byte: u8| byte.is_ascii_graphic() && !b"*?#".contains(&byte);
        if !text.starts_with('/') || text.len() > LONGEST_PATH || !text.bytes().all(fits) {
            return Err(MistakenPath);
        }
        Ok(Self { text: text.into(), rest })
    }
}

impl TryFrom<String> for PathPattern {
    type Error = MistakenPath;

    fn try_from(text: String) -> Result<Self, MistakenPath> {
        text.parse()
    }
}

impl fmt::Display for PathPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rest = if self.rest == Rest::Anything { "*" } else { "" };
        write!(f, "{}{rest}", self.text)
    }
}

// === impl MistakenPath ===

impl fmt::Display for MistakenPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a path without a query, of which the last sign may be `*`")
    }
}

impl std::error::Error for MistakenPath {}
