//! The scheme the client used, as a trusted proxy tells it: `https` or `http`, and nothing else.

use http::{HeaderMap, HeaderValue};
use palisade_core::Transport;

/// Reads one scheme's name.
pub(crate) fn parse(text: &[u8]) -> Option<Transport> {
    if text.eq_ignore_ascii_case(b"https") {
        return Some(Transport::Secure);
    }
    text.eq_ignore_ascii_case(b"http").then_some(Transport::Plain)
}

/// Reads `X-Forwarded-Proto`. Some proxies append and some replace, so of a list nobody knows which entry is about the
/// client; where all agree it does not matter.
pub(crate) fn read(headers: &HeaderMap) -> Option<Transport> {
    let lines = headers.get_all("x-forwarded-proto").iter().map(HeaderValue::as_bytes);
    let mut entries = lines
        .flat_map(|line| line.split(|byte| *byte == b','))
        .map(|entry| parse(entry.trim_ascii()));
    let first = entries.next()??;
    entries.all(|other| other == Some(first)).then_some(first)
}
