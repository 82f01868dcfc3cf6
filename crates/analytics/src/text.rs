//! Text that strangers sent: cut to a length when it is stored, made harmless when it is written.

use std::fmt::{self, Write as _};

use http::Method;
use serde::Serializer;

/// The most bytes of a path that are kept.
pub(crate) const PATH: usize = 512;
/// The most bytes of a user agent that are kept.
pub(crate) const AGENT: usize = 256;
/// The most bytes of a user's id that are kept.
pub(crate) const USER: usize = 256;
/// The most bytes of a method that are kept. The longest registered one, `UPDATEREDIRECTREF`, has 17.
const METHOD: usize = 32;

/// Shows text on one line, and in the order in which it was written.
///
/// A control character, a line separator or a bidirectional control appears as `\u{1b}`. JSON alone would let the C1
/// controls and the bidirectional ones through, and a terminal obeys them.
pub(crate) struct OneLine<'a>(pub(crate) &'a str);

/// The first `most` bytes of `text`, or a little less: never half a character.
pub(crate) fn cut(text: &str, most: usize) -> &str {
    // One of four neighbouring places is a boundary.
    let mut places = (most.saturating_sub(3)..=most).rev();
    places.find_map(|end| text.get(..end)).unwrap_or(text)
}

/// So many bytes that all is among them of which the first `most` bytes of text are made.
pub(crate) fn cut_bytes(bytes: &[u8], most: usize) -> &[u8] {
    bytes.get(..most.saturating_add(4)).unwrap_or(bytes)
}

/// Adds bytes that may be no UTF-8; what is none becomes U+FFFD.
pub(crate) fn push_lossy(text: &mut String, bytes: &[u8]) {
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
}

/// The method, unless someone made up a long one.
pub(crate) fn method(method: Method) -> Method {
    match method.as_str().as_bytes().get(..METHOD) {
        Some(start) => Method::from_bytes(start).unwrap_or(method),
        None => method,
    }
}

/// Whether a terminal or a reader could take `c` for something other than a character of the text.
fn deceives(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        )
}

/// Serializes text as [`OneLine`].
#[expect(clippy::borrowed_box, reason = "`serialize_with` passes a reference to the field")]
pub(crate) fn one_line<S: Serializer>(text: &Box<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&OneLine(text))
}

/// The same of text that may be missing.
#[expect(clippy::ref_option, reason = "`serialize_with` passes a reference to the field")]
pub(crate) fn one_line_if_any<S: Serializer>(
    text: &Option<Box<str>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match text {
        Some(text) => serializer.collect_str(&OneLine(text)),
        None => serializer.serialize_none(),
    }
}

// === impl OneLine ===

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.0.contains(deceives) {
            return f.write_str(self.0);
        }
        for c in self.0.chars() {
            if deceives(c) {
                write!(f, "{}", c.escape_unicode())?;
            } else {
                f.write_char(c)?;
            }
        }
        Ok(())
    }
}
