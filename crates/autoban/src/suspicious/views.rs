//! The forms of a path and a query that are looked at.

use std::borrow::Cow;

use percent_encoding::percent_decode;

/// So many bytes of a path and of a query are looked at: what stands behind them reaches no handler that reads it, and
/// nobody makes the search slow by a long request.
pub(super) const LOOKED_AT: usize = 8 * 1024;

/// What is looked at of a path: as it stands, and decoded once if that differs.
pub(super) fn of_path(path: &str) -> (&[u8], Option<Vec<u8>>) {
    let path = beginning(path);
    (path, decoded(path))
}

/// What is looked at of a query: the same, with `+` for a space.
pub(super) fn of_query(query: &str) -> (&[u8], Option<Vec<u8>>) {
    let query = beginning(query);
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
