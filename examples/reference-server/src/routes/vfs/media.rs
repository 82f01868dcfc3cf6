//! What is said of a file's kind, so that no browser runs it.

use http::HeaderValue;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Shown in place: no browser finds anything in these to run.
const SHOWN: [&str; 17] = [
    "audio/aac",
    "audio/flac",
    "audio/mpeg",
    "audio/ogg",
    "audio/wav",
    "audio/webm",
    "image/avif",
    "image/bmp",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/webp",
    "text/plain",
    "text/plain;charset=utf-8",
    "video/mp4",
    "video/ogg",
    "video/webm",
];
/// Saved under their own name of a kind: no page of ours can load them as a program or a style.
const SAVED: [&str; 10] = [
    "application/gzip",
    "application/json",
    "application/msword",
    "application/pdf",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/zip",
    "text/csv",
    "text/markdown",
];
/// What it is called where nothing else is known, or may be said.
pub(super) const BYTES: &str = "application/octet-stream";
/// What is no letter of a name in a header (RFC 8187 section 3.2.1).
const OUTSIDE_OF_NAMES: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');
/// As long as a kind may be, in bytes.
const LONGEST: usize = 255;

/// How a file of some kind is given out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Shown {
    /// In place.
    InPlace(&'static str),
    /// To be saved.
    Saved(&'static str),
}

// === impl Shown ===

impl Shown {
    /// That of a kind, as whoever wrote the file named it. What is on no list (HTML, SVG, scripts, styles) is bytes.
    pub(super) fn of(kind: &str) -> Self {
        let plain: String = kind.chars().filter(|letter| !letter.is_whitespace()).collect();
        let plain = plain.to_ascii_lowercase();
        let known =
            |list: &'static [&'static str]| list.iter().copied().find(|known| *known == plain);
        known(&SHOWN).map_or_else(|| Self::Saved(known(&SAVED).unwrap_or(BYTES)), Self::InPlace)
    }

    /// What it is called.
    pub(super) fn media_type(self) -> HeaderValue {
        let (Self::InPlace(kind) | Self::Saved(kind)) = self;
        HeaderValue::from_static(kind)
    }

    /// What becomes of it, in `Content-Disposition`.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::InPlace(_) => "inline",
            Self::Saved(_) => "attachment",
        }
    }
}

/// The kind that whoever writes a file names, if it is well formed (RFC 9110 section 8.3.1).
pub(super) fn named(header: Option<&HeaderValue>) -> Option<&str> {
    let Some(header) = header else { return Some(BYTES) };
    let text = header.to_str().ok().map(str::trim).filter(|text| text.len() <= LONGEST)?;
    let (essence, _) = text.split_once(';').unwrap_or((text, ""));
    let (kind, sort) = essence.trim().split_once('/')?;
    let is_token = |part: &str| !part.is_empty() && part.bytes().all(is_token_byte);
    (is_token(kind) && is_token(sort)).then_some(text)
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// What becomes of a file, and its name: in ASCII, and as it is (RFC 6266).
pub(super) fn disposition(word: &str, name: &str) -> HeaderValue {
    let plain = |letter: char| {
        let is_plain = (letter.is_ascii_graphic() || letter == ' ') && !"\"\\%".contains(letter);
        if is_plain { letter } else { '_' }
    };
    let ascii: String = name.chars().map(plain).collect();
    let mut text = format!("{word}; filename=\"{ascii}\"");
    if ascii != name {
        text.push_str("; filename*=UTF-8''");
        text.extend(utf8_percent_encode(name, OUTSIDE_OF_NAMES));
    }
    // All of it is ASCII that shows.
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static("attachment"))
}
