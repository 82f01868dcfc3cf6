//! Tests of one header each.

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_ORIGIN, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};

use super::{
    csp,
    outcome::{Outcome, fail, pass},
};
use crate::audit::{answer, facts::Facts, rule_set::Finding};

const NO_CORS: Outcome = pass("cross-origin-resource-sharing-not-implemented", 0);
const PUBLIC: Outcome = pass("cross-origin-resource-sharing-implemented-with-public-access", 0);
const RESTRICTED: Outcome =
    pass("cross-origin-resource-sharing-implemented-with-restricted-access", 0);
const UNIVERSAL: Outcome = fail(
    "cross-origin-resource-sharing-implemented-with-universal-access",
    -50,
    "allow credentials for listed origins alone, and never echo the Origin that asks",
);

const PRIVATE: Outcome = pass("referrer-policy-private", 5);
const NO_REFERRER_POLICY: Outcome = pass("referrer-policy-not-implemented", 0);
const REVEALING: Outcome = fail("referrer-policy-unsafe", -5, REFERRER_FIX);
const UNKNOWN_REFERRER: Outcome = fail("referrer-policy-header-invalid", -5, REFERRER_FIX);
const REFERRER_FIX: &str = "send Referrer-Policy: strict-origin-when-cross-origin, or stricter";

const NOSNIFF: Outcome = pass("x-content-type-options-nosniff", 0);
const SNIFFED: Outcome = fail("x-content-type-options-not-implemented", -5, NOSNIFF_FIX);
const UNKNOWN_SNIFFING: Outcome = fail("x-content-type-options-header-invalid", -5, NOSNIFF_FIX);
const NOSNIFF_FIX: &str = "send X-Content-Type-Options: nosniff, once";

const BY_CSP: Outcome = pass("x-frame-options-implemented-via-csp", 5);
const SAME_ORIGIN: Outcome = pass("x-frame-options-sameorigin-or-deny", 0);
const ALLOW_FROM: Outcome = pass("x-frame-options-allow-from-origin", 0);
const FRAMED: Outcome = fail("x-frame-options-not-implemented", -20, FRAME_FIX);
const UNKNOWN_FRAMES: Outcome = fail("x-frame-options-header-invalid", -20, FRAME_FIX);
const FRAME_FIX: &str = "say frame-ancestors in the Content-Security-Policy";

const NO_CORP: Outcome = pass("corp-not-implemented", 0);
const CORP_ORIGIN: Outcome = pass("corp-implemented-with-same-origin", 10);
const CORP_SITE: Outcome = pass("corp-implemented-with-same-site", 10);
const CORP_ALL: Outcome = pass("corp-implemented-with-cross-origin", 0);
const UNKNOWN_CORP: Outcome = fail(
    "corp-header-invalid",
    -5,
    "send Cross-Origin-Resource-Policy: same-origin, same-site or cross-origin, once",
);

/// The policies that tell other sites no path.
const DISCREET: [&str; 4] =
    ["no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"];
const TALKATIVE: [&str; 4] =
    ["origin", "origin-when-cross-origin", "unsafe-url", "no-referrer-when-downgrade"];

/// `cross-origin-resource-sharing` (`cors.js`).
pub(super) fn cors(facts: &Facts<'_>) -> Finding {
    let (origin, headers) = match &facts.answer.cross_origin {
        Some((origin, headers)) => (&**origin, headers),
        None => ("", &facts.answer.headers),
    };
    let allowed = answer::joined(headers, ACCESS_CONTROL_ALLOW_ORIGIN).unwrap_or_default();
    let credentials = answer::joined(headers, ACCESS_CONTROL_ALLOW_CREDENTIALS).unwrap_or_default();
    let outcome = if allowed.is_empty() {
        return NO_CORS.of("none");
    } else if allowed.trim() == "*" {
        &PUBLIC
    } else if origin == allowed && credentials.trim().eq_ignore_ascii_case("true") {
        &UNIVERSAL
    } else {
        &RESTRICTED
    };
    outcome.of(allowed)
}

/// `referrer-policy` (`referrer-policy.js`): the last known word counts, of the page before the header.
pub(super) fn referrer_policy(facts: &Facts<'_>) -> Finding {
    let answer = facts.answer;
    let page = answer.page.iter().filter(|_| answer.is_page_there());
    let page = page.filter_map(|page| page.referrer.clone());
    let told: Vec<String> = answer.text(REFERRER_POLICY).into_iter().chain(page).collect();
    if told.is_empty() {
        return NO_REFERRER_POLICY.of("none");
    }
    let told = told.join(", ");
    let mut words = told.split(',').map(|word| word.trim().to_lowercase());
    let known = |word: &String| DISCREET.iter().chain(&TALKATIVE).any(|known| known == word);
    let outcome = match words.rfind(known) {
        None => &UNKNOWN_REFERRER,
        Some(word) if DISCREET.contains(&word.as_str()) => &PRIVATE,
        Some(_) => &REVEALING,
    };
    outcome.of(told)
}

/// `x-content-type-options` (`x-content-type-options.js`).
pub(super) fn content_type_options(facts: &Facts<'_>) -> Finding {
    let told = facts.answer.text(X_CONTENT_TYPE_OPTIONS).unwrap_or_default();
    if told.is_empty() {
        return SNIFFED.of("none");
    }
    let is_known = told.trim().eq_ignore_ascii_case("nosniff");
    (if is_known { &NOSNIFF } else { &UNKNOWN_SNIFFING }).of(told)
}

/// `x-frame-options` (`x-frame-options.js`): what the policy says goes first, whatever it says.
pub(super) fn frame_options(facts: &Facts<'_>) -> Finding {
    let told = facts.answer.text(X_FRAME_OPTIONS).unwrap_or_default();
    if csp::says_who_frames(facts.answer) {
        return BY_CSP.of("frame-ancestors");
    }
    let word = told.trim().to_lowercase();
    let outcome = match word.as_str() {
        "" if told.is_empty() => return FRAMED.of("none"),
        "deny" | "sameorigin" => &SAME_ORIGIN,
        word if word.starts_with("allow-from") => &ALLOW_FROM,
        _ => &UNKNOWN_FRAMES,
    };
    outcome.of(told)
}

/// `cross-origin-resource-policy` (`cross-origin-resource-policy.js`).
pub(super) fn resource_policy(facts: &Facts<'_>) -> Finding {
    let told = facts.answer.text("cross-origin-resource-policy").unwrap_or_default();
    let outcome = match told.trim().to_lowercase().as_str() {
        "" => return NO_CORP.of("none"),
        "same-origin" => &CORP_ORIGIN,
        "same-site" => &CORP_SITE,
        "cross-origin" => &CORP_ALL,
        _ => &UNKNOWN_CORP,
    };
    outcome.of(told)
}
