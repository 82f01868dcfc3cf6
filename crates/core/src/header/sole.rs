//! A header that may stand once: it is there, or not, or nobody knows which of several counts.

use http::{HeaderMap, HeaderName, HeaderValue};

use super::FEW;

/// What stands in the lines of a header that may stand once. Readers that take the first and readers that take the last of
/// several are how requests mean two things.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "there is none, one, or more")]
pub enum Sole<'h> {
    /// It is not there.
    Missing,
    /// It stands once.
    Is(&'h HeaderValue),
    /// It stands several times.
    Several,
}

impl<'h> Sole<'h> {
    /// Looks for `name`: with a handful of headers in one pass over them.
    #[must_use]
    pub fn of(headers: &'h HeaderMap, name: &HeaderName) -> Self {
        if headers.len() > FEW {
            let mut lines = headers.get_all(name).iter();
            return Self::first_of(lines.next(), || lines.next().is_some());
        }
        let mut lines = headers.iter().filter(|(known, _)| *known == name).map(|(_, value)| value);
        Self::first_of(lines.next(), || lines.next().is_some())
    }

    fn first_of(first: Option<&'h HeaderValue>, more: impl FnOnce() -> bool) -> Self {
        match first {
            None => Self::Missing,
            Some(_) if more() => Self::Several,
            Some(value) => Self::Is(value),
        }
    }

    /// The value, if it stands once.
    #[must_use]
    pub fn value(self) -> Option<&'h HeaderValue> {
        match self {
            Self::Is(value) => Some(value),
            Self::Missing | Self::Several => None,
        }
    }
}
