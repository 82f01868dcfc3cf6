//! `subresource-integrity` (`src/analyzer/tests/subresource-integrity.js`).

use http::Uri;

use super::outcome::{Outcome, fail, pass};
use crate::audit::{Answer, Scheme, Script, facts::Facts, rule_set::Finding, site};

const OWN_WITH_HASH: Outcome = pass("sri-implemented-and-all-scripts-loaded-securely", 5);
const WITH_HASH: Outcome = pass("sri-implemented-and-external-scripts-loaded-securely", 5);
const NO_PAGE: Outcome = pass("sri-not-implemented-response-not-html", 0);
const NO_SCRIPTS: Outcome = pass("sri-not-implemented-but-no-scripts-loaded", 0);
const OWN: Outcome = pass("sri-not-implemented-but-all-scripts-loaded-from-secure-origin", 0);

/// From bad to worse. The worst of all scripts is the outcome.
static WORSE: [Outcome; 3] = [
    fail(
        "sri-implemented-but-external-scripts-not-loaded-securely",
        -20,
        "load foreign scripts over https:",
    ),
    fail(
        "sri-not-implemented-but-external-scripts-loaded-securely",
        -5,
        "add integrity= to foreign scripts",
    ),
    fail(
        "sri-not-implemented-and-external-scripts-not-loaded-securely",
        -50,
        "load foreign scripts over https:, with integrity=",
    ),
];

/// What a script is loaded from.
struct Origin {
    is_own: bool,
    is_secure: bool,
}

pub(super) fn check(facts: &Facts<'_>) -> Finding {
    let answer = facts.answer;
    if !answer.is_page_there() {
        return NO_PAGE.of("no page");
    }
    let Some(page) = &answer.page else { return NO_SCRIPTS.of("the page was not looked at") };
    if page.scripts.is_empty() {
        return NO_SCRIPTS.of("no scripts");
    }
    let (mut foreign, mut worst, mut own_with_hash) = (Vec::new(), None, false);
    for script in &page.scripts {
        let Some(src) = &script.src else { continue };
        let origin = Origin::of(src, answer);
        if origin.is_own {
            own_with_hash |= has_hash(script) && origin.is_secure && worst.is_none();
        } else {
            foreign.push(src.as_str());
            worst = worst.max(fault(script, &origin));
        }
    }
    let outcome = match worst.and_then(|worst| WORSE.get(worst)) {
        Some(outcome) => outcome,
        None if own_with_hash => &OWN_WITH_HASH,
        None if foreign.is_empty() => &OWN,
        None => &WITH_HASH,
    };
    let found = if foreign.is_empty() { "no foreign scripts".into() } else { foreign.join(", ") };
    outcome.of(found)
}

fn has_hash(script: &Script) -> bool {
    script.integrity.as_deref().is_some_and(|hash| !hash.is_empty())
}

/// The place in [`WORSE`] of what is wrong with a foreign script.
fn fault(script: &Script, origin: &Origin) -> Option<usize> {
    match (has_hash(script), origin.is_secure) {
        (true, true) => None,
        (true, false) => Some(0),
        (false, true) => Some(1),
        (false, false) => Some(2),
    }
}

// === impl Origin ===

impl Origin {
    /// A place without a scheme is never secure, and a relative one always its own.
    fn of(src: &str, answer: &Answer) -> Self {
        let src = src.trim();
        let start = |scheme: &str| {
            src.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
        };
        if src.strip_prefix("//").is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/')) {
            return Self { is_own: false, is_secure: false };
        }
        let is_secure = start("https://");
        if !is_secure && !start("http://") {
            return Self { is_own: true, is_secure: answer.scheme != Scheme::Http };
        }
        let host = src.parse::<Uri>().ok().and_then(|uri| uri.host().map(str::to_ascii_lowercase));
        let site = host.and_then(|host| site::registered(&host));
        Self { is_own: site == site::registered(&answer.host), is_secure }
    }
}
