//! `strict-transport-security` (`src/analyzer/tests/strict-transport-security.js`).

use http::header::STRICT_TRANSPORT_SECURITY;

use super::outcome::{Outcome, fail, pass};
use crate::audit::{Scheme, facts::Facts, rule_set::Finding};

const PRELOADED: Outcome = pass("hsts-preloaded", 5);
const LONG: Outcome = pass("hsts-implemented-max-age-at-least-six-months", 0);
const SHORT: Outcome = fail(
    "hsts-implemented-max-age-less-than-six-months",
    -10,
    "raise max-age to 31536000 (one year)",
);
const MISSING: Outcome = fail("hsts-not-implemented", -20, FIX);
const INVALID: Outcome = fail("hsts-header-invalid", -20, FIX);
const NO_HTTPS: Outcome = fail("hsts-not-implemented-no-https", -20, "serve it over TLS");
const UNTRUSTED: Outcome =
    fail("hsts-invalid-cert", -20, "install a certificate that browsers trust, for this host");
const FIX: &str = "send Strict-Transport-Security: max-age=31536000; includeSubDomains, once";

/// Half a year, less a few days that many leave out.
const SIX_MONTHS: i128 = 15_552_000;
/// The number is read no further than this.
const LONGEST: usize = 120;

pub(super) fn check(facts: &Facts<'_>) -> Finding {
    let answer = facts.answer;
    let header = answer.text(STRICT_TRANSPORT_SECURITY);
    let found = header.clone().unwrap_or_else(|| "none".to_owned());
    let outcome = match (answer.scheme, header) {
        (Scheme::Http, _) => return NO_HTTPS.of("not over TLS"),
        _ if answer.is_preloaded => &PRELOADED,
        (Scheme::UntrustedHttps, _) => &UNTRUSTED,
        (Scheme::Https, None) => &MISSING,
        (Scheme::Https, Some(header)) => of(&header),
    };
    outcome.of(found)
}

fn of(header: &str) -> &'static Outcome {
    let directives = header.split(';').map(|part| part.trim().to_lowercase());
    let mut ages = directives.filter_map(|part| part.strip_prefix("max-age=").map(str::to_owned));
    match ages.next_back() {
        Some(age) if !header.contains(',') => {
            if number(&age).is_some_and(|age| age < SIX_MONTHS) {
                &SHORT
            } else {
                &LONG
            }
        }
        _ => &INVALID,
    }
}

/// The number that a text begins with, as JavaScript reads it. What begins with none is not less than anything there.
fn number(text: &str) -> Option<i128> {
    let text: String = text.chars().take(LONGEST).collect();
    let text = text.trim_start();
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = digits.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(digits.len());
    let digits = digits.get(..end).filter(|digits| !digits.is_empty())?;
    let size = digits.parse::<i128>().unwrap_or(i128::MAX);
    Some(if is_negative { size.saturating_neg() } else { size })
}
