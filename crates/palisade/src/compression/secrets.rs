//! Whether the length of a coded answer would tell a secret (BREACH; RFC 9110 section 17.6).
//!
//! The attack takes three things in one answer: a secret that stays the same, text of the attacker, and a coding, which is shorter where the two
//! are alike. Padding of random length only asks for more requests, so it is not done: the answer is not coded.

use http::{HeaderMap, HeaderName, Method, Request, Response, header};
use palisade_core::{
    RouteTag, SecurityContext,
    header::{find, lines},
};

use super::answer::has;

/// In an answer's extensions: it is never compressed. For what stands beside what strangers wrote.
///
/// ```
/// use http::Response;
/// use palisade::NeverCompress;
/// let answer = Response::builder().extension(NeverCompress).body("a message of a stranger, and a secret");
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct NeverCompress;

/// In an answer's extensions: it may be compressed, whoever asked and by whatever request, as there is nothing in it that would be worth
/// guessing.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct HoldsNoSecret;

/// Whether an answer may hold a secret beside somebody else's text, as far as the request can tell.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Secrets {
    /// It is for anyone, or nobody else had a hand in it.
    None,
    /// Unless its handler knows better.
    Perhaps,
    /// Its route says so.
    Always,
}

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// They name a visit, and not a person.
const VISITS: [&[u8]; 2] = [b"pm_sid", b"__Host-pm_sid"];

// === impl NeverCompress ===

impl NeverCompress {
    /// The same as the tag of a route: none of its answers is compressed.
    pub const TAG: RouteTag = RouteTag::new("never-compress");
}

// === impl Secrets ===

impl Secrets {
    pub(crate) fn of<B>(request: &Request<B>) -> Self {
        let context = request.extensions().get::<SecurityContext>();
        let route = context.and_then(SecurityContext::route);
        if route.is_some_and(|route| route.has_tag(NeverCompress::TAG)) {
            return Self::Always;
        }
        let headers = request.headers();
        let sends_by_itself = has_cookie(headers) || has_other_authorization(headers);
        let sends =
            find(headers, &header::AUTHORIZATION).is_some() || find(headers, &API_KEY).is_some();
        let is_known =
            context.is_some_and(|context| context.has_credential() || context.identity().is_some());
        if !(sends_by_itself || sends || is_known) {
            return Self::None;
        }
        let brings_input = request.uri().query().is_some()
            || !matches!(*request.method(), Method::GET | Method::HEAD);
        // Who is known by something that no header holds is known by what the browser does.
        let by_itself = sends_by_itself || !sends;
        if brings_input || by_itself && !asks_for_itself(headers) {
            return Self::Perhaps;
        }
        Self::None
    }

    /// What the handler says of its answer counts more.
    pub(crate) fn stand_in<B>(self, answer: &Response<B>) -> bool {
        let says_never = answer.extensions().get::<NeverCompress>().is_some();
        says_never
            || match self {
                Self::None => false,
                Self::Perhaps => !is_for_anyone(answer),
                Self::Always => true,
            }
    }
}

/// A cookie other than that of a visit.
fn has_cookie(headers: &HeaderMap) -> bool {
    let lines = lines(headers, &header::COOKIE);
    lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';')).any(|pair| {
        let name = pair.split(|byte| *byte == b'=').next().unwrap_or_default().trim_ascii();
        !name.is_empty() && !VISITS.contains(&name)
    })
}

/// Browsers repeat what a user typed once (RFC 7617, RFC 7616, RFC 4559), but no bearer token.
fn has_other_authorization(headers: &HeaderMap) -> bool {
    lines(headers, &header::AUTHORIZATION).any(|line| {
        let scheme = line.as_bytes().split(|byte| *byte == b' ').next().unwrap_or_default();
        !scheme.eq_ignore_ascii_case(b"bearer")
    })
}

/// Whether one of our own pages asks, or the user by himself (Fetch Metadata). No page can write this header; old browsers, and all of
/// them without TLS, send none.
fn asks_for_itself(headers: &HeaderMap) -> bool {
    find(headers, &FETCH_SITE).is_some_and(|site| site == "same-origin" || site == "none")
}

fn is_for_anyone<B>(answer: &Response<B>) -> bool {
    answer.extensions().get::<HoldsNoSecret>().is_some()
        || lines(answer.headers(), &header::CACHE_CONTROL).any(|line| has(line, "public"))
}
