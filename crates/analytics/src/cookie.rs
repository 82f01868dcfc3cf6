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

/// Whether the answer lets a shared cache keep it.
pub(crate) fn may_be_shared(headers: &HeaderMap) -> bool {
    let says = |directive: &[u8]| {
        members(headers, &header::CACHE_CONTROL).any(|member| {
            let name = member.split(|byte| *byte == b'=').next().unwrap_or_default();
            name.trim_ascii().eq_ignore_ascii_case(directive)
        })
    };
    let kept_off = says(b"no-store") || says(b"private");
    !kept_off && (says(b"public") || says(b"s-maxage") || says(b"max-age"))
}

/// The members of a header that is a list.
fn members<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a [u8]> {
    lines(headers, name)
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
}
