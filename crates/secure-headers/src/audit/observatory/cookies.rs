//! `cookies` (`src/analyzer/tests/cookies.js`).

use http::header::SET_COOKIE;

use super::{
    outcome::{Outcome, fail, pass},
    transport,
};
use crate::audit::{
    Verdict,
    cookie::{Cookie, SameSite},
    facts::Facts,
    rule_set::Finding,
};

const ALL_FINE: Outcome = pass("cookies-secure-with-httponly-sessions-and-samesite", 5);
const WITHOUT_SAME_SITE: Outcome = pass("cookies-secure-with-httponly-sessions", 0);
const NONE: Outcome = pass("cookies-not-found", 0);

/// From bad to worse. The worst of all cookies is the outcome.
static WORSE: [Outcome; 7] = [
    fail("cookies-without-secure-flag-but-protected-by-hsts", -5, "add Secure"),
    fail("cookies-without-secure-flag", -20, "add Secure, and send Strict-Transport-Security"),
    fail("cookies-session-without-secure-flag-but-protected-by-hsts", -10, "add Secure"),
    fail("cookies-samesite-flag-invalid", -20, "set SameSite=Lax or Strict; None only with Secure"),
    fail("cookies-anticsrf-without-samesite-flag", -20, "set SameSite=Lax or Strict"),
    fail("cookies-session-without-httponly-flag", -30, "add HttpOnly to the session's cookie"),
    fail(
        "cookies-session-without-secure-flag",
        -40,
        "add Secure, and send Strict-Transport-Security",
    ),
];

/// Of which its authors know that nobody can do anything about it.
const SPARED: &str = "heroku-session-affinity";

pub(super) fn check(facts: &Facts<'_>) -> Finding {
    let cookies: Vec<&Cookie> =
        facts.cookies_there.iter().filter(|cookie| cookie.name != SPARED).collect();
    if cookies.is_empty() {
        return NONE.of("no cookies");
    }
    let hsts = transport::check(facts).verdict;
    let invalid = facts.answer.each(SET_COOKIE).any(|line| names_no_same_site(&line)).then_some(3);
    let faults = cookies.iter().flat_map(|cookie| faults(cookie, hsts));
    let worst = faults.chain(invalid).max().and_then(|worst| WORSE.get(worst));
    let fine = || {
        let all = cookies.iter().all(|cookie| cookie.same_site.is_some());
        if all { &ALL_FINE } else { &WITHOUT_SAME_SITE }
    };
    let names: Vec<&str> = cookies.iter().map(|cookie| cookie.name.as_str()).collect();
    worst.unwrap_or_else(fine).of(names.join(", "))
}

/// The places in [`WORSE`] of what is wrong with a cookie.
fn faults(cookie: &Cookie, hsts: Verdict) -> impl Iterator<Item = usize> {
    let is_kept_by_hsts = hsts == Verdict::Pass;
    let is_open = !cookie.is_secure;
    let is_session = cookie.is_session();
    let such = [
        (is_open && is_kept_by_hsts, 0),
        (is_open && !is_kept_by_hsts, 1),
        (is_open && is_kept_by_hsts && is_session, 2),
        (is_open && cookie.same_site == Some(SameSite::None), 3),
        (cookie.is_against_forgery() && cookie.same_site.is_none(), 4),
        (is_session && !cookie.is_http_only, 5),
        (is_open && !is_kept_by_hsts && is_session, 6),
    ];
    such.into_iter().filter(|(is_so, _)| *is_so).map(|(_, place)| place)
}

/// Whether a line says `SameSite` and no word that means something.
fn names_no_same_site(line: &str) -> bool {
    line.split(';').any(|part| {
        let mut pieces = part.split('=');
        let name = pieces.next().unwrap_or_default();
        let value = pieces.next().unwrap_or_default();
        name.trim().eq_ignore_ascii_case("samesite") && SameSite::read(value.trim()).is_none()
    })
}
