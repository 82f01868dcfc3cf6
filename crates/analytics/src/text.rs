//! Text that strangers sent: cut to a length when it is stored, made harmless when it is written.

use http::Method;
use palisade_core::OneLine;
use serde::Serializer;

/// The most bytes of a path that are kept.
pub(crate) const PATH: usize = 512;
/// The most bytes of a user agent that are kept.
pub(crate) const AGENT: usize = 256;
/// The most bytes of a user's id that are kept: as long as a token may name one, so that whoever asks for it finds it.
pub(crate) const USER: usize = 1024;
/// The most bytes of a method that are kept. The longest registered one, `UPDATEREDIRECTREF`, has 17.
const METHOD: usize = 32;

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
pub(crate) fn method(method: &Method) -> Method {
    let cut = method.as_str().as_bytes().get(..METHOD);
    cut.and_then(|start| Method::from_bytes(start).ok()).unwrap_or_else(|| method.clone())
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
