//! What a preflight asks for (Fetch, "CORS-preflight fetch"), and whether it gets it.

use http::{HeaderMap, Method, Request, header};
use palisade_core::{
    Code, Rejection, RejectionKind,
    header::{Sole, lines},
};

use super::{
    headers::{Headers, LONGEST},
    origins::{Grant, Origins},
};

/// The documented methods.
pub(crate) const METHODS: [Method; 6] =
    [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS];

/// Why a preflight gets nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum NotGranted {
    Origin,
    Method,
    Header,
}

/// Browsers write no empty element; lists that proxies joined may have some (RFC 9110 section 5.6.1.2).
const MOST_EMPTY: usize = 16;

/// Whether this is a preflight, and no other OPTIONS.
pub(crate) fn is_preflight<B>(request: &Request<B>) -> bool {
    let has = |name| request.headers().contains_key(name);
    request.method() == Method::OPTIONS
        && has(header::ORIGIN)
        && has(header::ACCESS_CONTROL_REQUEST_METHOD)
}

/// Whether a preflight gets what it asks for.
pub(crate) fn judge(
    headers: &HeaderMap,
    origins: &Origins,
    allowed: &Headers,
) -> Result<(), NotGranted> {
    if matches!(origins.grant(headers), Grant::NoOrigin | Grant::Nothing) {
        return Err(NotGranted::Origin);
    }
    if !may_use_method(headers) {
        return Err(NotGranted::Method);
    }
    if !may_send(headers, allowed) {
        return Err(NotGranted::Header);
    }
    Ok(())
}

/// HEAD needs no word of ours, like GET and POST (Fetch, "CORS-safelisted method"). Methods have a case.
fn may_use_method(headers: &HeaderMap) -> bool {
    let asked = Sole::of(headers, &header::ACCESS_CONTROL_REQUEST_METHOD);
    let Some(asked) = asked.value() else { return false };
    let is = |method: &Method| method.as_str().as_bytes() == asked.as_bytes();
    is(&Method::HEAD) || METHODS.iter().any(is)
}

/// Whether all headers that a page wants to send are allowed. What is longer than all that are allowed together is not, and is
/// not read: nothing is made of it that grows with it.
fn may_send(headers: &HeaderMap, allowed: &Headers) -> bool {
    let asked = || lines(headers, &header::ACCESS_CONTROL_REQUEST_HEADERS);
    let (mut long, mut empty) = (0_usize, 0_usize);
    for line in asked() {
        // As long as a line may be, also where there are many: each stands for a comma.
        long = long.saturating_add(line.len()).saturating_add(1);
        if long > LONGEST.saturating_add(1) {
            return false;
        }
    }
    asked().flat_map(|line| line.as_bytes().split(|byte| *byte == b',')).all(|name| {
        let name = name.trim_ascii();
        if name.is_empty() {
            empty = empty.saturating_add(1);
            return empty <= MOST_EMPTY;
        }
        allowed.has(name)
    })
}

// === impl NotGranted ===

impl NotGranted {
    /// What the preflight is answered. It is no violation: any page can have its visitor's browser send it.
    pub(crate) fn rejection(self) -> Rejection {
        let code = match self {
            Self::Origin => Code::new("cors.origin", "This page's origin may not call"),
            Self::Method => {
                Code::new("cors.method", "Pages of other sites may not use this method")
            }
            Self::Header => {
                Code::new("cors.header", "Pages of other sites may not send this header")
            }
        };
        Rejection::new(RejectionKind::Forbidden, code)
    }
}
