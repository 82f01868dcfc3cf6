//! `Vary` (RFC 9110 section 12.5.5) as CORS and compression write it: one line, each name once.

use http::{HeaderMap, HeaderValue, header};
use palisade_core::header::{find, joined, lines};

/// What compression looks at.
pub(crate) const ACCEPT_ENCODING: &str = "accept-encoding";
/// What CORS looks at.
pub(crate) const ORIGIN: &str = "origin";
/// What the answer of a preflight depends on.
const PREFLIGHT: &str = "origin, access-control-request-method, access-control-request-headers";

/// What an answer of ours that was compressed nearly always ends up with.
const BOTH: &str = "accept-encoding, origin";

/// Says that the answer depends on the header `name`, unless it says so already, or that it depends on more than can be named.
pub(crate) fn add(headers: &mut HeaderMap, name: &'static str) {
    let vary = match find(headers, &header::VARY) {
        None => HeaderValue::from_static(name),
        Some(known) if name == ORIGIN && known == ACCEPT_ENCODING && is_alone(headers) => {
            HeaderValue::from_static(BOTH)
        }
        Some(_) if says(headers, name) => return,
        Some(_) => {
            let new = HeaderValue::from_static(name);
            let all = joined(lines(headers, &header::VARY).chain([&new]));
            // Values joined are always a value.
            let Some(all) = all else { return };
            all
        }
    };
    headers.insert(header::VARY, vary);
}

/// Says what the answer of a preflight depends on: all that it asks for.
pub(crate) fn on_preflight(headers: &mut HeaderMap) {
    headers.insert(header::VARY, HeaderValue::from_static(PREFLIGHT));
}

fn is_alone(headers: &HeaderMap) -> bool {
    lines(headers, &header::VARY).nth(1).is_none()
}

fn says(headers: &HeaderMap, name: &str) -> bool {
    let names =
        lines(headers, &header::VARY).flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    names
        .map(<[u8]>::trim_ascii)
        .any(|known| known == b"*" || known.eq_ignore_ascii_case(name.as_bytes()))
}
