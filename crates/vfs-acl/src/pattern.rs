//! Glob patterns for paths: compiled once, capped, and matched without backtracking over alternatives.

use std::fmt;

use palisade_core::ConfigError;

use crate::{
    CasePolicy,
    alternatives::Alternatives,
    glob::{Glob, Steps},
};

/// A glob pattern for paths below a mount, in the syntax of gitignore and of git's `:(glob)`, without its traps.
///
/// | written | matches |
/// |---|---|
/// | `*` | any number of characters within a segment, a dot at its beginning too |
/// | `?` | one character within a segment, also if it takes several bytes |
/// | `**` | as a whole segment: any number of segments; at the end, at least one |
/// | `[a-z]`, `[!a-z]` | one character that is, or is not, in the class; never `/` |
/// | `{a,b}` | either; not nested |
///
/// A pattern always matches the whole path. There is no escape character: `[*]` is a star. The [dialect](crate::dialect) is
/// written down rule by rule, with each difference from git's.
///
/// # Caps
///
/// 256 bytes as written, 64 alternatives, 1024 bytes over all alternatives. Matching costs at most the product of the
/// lengths of pattern and path, whatever either holds.
#[derive(Clone)]
pub struct Pattern {
    text: Box<str>,
    head: Box<str>,
    glob: Glob,
    case: CasePolicy,
}

// === impl Pattern ===

impl Pattern {
    /// Compiles a pattern that tells upper case from lower case.
    ///
    /// # Errors
    ///
    /// If it is malformed or over a cap.
    pub fn new(text: &str) -> Result<Self, ConfigError> {
        Self::with_case(text, CasePolicy::Sensitive)
    }

    /// Compiles a pattern for a store with this case policy. It compares as a grant does.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn with_case(text: &str, case: CasePolicy) -> Result<Self, ConfigError> {
        let alternatives = Alternatives::of(text)?;
        let glob = alternatives.compile(case.reading())?;
        Ok(Self { text: text.into(), head: alternatives.folder().into(), glob, case })
    }

    /// The pattern as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the pattern matches `path`, given from the mount on.
    pub fn matches(&self, path: &str) -> bool {
        self.glob.matches(&self.case.fold(path))
    }

    /// The same with a bound: nothing, if it takes more steps than are left.
    pub(crate) fn matches_within(&self, path: &str, left: &mut Steps) -> Option<bool> {
        self.glob.matches_within(&self.case.fold(path), left)
    }

    /// A folder that all the pattern matches lies in: a store need not look elsewhere. Empty if there is none but the mount,
    /// and where case does not count: a folder has more than one name there.
    pub fn head(&self) -> &str {
        match self.case {
            CasePolicy::Sensitive => &self.head,
            CasePolicy::Folded => "",
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({:?})", self.text)
    }
}
