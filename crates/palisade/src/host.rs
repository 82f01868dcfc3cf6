//! Refuses requests that do not say clearly for which host they are.

use http::{HeaderMap, HeaderValue, Uri, Version, header, request, uri::Authority};
use palisade_core::{
    Code, Policy, Rejection, RejectionKind, SecurityContext, Verdict, header::Sole,
};

const MALFORMED_HOST: Code = Code::new("malformed-header.host", "A header is not well formed");

/// Refuses a request that names no host, several, or one that is none: proxies and servers that pick different ones are how
/// caches are poisoned and requests smuggled.
///
/// 1. More than one `Host` is 400 (RFC 9112 section 3.2).
/// 2. None is 400 in HTTP/1.1, also in process: `Request::builder().uri("/x")` is of that version, and needs
///    `.header("host", "localhost")`. In HTTP/2 it is where there is no `:authority` either. HTTP/1.0 knows of none.
/// 3. One that is no host with or without a port is 400 (RFC 3986 section 3.2.2), also an empty one, and one with a user
///    before it (RFC 9113 section 8.3.1), in `Host`, in `:authority`, and in a target that is a whole URL.
/// 4. One that differs from the host in the target is 400. RFC 9112 section 3.2.2 lets a server take the target's; who sends
///    both apart wants two readers to differ (RFC 9113 section 8.3.1 calls it malformed).
#[derive(Clone, Copy, Debug, Default)]
pub struct HostPolicy;

impl HostPolicy {
    /// Makes one.
    #[must_use]
    pub fn new() -> Self {
        Self
    }
}

impl Policy for HostPolicy {
    fn name(&self) -> &'static str {
        "host"
    }

    fn check(&self, head: &mut request::Parts, _context: &SecurityContext) -> Verdict {
        match fault(head.version, &head.uri, &head.headers) {
            None => Verdict::Pass,
            Some(reason) => {
                Rejection::new(RejectionKind::Malformed, MALFORMED_HOST).detail(reason).into()
            }
        }
    }
}

/// What is wrong, if anything is.
pub(crate) fn fault(version: Version, uri: &Uri, headers: &HeaderMap) -> Option<&'static str> {
    match (Sole::of(headers, &header::HOST), uri.authority()) {
        (Sole::Several, _) => Some("There is more than one host."),
        (_, Some(target)) if !is_host(target.as_str().as_bytes()) => {
            Some("The host of the target is not well formed.")
        }
        (Sole::Missing, None) if version == Version::HTTP_10 || version == Version::HTTP_09 => None,
        (Sole::Missing, Some(_)) if version != Version::HTTP_11 => None,
        (Sole::Missing, _) if version == Version::HTTP_11 => {
            Some("There is no host: HTTP/1.1 asks for one (RFC 9112 section 3.2).")
        }
        (Sole::Missing, _) => Some("There is no host."),
        (Sole::Is(host), _) if !is_host(host.as_bytes()) => Some("The host is not well formed."),
        (Sole::Is(host), Some(target)) if !is_same(host, target) => {
            Some("The host is not that of the target.")
        }
        (Sole::Is(_), _) => None,
    }
}

fn is_same(host: &HeaderValue, target: &Authority) -> bool {
    host.as_bytes().eq_ignore_ascii_case(target.as_str().as_bytes())
}

/// `uri-host [ ":" port ]` (RFC 9110 section 7.2). The host is a name, an IPv4 address, or an address in brackets.
fn is_host(text: &[u8]) -> bool {
    if text.first() == Some(&b'[') {
        let Some(end) = text.iter().position(|byte| *byte == b']') else { return false };
        let (address, rest) = text.split_at(end);
        let address = address.get(1..).unwrap_or_default();
        let digits = |byte: &u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.');
        return address.contains(&b':')
            && address.iter().all(digits)
            && is_port(rest.get(1..).unwrap_or_default());
    }
    let end = text.iter().position(|byte| *byte == b':').unwrap_or(text.len());
    let (name, port) = text.split_at(end);
    !name.is_empty() && name.iter().copied().all(is_of_a_name) && is_port(port)
}

/// What names consist of (RFC 3986 section 3.2.2: unreserved, sub-delims, percent).
fn is_of_a_name(byte: u8) -> bool {
    // Not looked up in a list: this is asked of every byte of every request's host.
    matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'!' | b'$'
        | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=' | b'%')
}

/// Nothing, or a colon and digits, which may be none (RFC 3986 section 3.2.3).
fn is_port(text: &[u8]) -> bool {
    match text.split_first() {
        None => true,
        Some((b':', digits)) => digits.len() <= 5 && digits.iter().all(u8::is_ascii_digit),
        Some(_) => false,
    }
}
