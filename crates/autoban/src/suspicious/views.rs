//! The forms of a path and a query that are looked at.

use std::borrow::Cow;

use percent_encoding::percent_decode;

/// So many bytes of a path are looked at, and of a query so many at both of its ends, so that nobody makes the search slow by
/// a long request. What stands between is not seen, though a handler may read it.
pub(super) const LOOKED_AT: usize = 8 * 1024;

/// The longest pattern, encoded.
const LONGEST_ENCODED: usize = 3 * 256;

/// What is looked at of a path: as it stands, and decoded once if that differs.
pub(super) fn of_path(path: &str) -> (&[u8], Option<Vec<u8>>) {
    let path = beginning(path);
    (path, decoded(path))
}

/// The two ends of a query, of which the second is empty if the first is all of it. What begins in one and ends in the other
/// is seen if they touch.
pub(super) fn ends_of(query: &str) -> [&[u8]; 2] {
    let bytes = query.as_bytes();
    let last = bytes.len().saturating_sub(LOOKED_AT).max(LOOKED_AT.saturating_sub(LONGEST_ENCODED));
    let rest = if bytes.len() > LOOKED_AT { bytes.get(last..) } else { None };
    [beginning(query), rest.unwrap_or_default()]
}

/// What is looked at of such an end: the same as of a path, with `+` for a space.
pub(super) fn of_query(query: &[u8]) -> (&[u8], Option<Vec<u8>>) {
    if !query.contains(&b'+') {
        return (query, decoded(query));
    }
    let spaced: Vec<u8> =
        query.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    let decoded = decoded(&spaced);
    (query, decoded.or(Some(spaced)))
}

fn beginning(text: &str) -> &[u8] {
    let bytes = text.as_bytes();
    bytes.get(..LOOKED_AT).unwrap_or(bytes)
}

/// Decoded once. White space of any kind is a space, as it is to those who execute what is injected.
fn decoded(bytes: &[u8]) -> Option<Vec<u8>> {
    match Cow::from(percent_decode(bytes)) {
        Cow::Borrowed(_) => None,
        Cow::Owned(mut decoded) => {
            let whites =
                decoded.iter_mut().filter(|byte| byte.is_ascii_whitespace() || **byte == 0x0b);
            whites.for_each(|byte| *byte = b' ');
            Some(decoded)
        }
    }
}
