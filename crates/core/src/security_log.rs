//! The security log: one structured event per security fact, by `tracing`.

use std::{
    borrow::Cow,
    fmt::{self, Write},
};

use http::{HeaderMap, Method, header, request};
use tracing::{Level, field};

use crate::{
    ClientIp, Enforce, IpKey, LimitReport, OneLine, Rejection, RejectionKind, SecurityContext,
    ViolationKind,
};

/// The target of every event of the security log.
pub const SECURITY_TARGET: &str = "palisade::security";

/// A credential was presented and does not count.
const AUTH_EVENT: &str = "auth.failed";
/// A quota is used up.
const LIMIT_EVENT: &str = "rate-limit.exceeded";
/// A blocklist or a ban names the client.
const BLOCKED_EVENT: &str = "request.blocked";
/// It is known who asks, and he may not.
const DENIED_EVENT: &str = "access.denied";
/// Everything else that a policy refuses.
const REFUSED_EVENT: &str = "request.refused";

/// Codes of refusals that a list or a ban decided.
const BLOCKED_CODES: [&str; 2] = ["blocked", "banned"];
/// How codes begin of refusals that say what is missing.
const DENIED_CODES: &str = "insufficient-";
/// The code of a refusal that asks for a credential where there is none. That is nobody's failure.
const NO_CREDENTIAL: &str = "credentials-required";

/// What a line tells of the request.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    /// Where they are still at hand.
    pub(crate) headers: Option<&'a HeaderMap>,
}

/// Logs a refusal. What clients write is a plain `str`, which every format escapes, so that one event stays one line; the
/// query is left out, because tokens travel there.
pub(crate) fn refusal(
    rejection: &Rejection,
    enforce: Enforce,
    asked: Asked<'_>,
    context: &SecurityContext,
) {
    if !tracing::event_enabled!(target: SECURITY_TARGET, Level::WARN) {
        return;
    }
    let event = event(rejection);
    let mut address = Address { text: [0; 48], length: 0 };
    let limit = (event == LIMIT_EVENT).then(|| Limit::of(rejection, context));
    let headers = asked.headers.filter(|_| event == AUTH_EVENT);
    let user_agent = headers.and_then(user_agent);
    tracing::event!(
        target: SECURITY_TARGET,
        Level::WARN,
        event,
        code = rejection.code().as_str(),
        policy = rejection.policy(),
        status = rejection.status().as_u16(),
        enforced = enforce == Enforce::Block,
        request_id = %context.request_id(),
        client_ip = context.client_ip().map(|client| address.text(client)),
        user_id = context.identity().map(crate::Identity::subject),
        issuer = context.identity().and_then(crate::Identity::issuer),
        method = asked.method.as_str(),
        path = asked.path,
        user_agent = user_agent.as_deref(),
        key_kind = limit.as_ref().map(Limit::key_kind),
        key = limit.as_ref().map(field::display),
        limit = limit.as_ref().and_then(Limit::name).or_else(|| rejection.violated_policies().next()),
        threshold = limit.as_ref().and_then(Limit::threshold),
        reason = rejection.has_reason().then(|| field::display(Reason(rejection))),
        "refused"
    );
}

/// What the refusal is called.
fn event(rejection: &Rejection) -> &'static str {
    let code = rejection.code();
    match (rejection.kind(), rejection.violation_kind()) {
        (RejectionKind::LimitExceeded, _) | (_, Some(ViolationKind::RateLimit)) => LIMIT_EVENT,
        (_, Some(ViolationKind::AuthFailure)) => AUTH_EVENT,
        (RejectionKind::Unauthenticated, _) if code.problem() != NO_CREDENTIAL => AUTH_EVENT,
        (RejectionKind::Forbidden, _) if BLOCKED_CODES.contains(&code.problem()) => BLOCKED_EVENT,
        _ if code.problem().starts_with(DENIED_CODES) => DENIED_EVENT,
        _ => REFUSED_EVENT,
    }
}

fn user_agent(headers: &HeaderMap) -> Option<Cow<'_, str>> {
    let value = headers.get(header::USER_AGENT)?;
    Some(String::from_utf8_lossy(value.as_bytes()))
}

/// Whom a limit counts, and what it allows: as the limiter does, users by their name and all others by their address.
struct Limit<'a> {
    user: Option<&'a str>,
    address: Option<IpKey>,
    /// What the limiter said of the quota that is used up.
    report: Option<LimitReport>,
}

/// Room for an address as text, so that it is a plain `str` and costs no allocation.
struct Address {
    text: [u8; 48],
    length: usize,
}

/// A reason, made when it is read: an event that nobody writes makes none.
struct Reason<'a>(&'a Rejection);

// === impl Asked ===

impl<'a> From<&'a request::Parts> for Asked<'a> {
    fn from(head: &'a request::Parts) -> Self {
        Self { method: &head.method, path: head.uri.path(), headers: Some(&head.headers) }
    }
}

// === impl Limit ===

impl<'a> Limit<'a> {
    fn of(rejection: &Rejection, context: &'a SecurityContext) -> Self {
        let report = context.limit();
        let report = report.filter(|report| {
            rejection.violated_policies().any(|violated| violated == &*report.policy)
        });
        Self {
            user: context.identity().map(crate::Identity::subject),
            address: context.client_ip().map(ClientIp::key),
            report,
        }
    }

    fn name(&self) -> Option<&str> {
        self.report.as_ref().map(|report| &*report.policy)
    }

    fn threshold(&self) -> Option<u64> {
        self.report.as_ref().map(|report| report.limit)
    }

    fn key_kind(&self) -> &'static str {
        if self.user.is_some() { "user" } else { "address" }
    }
}

impl fmt::Display for Limit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.user, &self.address) {
            (Some(user), _) => OneLine(user).fmt(f),
            (None, Some(address)) => address.fmt(f),
            (None, None) => Ok(()),
        }
    }
}

// === impl Address ===

impl Address {
    fn text(&mut self, client: &ClientIp) -> &str {
        // It has room for every address.
        _ = match client.addr() {
            std::net::IpAddr::V4(v4) => self.dotted(v4.octets()),
            std::net::IpAddr::V6(v6) => write!(self, "{v6}"),
        };
        let text = self.text.get(..self.length).unwrap_or_default();
        std::str::from_utf8(text).unwrap_or_default()
    }

    /// What the standard library takes 40 ns for.
    fn dotted(&mut self, octets: [u8; 4]) -> fmt::Result {
        let mut is_first = true;
        for octet in octets {
            if !std::mem::take(&mut is_first) {
                self.push(b'.')?;
            }
            let (hundreds, rest) = (octet / 100, octet % 100);
            if octet >= 100 {
                self.push(b'0'.saturating_add(hundreds))?;
            }
            if octet >= 10 {
                self.push(b'0'.saturating_add(rest / 10))?;
            }
            self.push(b'0'.saturating_add(rest % 10))?;
        }
        Ok(())
    }

    fn push(&mut self, byte: u8) -> fmt::Result {
        let place = self.text.get_mut(self.length).ok_or(fmt::Error)?;
        *place = byte;
        self.length = self.length.saturating_add(1);
        Ok(())
    }
}

impl Write for Address {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.bytes().try_for_each(|byte| self.push(byte))
    }
}

// === impl Reason ===

impl fmt::Display for Reason<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Somebody else's format may write it as it is.
        OneLine(self.0.private_reason().unwrap_or_default()).fmt(f)
    }
}
