//! `Accept-Encoding` (RFC 9110 section 12.5.3) as the compression reads it.

use http::{HeaderMap, HeaderValue, header};
use palisade_core::header::find;

/// What a client accepts, if a coding of ours may be among it.
///
/// Nothing, if it forbids to answer at all: an uncoded answer, and every coding of ours. The standard asks to answer without
/// a coding then. tower-http would answer 406, but only after the handler ran: a deed that is done, and a client that reads
/// that it was not.
pub(crate) fn accepted(headers: &HeaderMap) -> Option<HeaderValue> {
    find(headers, &header::ACCEPT_ENCODING)?;
    let mut lines = headers.get_all(header::ACCEPT_ENCODING).iter();
    let first = lines.next()?;
    if forbids_all(headers) {
        return None;
    }
    let mut all = first.as_bytes().to_vec();
    for line in lines.by_ref() {
        all.extend_from_slice(b", ");
        all.extend_from_slice(line.as_bytes());
    }
    HeaderValue::try_from(all).ok()
}

/// Says that the answer depends on what the client accepts, unless it says so already.
pub(crate) fn vary(headers: &mut HeaderMap) {
    let name = header::ACCEPT_ENCODING.as_str();
    let says = |line: &HeaderValue| {
        let mut places = line.as_bytes().windows(name.len());
        places.any(|place| place.eq_ignore_ascii_case(name.as_bytes()))
    };
    if !headers.get_all(header::VARY).iter().any(says) {
        headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
}

fn forbids_all(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::ACCEPT_ENCODING);
    let members = || lines.iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    members().any(|member| quality(member).is_none_or(|quality| !quality))
        && !members().any(|member| is_ours(member) && quality(member) == Some(true))
}

fn is_ours(member: &[u8]) -> bool {
    let coding = member.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    [&b"br"[..], b"zstd", b"gzip", b"x-gzip"].iter().any(|own| coding.eq_ignore_ascii_case(own))
}

/// Whether a coding is wanted by its quality (RFC 9110 section 12.4.2): `None` if that is not well formed.
fn quality(member: &[u8]) -> Option<bool> {
    let mut parts = member.split(|byte| *byte == b';').skip(1);
    let Some(parameter) = parts.next() else { return Some(true) };
    let value = parameter.trim_ascii();
    let value = value.strip_prefix(b"q=").or_else(|| value.strip_prefix(b"Q="))?;
    let well_formed = parts.next().is_none() && (1..=5).contains(&value.len());
    match value.split_first()? {
        (b'1', rest) if well_formed && matches!(rest, [] | [b'.', ..]) => {
            rest.iter().skip(1).all(|digit| *digit == b'0').then_some(true)
        }
        (b'0', rest) if well_formed && matches!(rest, [] | [b'.', ..]) => {
            let digits = rest.get(1..).unwrap_or_default();
            let wanted = digits.iter().any(|digit| *digit != b'0');
            digits.iter().all(u8::is_ascii_digit).then_some(wanted)
        }
        _ => None,
    }
}
