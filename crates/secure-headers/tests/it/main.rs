//! The behaviour of the security headers, one file each.

#![allow(
    clippy::allow_attributes,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cognitive_complexity,
    clippy::disallowed_methods,
    clippy::excessive_nesting,
    clippy::expect_used,
    clippy::fn_params_excessive_bools,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::pedantic,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "tests: a wrong setup must fail loudly, and a case must stay one line"
)]

#[cfg(feature = "audit")]
mod audit;
#[cfg(feature = "axum")]
mod axum;
mod build_errors;
mod caching;
mod clear_site_data;
mod documented_tables;
mod handler_values;
mod hashes;
mod hsts;
mod nonce;
mod overrides;
mod presets;
mod properties;
mod refusals;
mod reporting_endpoints;
#[cfg(feature = "reports")]
mod reports;
#[cfg(any(feature = "askama", feature = "minijinja"))]
mod templates;

use http::{HeaderName, HeaderValue, Response, request::Parts};
use palisade_core::{
    Access, Chain, Clock, Policies, Policy, Route, RouteTag, SecurityContext, Transport, Verdict,
};
use palisade_secure_headers::{HeaderSet, SecureHeadersPolicy};
use palisade_test_support::{Ask, Body, head_of};

/// The answer of a handler that sets `own` headers, to `ask`, on `route`.
fn answer_of(
    policy: &SecureHeadersPolicy,
    ask: Ask,
    route: Option<Route>,
    own: &[(&'static str, &'static str)],
) -> (Response<()>, SecurityContext) {
    let (mut head, mut answer) = (head_of(ask), Response::new(()));
    let context = SecurityContext::ensure(&mut head, &Clock::system());
    assert!(matches!(policy.check(&mut head, &context), Verdict::Pass), "it never refuses");
    if let Some(route) = route {
        context.learn_route(route);
    }
    for (name, value) in own {
        let name = HeaderName::from_static(name);
        answer.headers_mut().append(name, HeaderValue::from_static(value));
    }
    let (mut parts, ()) = answer.into_parts();
    policy.finish(&context, &mut parts);
    (Response::from_parts(parts, ()), context)
}

/// The answer over TLS of a handler that sets `own` headers.
fn answer(policy: &SecureHeadersPolicy, own: &[(&'static str, &'static str)]) -> Response<()> {
    answer_of(policy, over_tls(), None, own).0
}

/// What becomes of a handler's answer over TLS.
fn finished(policy: &SecureHeadersPolicy, answer: Response<()>) -> Response<()> {
    let mut head = head_of(over_tls());
    let context = SecurityContext::ensure(&mut head, &Clock::system());
    assert!(matches!(policy.check(&mut head, &context), Verdict::Pass), "it never refuses");
    let (mut parts, ()) = answer.into_parts();
    policy.finish(&context, &mut parts);
    Response::from_parts(parts, ())
}

fn over_tls() -> Ask {
    Ask::get("/").over(Transport::Secure)
}

/// The answer over TLS on a route that carries `tags`.
fn on_route(policy: &SecureHeadersPolicy, id: &'static str, tags: &[RouteTag]) -> Response<()> {
    let route = Route::new(id, Access::Public).with_tags(tags.iter().copied());
    answer_of(policy, over_tls(), Some(route), &[]).0
}

/// Every line of a header, `None` if there is none.
fn lines<B>(answer: &Response<B>, name: &str) -> Option<String> {
    let lines = answer.headers().get_all(name).iter();
    let lines: Vec<_> = lines.map(|line| line.to_str().expect("visible ASCII")).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn header_of(headers: HeaderSet, name: &str) -> Option<String> {
    lines(&answer(&SecureHeadersPolicy::new(headers), &[]), name)
}

/// The text with the nonce taken out, and the nonces.
fn split_nonces(csp: &str) -> (String, Vec<String>) {
    let (mut text, mut nonces) = (String::new(), Vec::new());
    let mut parts = csp.split("'nonce-");
    text.push_str(parts.next().unwrap());
    for part in parts {
        let (nonce, rest) = part.split_once('\'').unwrap();
        nonces.push(nonce.to_owned());
        text.push_str("'nonce'");
        text.push_str(rest);
    }
    (text, nonces)
}

/// Learns a route further in, as the route registry does.
#[derive(Debug)]
struct Learns(Route);

impl Policy for Learns {
    fn name(&self) -> &'static str {
        "learns"
    }
    fn check(&self, _head: &mut Parts, context: &SecurityContext) -> Verdict {
        context.learn_route(self.0.clone());
        Verdict::Pass
    }
}

/// `ask` through the headers and `inner` to a service that echoes.
fn through<P: Policies>(policy: SecureHeadersPolicy, inner: P, ask: Ask) -> Response<Body> {
    let chain: Chain<_, _> = policy.then(inner);
    ask.policies(chain)
}
