//! `Vary` (RFC 9110 section 12.5.5) as the compression writes it.

use http::{HeaderMap, HeaderValue, header};

/// Says that the answer depends on what the client accepts, unless it says so already.
pub(crate) fn on_accept_encoding(headers: &mut HeaderMap) {
    let name = header::ACCEPT_ENCODING.as_str();
    let says = |line: &HeaderValue| {
        let mut places = line.as_bytes().windows(name.len());
        places.any(|place| place.eq_ignore_ascii_case(name.as_bytes()))
    };
    if !headers.get_all(header::VARY).iter().any(says) {
        headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
}
