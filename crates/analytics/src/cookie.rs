//! The session cookie: read from a request, and set from typed parts alone, so that nothing can be injected into it.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use palisade_core::{
    Transport,
    header::{find, lines},
};

use crate::SessionId;

const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Which session cookie is read and set.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum CookieSecurity {
    /// [`Secure`](Self::Secure) where the context knows that the client's connection is encrypted
    /// ([`SecurityContext::transport`](palisade_core::SecurityContext::transport)), else [`Plain`](Self::Plain).
    #[default]
    ByTransport,
    /// `pm_sid`, for plain HTTP.
    Plain,
    /// `__Host-pm_sid` with `Secure`, for TLS: no other host and no plain connection can set it (RFC 6265bis section
    /// 4.1.3.2).
    Secure,
}

/// One of the two cookies.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum SessionCookie {
    Plain,
    Secure,
}

// === impl SessionCookie ===

impl SessionCookie {
    /// How long a session lasts without a visit, in seconds.
    const MAX_AGE: u32 = 1800;

    /// The cookie of a request that came by `transport`.
    pub(crate) fn of(security: CookieSecurity, transport: Option<Transport>) -> Self {
        match security {
            CookieSecurity::Secure => Self::Secure,
            CookieSecurity::ByTransport if transport == Some(Transport::Secure) => Self::Secure,
            CookieSecurity::Plain | CookieSecurity::ByTransport => Self::Plain,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Plain => "pm_sid",
            Self::Secure => "__Host-pm_sid",
        }
    }

    /// The session a request presents. HTTP/2 may split `Cookie` into lines (RFC 9113 section 8.2.3). Of several, the
    /// first that is one.
    pub(crate) fn read(self, headers: &HeaderMap) -> Option<SessionId> {
        let lines = lines(headers, &header::COOKIE);
        lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';')).find_map(|pair| {
            let value = pair.trim_ascii().strip_prefix(self.name().as_bytes())?;
            SessionId::read(value.strip_prefix(b"=")?)
        })
    }

    /// The `Set-Cookie` that gives the session its whole time.
    pub(crate) fn set(self, session: SessionId) -> Option<HeaderValue> {
        let (name, age) = (self.name(), Self::MAX_AGE);
        let secure = match self {
            Self::Plain => "",
            Self::Secure => "; Secure",
        };
        let text =
            format!("{name}={session}; Max-Age={age}; Path=/; HttpOnly; SameSite=Lax{secure}");
        HeaderValue::try_from(text).ok()
    }
}

/// Whether a browser navigates: by its own word (`Sec-Fetch-Mode`), or, if it says none, because it takes HTML. A
/// program that calls the API does neither.
pub(crate) fn navigates(headers: &HeaderMap) -> bool {
    if let Some(mode) = find(headers, &FETCH_MODE) {
        return mode == "navigate";
    }
    members(headers, &header::ACCEPT).any(|range| {
        let kind = range.split(|byte| *byte == b';').next().unwrap_or_default();
        kind.trim_ascii().eq_ignore_ascii_case(b"text/html")
    })
}

/// Makes sure that no shared cache keeps the answer, as far as the handler has nothing against it; whether that is so.
///
/// Only `private` and `no-store` without names keep one off (RFC 9111 section 5.2.2). Where nothing is said a cache may guess
/// (section 4.2.2), so it is said here; what was said for caches stays. What is said to some caches alone, these obey instead (RFC 9213
/// section 2.2).
pub(crate) fn keep_from_others(headers: &mut HeaderMap) -> bool {
    if headers.keys().any(is_for_some_caches) {
        return false;
    }
    let (mut is_silent, mut asks_again, mut is_private) = (true, true, false);
    for member in members(headers, &header::CACHE_CONTROL).filter(|member| !member.is_empty()) {
        let is = |directive: &[u8]| member.eq_ignore_ascii_case(directive);
        is_silent = false;
        asks_again &= is(b"no-cache");
        is_private |= is(b"no-store") || is(b"private");
    }
    if is_private {
        return true;
    }
    if is_silent && find(headers, &header::EXPIRES).is_none() {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        return true;
    }
    if !is_silent && asks_again {
        headers.append(header::CACHE_CONTROL, HeaderValue::from_static("private"));
        return true;
    }
    false
}

/// `CDN-Cache-Control` and the like, and what they were before they had a standard.
fn is_for_some_caches(name: &HeaderName) -> bool {
    name.as_str().ends_with("-cache-control") || name.as_str() == "surrogate-control"
}

/// The members of a header that is a list. A comma in quotes is none.
fn members<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a [u8]> {
    let split = |line: &'a HeaderValue| {
        let mut is_quoted = false;
        line.as_bytes().split(move |byte| {
            is_quoted ^= *byte == b'"';
            *byte == b',' && !is_quoted
        })
    };
    lines(headers, name).flat_map(split).map(<[u8]>::trim_ascii)
}
