//! What a router that is less exact does not see: letter case, a `/` at the end, how a character is escaped.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::pattern::Segment;

/// A difference between two paths, or between a path and a pattern, that some routers do not see.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fold {
    Case,
    Slash,
}

// === impl Fold ===

impl Fold {
    pub(crate) const ALL: [Self; 2] = [Self::Slash, Self::Case];

    /// Whether `path` has something that is not seen. It may say yes where the answer is no.
    pub(crate) fn is_in(self, path: &str) -> bool {
        match self {
            // In other scripts there are letters that some take for capitals of ASCII.
            Self::Case => path.bytes().any(|byte| matches!(byte, b'A'..=b'Z' | 0x80..)),
            Self::Slash => path.ends_with('/'),
        }
    }

    /// A decoded `path` without it.
    pub(crate) fn path(self, path: Cow<'_, str>) -> Cow<'_, str> {
        match (self, path) {
            (Self::Case, path) if path.bytes().any(|byte| byte.is_ascii_uppercase()) => {
                Cow::Owned(path.to_ascii_lowercase())
            }
            (Self::Slash, Cow::Borrowed(path)) => Cow::Borrowed(without_slash(path)),
            (Self::Slash, Cow::Owned(path)) => Cow::Owned(without_slash(&path).to_owned()),
            (Self::Case, path) => path,
        }
    }

    /// The segments of a pattern without it.
    pub(crate) fn pattern(self, mut segments: Vec<Segment>) -> Vec<Segment> {
        match self {
            Self::Case => segments.iter().map(Segment::in_lower_case).collect(),
            Self::Slash if segments.len() > 1 => {
                segments.pop_if(|last| matches!(last, Segment::Literal(text) if text.is_empty()));
                segments
            }
            Self::Slash => segments,
        }
    }
}

fn without_slash(path: &str) -> &str {
    path.strip_suffix('/').filter(|rest| !rest.is_empty()).unwrap_or(path)
}

/// Whether `path` is spelt as all read it. It may say no where the answer is yes.
pub(crate) fn is_plain(path: &str) -> bool {
    let is_changed = |byte: u8| matches!(byte, b'A'..=b'Z' | b'%' | 0x80..);
    !path.ends_with('/') && !path.bytes().any(is_changed)
}

/// How a router reads `path` that sees none of the differences.
pub(crate) fn fold(path: &str) -> String {
    let decoded = decoded(path);
    let path = in_ascii(&decoded).map_or(decoded, Cow::Owned);
    Fold::ALL.into_iter().fold(path, |path, fold| fold.path(path)).into_owned()
}

/// `path` without escapes.
pub(crate) fn decoded(path: &str) -> Cow<'_, str> {
    percent_decode_str(path).decode_utf8_lossy()
}

/// `path` with ASCII for letters of other scripts that some take for it, if it has any letters of other scripts. In Unicode,
/// the Kelvin sign is a capital `k`, and a long s becomes `S`; to Java, a capital I with a dot is an `i`.
pub(crate) fn in_ascii(path: &str) -> Option<String> {
    if path.is_ascii() {
        return None;
    }
    let mut folded = String::with_capacity(path.len());
    for c in path.chars() {
        match c {
            c if c.is_ascii() => folded.push(c),
            'İ' => folded.push('i'),
            c => folded.extend(c.to_uppercase().flat_map(char::to_lowercase)),
        }
    }
    Some(folded)
}
