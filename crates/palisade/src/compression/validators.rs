//! Entity tags of what was coded (RFC 9110 section 8.8).

use http::{HeaderMap, HeaderValue, header};
use palisade_core::header::{find, lines};

/// Makes a strong tag a weak one: the coded answer means the same as the plain one, and has other bytes.
pub(crate) fn weaken(headers: &mut HeaderMap) {
    let Some(tag) = find(headers, &header::ETAG) else { return };
    if !tag.as_bytes().starts_with(b"\"") {
        return;
    }
    // A tag behind two letters is always a value.
    if let Ok(weak) = HeaderValue::from_bytes(&[b"W/", tag.as_bytes()].concat()) {
        headers.insert(header::ETAG, weak);
    }
}

/// Whether a client has an answer by a weak tag.
pub(crate) fn knows_weak_tag(headers: &HeaderMap) -> bool {
    let mut lines = lines(headers, &header::IF_NONE_MATCH);
    lines.any(|line| line.as_bytes().windows(3).any(|part| part == b"W/\""))
}
