//! Strict paths: what two parsers could read differently is refused before anyone reads it.

use std::{fmt, str::Bytes};

use palisade_core::{Code, Rejection, RejectionKind, ViolationKind};
use percent_encoding::percent_decode_str;

/// Why a path is ambiguous.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum PathError {
    /// Does not start with `/`: `*`, an authority, nothing.
    Form,
    /// A segment `.` or `..`, also encoded, also with `;…` behind it.
    DotSegment,
    /// An encoded `/` or `\`.
    EncodedSeparator,
    /// A raw `\`, which some parsers take for `/`.
    Backslash,
    /// An escape that is an escape again once decoded: `%252e`.
    DoubleEncoding,
    /// A control character, raw or encoded; NUL is one.
    Control,
    /// An empty segment before the last: `//`.
    EmptySegment,
    /// A `;`, raw or encoded: some parsers cut a segment there.
    PathParameter,
    /// A `?` or `#`, raw or encoded: some parsers cut the path there.
    Delimiter,
    /// A `%` without two hexadecimal digits behind it.
    BadEscape,
    /// Not UTF-8 once decoded. Overlong forms of `.` and `/` end here.
    NotUtf8,
    /// An escaped letter, digit, `-`, `.`, `_` or `~`: never needed, and a literal route does not match it.
    NeedlessEscape,
    /// A raw space or raw byte over 127: not a character of a URI.
    RawByte,
    /// An escape that hides the literal text of another route: `/%40me` where there is a route `/@me`.
    HiddenLiteral,
}

/// Refuses a path that layers and router could read differently. The query is not part of it.
///
/// Linear in the length of the path, and without the heap unless the path has an escape.
///
/// Not refused, because nobody reads them as something else: a `/` at the end and letter case. `/admin/` and `/ADMIN`
/// are other paths than `/admin`; the [`Registry`](crate::Registry) sees to it that they are never more open, where the
/// router behind may take them for it.
///
/// # Errors
///
/// What is wrong with it: the first thing that no honest client sends, else the first thing.
///
/// ```
/// use palisade_route_registry::{PathError, check_path};
/// assert_eq!(check_path("/post/7.xhtml"), Ok(()));
/// assert_eq!(check_path("/caf%C3%A9"), Ok(()));
/// assert_eq!(check_path("/embed/..%2fadmin"), Err(PathError::EncodedSeparator));
/// assert_eq!(check_path("/%61dmin"), Err(PathError::NeedlessEscape));
/// ```
pub fn check_path(path: &str) -> Result<(), PathError> {
    if is_plain(path) { Ok(()) } else { check_every_segment(path) }
}

/// Whether a path consists of `/` and of characters that mean nothing, with no segment that is empty or starts with a dot.
/// Nearly all do, and this looks at each byte once.
fn is_plain(path: &str) -> bool {
    let mut behind = b'/';
    let mut plain = path.as_bytes().first() == Some(&b'/');
    for byte in path.bytes().skip(1) {
        let is_usual = match byte {
            b'/' | b'.' => behind != b'/',
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => true,
            _ => false,
        };
        plain &= is_usual;
        behind = byte;
    }
    plain
}

fn check_every_segment(path: &str) -> Result<(), PathError> {
    let rest = path.strip_prefix('/').ok_or(PathError::Form)?;
    let mut found = Ok(());
    let mut segments = rest.split('/').peekable();
    while let Some(segment) = segments.next() {
        let checked = if segment.is_empty() && segments.peek().is_some() {
            Err(PathError::EmptySegment)
        } else {
            check_segment(segment)
        };
        match checked {
            Err(error) if error.is_suspicious() => return Err(error),
            checked => found = found.and(checked),
        }
    }
    found?;
    check_characters(path)
}

fn check_segment(segment: &str) -> Result<(), PathError> {
    if is_dots(segment) {
        return Err(PathError::DotSegment);
    }
    let mut found = Ok(());
    let mut bytes = segment.bytes();
    while let Some(byte) = bytes.next() {
        let checked = match byte {
            b'%' => check_escape(&mut bytes),
            b'\\' => Err(PathError::Backslash),
            b';' => Err(PathError::PathParameter),
            b'?' | b'#' => Err(PathError::Delimiter),
            0..=0x1f | 0x7f => Err(PathError::Control),
            b' ' | 0x80.. => Err(PathError::RawByte),
            _ => Ok(()),
        };
        match checked {
            Err(error) if error.is_suspicious() => return Err(error),
            checked => found = found.and(checked),
        }
    }
    found
}

/// Takes the two digits behind a `%`.
fn check_escape(bytes: &mut Bytes<'_>) -> Result<(), PathError> {
    match escaped(bytes).ok_or(PathError::BadEscape)? {
        b'/' | b'\\' => Err(PathError::EncodedSeparator),
        b'%' if escaped(&mut bytes.clone()).is_some() => Err(PathError::DoubleEncoding),
        b';' => Err(PathError::PathParameter),
        b'?' | b'#' => Err(PathError::Delimiter),
        0..=0x1f | 0x7f => Err(PathError::Control),
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            Err(PathError::NeedlessEscape)
        }
        _ => Ok(()),
    }
}

fn escaped(bytes: &mut Bytes<'_>) -> Option<u8> {
    let mut digit = || char::from(bytes.next()?).to_digit(16);
    let (high, low) = (digit()?, digit()?);
    u8::try_from(high.checked_mul(16)?.checked_add(low)?).ok()
}

/// Whether a segment is `.` or `..`, with dots escaped or not, up to a `;`, escaped or not.
fn is_dots(segment: &str) -> bool {
    let dot = |text: &'_ str| -> Option<usize> {
        let escaped = || text.get(..3).filter(|start| start.eq_ignore_ascii_case("%2e"));
        if text.starts_with('.') { Some(1) } else { escaped().map(str::len) }
    };
    let behind = |text: &str| {
        text.is_empty()
            || text.starts_with(';')
            || text.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("%3b"))
    };
    let Some(first) = dot(segment).and_then(|len| segment.get(len..)) else { return false };
    let second = dot(first).and_then(|len| first.get(len..));
    behind(first) || second.is_some_and(behind)
}

/// What only the decoded text shows.
fn check_characters(path: &str) -> Result<(), PathError> {
    if !path.contains('%') {
        return Ok(());
    }
    let decoded = percent_decode_str(path).decode_utf8().map_err(|_| PathError::NotUtf8)?;
    if decoded.chars().any(char::is_control) { Err(PathError::Control) } else { Ok(()) }
}

// === impl PathError ===

impl PathError {
    /// The code of the refusal: `ambiguous-path`, with the check behind the dot.
    #[must_use]
    pub const fn code(self) -> Code {
        let code = match self {
            Self::Form => "ambiguous-path.form",
            Self::DotSegment => "ambiguous-path.dot-segment",
            Self::EncodedSeparator => "ambiguous-path.encoded-separator",
            Self::Backslash => "ambiguous-path.backslash",
            Self::DoubleEncoding => "ambiguous-path.double-encoding",
            Self::Control => "ambiguous-path.control-character",
            Self::EmptySegment => "ambiguous-path.empty-segment",
            Self::PathParameter => "ambiguous-path.path-parameter",
            Self::Delimiter => "ambiguous-path.delimiter",
            Self::BadEscape => "ambiguous-path.bad-escape",
            Self::NotUtf8 => "ambiguous-path.not-utf8",
            Self::NeedlessEscape => "ambiguous-path.needless-escape",
            Self::RawByte => "ambiguous-path.raw-byte",
            Self::HiddenLiteral => "ambiguous-path.hidden-literal",
        };
        Code::new(code, "The path can be read in two ways")
    }

    /// Whether no honest client sends this. Only these count as a violation.
    #[must_use]
    pub const fn is_suspicious(self) -> bool {
        match self {
            Self::DotSegment
            | Self::EncodedSeparator
            | Self::Backslash
            | Self::DoubleEncoding
            | Self::Control
            | Self::NotUtf8 => true,
            Self::Form
            | Self::EmptySegment
            | Self::PathParameter
            | Self::Delimiter
            | Self::BadEscape
            | Self::NeedlessEscape
            | Self::RawByte
            | Self::HiddenLiteral => false,
        }
    }
}

impl From<PathError> for Rejection {
    fn from(error: PathError) -> Self {
        let rejection = Self::new(RejectionKind::Malformed, error.code());
        if error.is_suspicious() {
            rejection.violation(ViolationKind::Suspicious)
        } else {
            rejection
        }
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.code().fmt(f)
    }
}

impl std::error::Error for PathError {}
