//! Patterns of paths.

use palisade_core::ConfigError;

/// The most bytes of a pattern.
const LENGTH: usize = 256;

/// A pattern of paths, matched segment by segment, in a time that grows with the length of the path alone: `*` stands once in a
/// segment, `**` once in a pattern, so nothing is ever tried twice.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Pattern {
    before: Box<[Segment]>,
    /// What follows `**`, if that is there.
    after: Option<Box<[Segment]>>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Segment {
    Exactly(Box<str>),
    /// `*` with what stands before and behind it.
    Wild(Box<str>, Box<str>),
}

// === impl Pattern ===

impl Pattern {
    pub(crate) fn new(text: &str) -> Result<Self, ConfigError> {
        let wrong = |expected: &str| Err(ConfigError::new("path pattern", text).expected(expected));
        let Some(path) = text.strip_prefix('/') else {
            return wrong("a path with a slash in front (`/docs/**`)");
        };
        if text.len() > LENGTH {
            return wrong("256 bytes at most");
        }
        if text.contains(['?', '#', ','])
            || text.contains(|c: char| c.is_whitespace() || c.is_control())
        {
            return wrong("a path without a query, commas and spaces");
        }
        let mut parts = path.split('/');
        let before: Vec<_> = parts.by_ref().take_while(|part| *part != "**").collect();
        let has_gap = before.len() < path.split('/').count();
        let after: Vec<_> = parts.collect();
        if has_gap && before.is_empty() && after.is_empty() {
            return wrong("less than every path");
        }
        let segments = |parts: Vec<&str>| parts.into_iter().map(Segment::new).collect();
        let (before, after): (Option<_>, Option<_>) = (segments(before), segments(after));
        match (before, after) {
            (Some(before), Some(after)) => Ok(Self { before, after: has_gap.then_some(after) }),
            _ => wrong("`**` once, as a segment of its own, and `*` once in any other segment"),
        }
    }

    pub(crate) fn matches(&self, path: &str) -> bool {
        let Some(path) = path.strip_prefix('/') else { return false };
        let mut own = path.split('/');
        let mut begins = self.before.iter();
        if !begins.all(|segment| own.next().is_some_and(|own| segment.matches(own))) {
            return false;
        }
        let Some(after) = &self.after else { return own.next().is_none() };
        let mut ends = after.iter().rev();
        ends.all(|segment| own.next_back().is_some_and(|own| segment.matches(own)))
    }
}

// === impl Segment ===

impl Segment {
    fn new(text: &str) -> Option<Self> {
        match text.split_once('*') {
            None => Some(Self::Exactly(text.into())),
            Some((_, end)) if end.contains('*') => None,
            Some((start, end)) => Some(Self::Wild(start.into(), end.into())),
        }
    }

    fn matches(&self, own: &str) -> bool {
        match self {
            Self::Exactly(text) => **text == *own,
            // `*` alone is a segment: one without a letter is none.
            Self::Wild(start, end) => {
                let rest = own.strip_prefix(&**start);
                !own.is_empty() && rest.is_some_and(|rest| rest.ends_with(&**end))
            }
        }
    }
}
