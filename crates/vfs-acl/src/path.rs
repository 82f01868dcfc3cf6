//! Paths in one canonical form, and every reason to refuse another.

use std::{fmt, str::FromStr, sync::Arc};

use crate::{
    path_error::{PathError, PathFault},
    reserved::is_reserved,
};

/// A path in the virtual file system, in the one form there is: segments joined by `/`, nothing before the first and
/// nothing behind the last.
///
/// Nothing is repaired. What could be read in two ways is refused, so that the path that was decided about is the path
/// that is opened. Paths are compared byte for byte; where a store is not, see [`CasePolicy`](crate::CasePolicy).
/// Cheap to clone.
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct VfsPath(Arc<str>);

/// The longest path, in bytes.
const LONGEST_PATH: usize = 1024;
/// The longest segment, in bytes: what file systems hold.
const LONGEST_SEGMENT: usize = 255;

/// Characters that some reader takes for a separator or a dot, and that no normalisation form C removes.
const LOOK_ALIKES: [char; 10] = [
    '\u{2024}', '\u{2025}', '\u{2044}', '\u{2215}', '\u{29F5}', '\u{29F8}', '\u{FE52}', '\u{FE68}',
    '\u{FF0E}', '\u{FF0F}',
];
const FULLWIDTH_BACKSLASH: char = '\u{FF3C}';

// === impl VfsPath ===

impl VfsPath {
    /// Reads a path that is not encoded any more.
    ///
    /// # Errors
    ///
    /// Everything that two readers could take for two paths, and what no store holds: see [`PathFault`].
    pub fn parse(text: &str) -> Result<Self, PathError> {
        check(text)?;
        Ok(Self(text.into()))
    }

    /// Reads the part of a URL's path that names a file: percent-decoded once, then as [`parse`](Self::parse) does.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse); a `%` that is no escape; an escaped separator, however it is written.
    pub fn parse_encoded(text: &str) -> Result<Self, PathError> {
        Self::parse(&decode(text)?)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn shared(&self) -> &Arc<str> {
        &self.0
    }

    /// The segments: at least one, none empty.
    pub fn segments(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/')
    }

    /// The path of `name` below this one.
    ///
    /// # Errors
    ///
    /// If `name` is no relative path, or both together are too long. The result is always below this path.
    pub fn join(&self, name: &str) -> Result<Self, PathError> {
        check(name)?;
        Self::parse(&format!("{self}/{name}"))
    }

    /// The path this one lies directly in, unless it is at the top.
    pub fn parent(&self) -> Option<Self> {
        self.0.rsplit_once('/').map(|(parent, _)| Self(parent.into()))
    }

    /// Whether this path is `other` or lies below it, byte for byte.
    pub fn is_within(&self, other: &Self) -> bool {
        is_within(&self.0, &other.0)
    }
}

impl FromStr for VfsPath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for VfsPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for VfsPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// Whether `path` is `folder` or lies below it; everything lies below an empty folder.
pub(crate) fn is_within(path: &str, folder: &str) -> bool {
    folder.is_empty()
        || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Checks a path that holds at least one segment.
pub(crate) fn check(text: &str) -> Result<(), PathError> {
    if text.is_empty() {
        return Err(PathFault::Empty.into());
    }
    if text.len() > LONGEST_PATH {
        return Err(PathFault::TooLong.into());
    }
    if text.starts_with('/') {
        return Err(PathFault::Absolute.into());
    }
    check_characters(text)?;
    text.split('/').try_for_each(check_segment)
}

/// What holds for any text that is part of a path or of a pattern for paths.
pub(crate) fn check_characters(text: &str) -> Result<(), PathError> {
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'\\' => return Err(PathFault::Separator.into()),
            b':' => return Err(PathFault::Drive.into()),
            0..=0x1F | 0x7F => return Err(PathFault::Control.into()),
            b'%' if is_escape(text, at) => return Err(PathFault::Encoded.into()),
            _ => {}
        }
    }
    if text.is_ascii() {
        return Ok(());
    }
    if text.contains(is_look_alike) {
        return Err(PathFault::LookAlike.into());
    }
    if text.contains(is_invisible) {
        return Err(PathFault::Control.into());
    }
    if unicode_normalization::is_nfc(text) { Ok(()) } else { Err(PathFault::NotNormal.into()) }
}

/// What holds for one segment beyond its characters.
pub(crate) fn check_segment(segment: &str) -> Result<(), PathError> {
    if segment.is_empty() {
        return Err(PathFault::EmptySegment.into());
    }
    if segment == "." || segment == ".." {
        return Err(PathFault::DotSegment.into());
    }
    if segment.len() > LONGEST_SEGMENT {
        return Err(PathFault::TooLong.into());
    }
    // A store that drops these would open another file. `…` decomposes into dots.
    if segment
        .ends_with(|letter: char| matches!(letter, '.' | '\u{2026}') || letter.is_whitespace())
    {
        return Err(PathFault::TrailingDotOrSpace.into());
    }
    if is_reserved(segment) {
        return Err(PathFault::Reserved.into());
    }
    Ok(())
}

fn is_look_alike(letter: char) -> bool {
    LOOK_ALIKES.contains(&letter) || letter == FULLWIDTH_BACKSLASH
}

/// Whether `letter` does not show: a control, a direction, a joiner, a filler, a byte order mark, a line end, a tag. Variation
/// selectors, which are in names with emoji, are told from it by [`CasePolicy`](crate::CasePolicy).
fn is_invisible(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{AD}'
                | '\u{34F}'
                | '\u{61C}'
                | '\u{115F}'
                | '\u{1160}'
                | '\u{17B4}'
                | '\u{17B5}'
                | '\u{180B}'..='\u{180F}'
                | '\u{200B}'..='\u{200F}'
                | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}'
                | '\u{3164}'
                | '\u{FEFF}'
                | '\u{FFA0}'
                | '\u{FFF0}'..='\u{FFFB}'
                | '\u{1BCA0}'..='\u{1BCA3}'
                | '\u{1D173}'..='\u{1D17A}'
                | '\u{E0000}'..='\u{E00FF}'
                | '\u{E01F0}'..='\u{E0FFF}'
        )
}

/// Whether the `%` at `at` begins an escape: then somebody further in could decode it once more.
fn is_escape(text: &str, at: usize) -> bool {
    let mut following = text.bytes().skip(at).skip(1);
    let mut is_hex = || following.next().is_some_and(|byte| byte.is_ascii_hexdigit());
    is_hex() && is_hex()
}

/// Decodes percent escapes, once, and refuses those that make a separator.
fn decode(text: &str) -> Result<String, PathError> {
    let mut bytes = text.bytes();
    let mut decoded = Vec::with_capacity(text.len());
    let digit = |byte: Option<u8>| {
        let value = byte.and_then(|byte| char::from(byte).to_digit(16));
        value.and_then(|value| u8::try_from(value).ok()).ok_or(PathFault::Encoded)
    };
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let (high, low) = (digit(bytes.next())?, digit(bytes.next())?);
        match (high << 4) | low {
            b'/' | b'\\' => return Err(PathFault::Encoded.into()),
            byte => decoded.push(byte),
        }
    }
    String::from_utf8(decoded).map_err(|_| PathFault::NotUtf8.into())
}
