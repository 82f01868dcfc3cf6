//! `redirection` (`src/analyzer/tests/redirection.js`).

use http::Uri;

use super::outcome::{Outcome, fail, pass};
use crate::audit::{Answer, PlainHttp, Scheme, facts::Facts, rule_set::Finding};

const PRELOADED: Outcome = pass("redirection-all-redirects-preloaded", 0);
const TO_HTTPS: Outcome = pass("redirection-to-https", 0);
const NOT_NEEDED: Outcome = pass("redirection-not-needed-no-http", 0);
const OFF_HOST: Outcome = fail("redirection-off-host-from-http", -5, FIX);
const NOT_AT_ONCE: Outcome = fail("redirection-not-to-https-on-initial-redirection", -10, FIX);
const NOT_TO_HTTPS: Outcome = fail("redirection-not-to-https", -20, FIX);
const MISSING: Outcome = fail("redirection-missing", -20, FIX);
const UNTRUSTED: Outcome = fail(
    "redirection-invalid-cert",
    -20,
    "install a certificate that browsers trust, for this host",
);
const FIX: &str =
    "redirect plain HTTP to HTTPS on the same host first, and from there to anywhere else";

pub(super) fn check(facts: &Facts<'_>) -> Finding {
    match &facts.answer.plain_http {
        None if facts.answer.scheme == Scheme::Http => MISSING.of("served over plain HTTP"),
        None => Finding::not_applicable("plain HTTP was not asked"),
        Some(PlainHttp::Closed) => NOT_NEEDED.of("nobody listens for plain HTTP"),
        Some(PlainHttp::Untrusted) => UNTRUSTED.of("the certificate does not count"),
        Some(PlainHttp::Route(route)) => {
            let places: Vec<String> = route.iter().map(ToString::to_string).collect();
            of(facts.answer, route).of(places.join(" -> "))
        }
    }
}

fn of(answer: &Answer, route: &[Uri]) -> &'static Outcome {
    let is_https = |uri: &Uri| uri.scheme_str() == Some("https");
    let host = |uri: &Uri| uri.host().unwrap_or_default().to_ascii_lowercase();
    let is_own = |uri: &Uri| *host(uri) == *answer.host;
    match route {
        _ if answer.is_preloaded && route.iter().all(is_own) => &PRELOADED,
        [] | [_] => &MISSING,
        [.., last] if !is_https(last) => &NOT_TO_HTTPS,
        [_, second, ..] if !is_https(second) => &NOT_AT_ONCE,
        [first, second, ..] if !is_https(first) && host(first) != host(second) => &OFF_HOST,
        _ => &TO_HTTPS,
    }
}
