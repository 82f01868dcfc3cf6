//! `content-security-policy` (`src/analyzer/tests/csp.js`).

use http::header::{CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY_REPORT_ONLY};

use super::{
    outcome::{Outcome, fail, pass},
    policy::{Merged, Unreadable},
};
use crate::audit::{Answer, Scheme, facts::Facts, rule_set::Finding};

const DEFAULT_NONE: Outcome = pass("csp-implemented-with-no-unsafe-default-src-none", 10);
const NO_UNSAFE: Outcome = pass("csp-implemented-with-no-unsafe", 5);
const UNSAFE_STYLE: Outcome = pass("csp-implemented-with-unsafe-inline-in-style-src-only", 0);
const TWICE: Outcome = pass("csp-implemented-but-duplicate-directives", 0);
const INSECURE_PASSIVE: Outcome =
    pass("csp-implemented-with-insecure-scheme-in-passive-content-only", -10);
const UNSAFE_EVAL: Outcome = fail(
    "csp-implemented-with-unsafe-eval",
    -10,
    "get rid of eval() in scripts, then of 'unsafe-eval' in script-src",
);
const UNSAFE_INLINE: Outcome = fail(
    "csp-implemented-with-unsafe-inline",
    -20,
    "replace 'unsafe-inline', data: and whole schemes in script-src by a nonce; set object-src 'none'",
);
const INSECURE: Outcome = fail(
    "csp-implemented-with-insecure-scheme",
    -20,
    "load over https: what the policy allows over http:",
);
const INVALID: Outcome = fail(
    "csp-header-invalid",
    -25,
    "say each directive once, and 'strict-dynamic' only beside a nonce or a hash",
);
const MISSING: Outcome = fail(
    "csp-not-implemented",
    -25,
    "send a Content-Security-Policy, such as default-src 'self'; object-src 'none'",
);
const REPORT_ONLY: Outcome = fail(
    "csp-not-implemented-but-reporting-enabled",
    -25,
    "send as Content-Security-Policy what is only reported now",
);

/// Sources that are half of the web, or all of it.
const BROAD: [&str; 8] =
    ["ftp:", "http:", "https:", "*", "http://*", "http://*.*", "https://*", "https://*.*"];
/// What a nonce or a hash begins with; that more follows is not asked.
const PROVEN: [&str; 4] = ["'nonce-", "'sha256-", "'sha384-", "'sha512-"];

/// Directives of what is drawn and not run.
const PASSIVE: [&str; 2] = ["img-src", "media-src"];
/// What a page's own policy cannot say.
const NOT_IN_PAGES: [&str; 3] = ["frame-ancestors", "report-uri", "sandbox"];

pub(super) fn check(facts: &Facts<'_>) -> Finding {
    let answer = facts.answer;
    let header = answer.text(CONTENT_SECURITY_POLICY);
    let found = header.clone().unwrap_or_else(|| from_page(answer).collect::<Vec<_>>().join(", "));
    let Ok(policy) = all(answer) else { return INVALID.of(found) };
    if !is_said(answer) {
        return match answer.text(CONTENT_SECURITY_POLICY_REPORT_ONLY) {
            Some(told) if !told.is_empty() => REPORT_ONLY.of(told),
            _ => MISSING.of("none"),
        };
    }
    let told = Told::of(policy, answer.scheme);
    let outcome = told.outcome();
    let outcome = if outcome.is_pass() && told.policy.reports_twice { &TWICE } else { outcome };
    outcome.of(found)
}

/// Whether the answer says who may frame it. What a page says about that is counted, though no browser obeys it.
pub(super) fn says_who_frames(answer: &Answer) -> bool {
    is_said(answer) && all(answer).is_ok_and(|policy| policy.sources("frame-ancestors").is_some())
}

fn from_page(answer: &Answer) -> impl Iterator<Item = &str> {
    let page = answer.page.iter().filter(|_| answer.is_page_there());
    page.flat_map(|page| &page.policies).map(String::as_str)
}

fn all(answer: &Answer) -> Result<Merged, Unreadable> {
    let header = answer.text(CONTENT_SECURITY_POLICY);
    Merged::read(header.as_deref().into_iter().chain(from_page(answer)))
}

/// Whether a header or a page says anything that counts there.
fn is_said(answer: &Answer) -> bool {
    let header = answer.text(CONTENT_SECURITY_POLICY);
    let header = Merged::read(header.as_deref().into_iter()).unwrap_or_default();
    let page = Merged::read(from_page(answer)).unwrap_or_default();
    let counts = |name: &&String| !NOT_IN_PAGES.contains(&name.as_str());
    !header.directives.is_empty() || page.directives.keys().any(|name| counts(&name))
}

/// A policy with what is out of force taken away.
struct Told {
    policy: Merged,
    is_https: bool,
    is_contradictory: bool,
}

// === impl Told ===

impl Told {
    fn of(policy: Merged, scheme: Scheme) -> Self {
        let is_https = scheme != Scheme::Http;
        let mut told = Self { policy, is_https, is_contradictory: false };
        for directive in ["script-src", "style-src"] {
            if told.has(directive, is_proven) {
                told.remove(directive, |source| source == "'unsafe-inline'");
            }
        }
        let is_dynamic = |source: &str| source == "'strict-dynamic'";
        if told.has("script-src", is_dynamic) {
            if told.has("script-src", is_proven) {
                told.remove("script-src", |source| {
                    let broad = BROAD.iter().any(|broad| source.starts_with(broad));
                    broad || ["'self'", "'unsafe-inline'"].contains(&source)
                });
            } else {
                told.is_contradictory = true;
            }
        }
        told
    }

    /// The name under which a directive's sources stand; none, if everything is allowed.
    fn place(&self, directive: &'static str) -> Option<&'static str> {
        [directive, "default-src"].into_iter().find(|name| self.policy.sources(name).is_some())
    }

    fn sources(&self, directive: &'static str) -> Option<&[String]> {
        self.policy.sources(self.place(directive)?)
    }

    /// Whether a source is `such`. Where nothing is said, everything is allowed.
    fn has(&self, directive: &'static str, such: fn(&str) -> bool) -> bool {
        match self.sources(directive) {
            Some(sources) => sources.iter().any(|source| such(source)),
            None => such("*"),
        }
    }

    /// Also from `default-src`, where that stands in.
    fn remove(&mut self, directive: &'static str, such: fn(&str) -> bool) {
        let place = self.place(directive);
        if let Some(sources) = place.and_then(|place| self.policy.directives.get_mut(place)) {
            sources.retain(|source| !such(source));
        }
    }

    /// The first of these that is so.
    fn outcome(&self) -> &'static Outcome {
        let is_unsafe = |source: &str| is_broad(source) || is_inline(source);
        let is_eval = |source: &str| source == "'unsafe-eval'";
        if self.is_contradictory {
            &INVALID
        } else if self.has("script-src", is_unsafe) || self.has("object-src", is_broad) {
            &UNSAFE_INLINE
        } else if self.is_https && self.runs_in_the_clear() {
            &INSECURE
        } else if self.has("script-src", is_eval) || self.has("style-src", is_eval) {
            &UNSAFE_EVAL
        } else if self.is_https && self.draws_in_the_clear() {
            &INSECURE_PASSIVE
        } else if self.has("style-src", is_unsafe) {
            &UNSAFE_STYLE
        } else if self.policy.sources("default-src").is_some_and(|all| all == ["'none'"]) {
            &DEFAULT_NONE
        } else {
            &NO_UNSAFE
        }
    }

    fn runs_in_the_clear(&self) -> bool {
        let directives = self.policy.directives.iter();
        let mut active = directives.filter(|(name, _)| !PASSIVE.contains(&name.as_str()));
        active.any(|(_, sources)| sources.iter().any(|source| is_clear(source)))
    }

    fn draws_in_the_clear(&self) -> bool {
        let mut passive = PASSIVE.into_iter().filter_map(|name| self.sources(name));
        passive.any(|sources| sources.iter().any(|source| is_clear(source)))
    }
}

fn is_broad(source: &str) -> bool {
    BROAD.contains(&source)
}

fn is_proven(source: &str) -> bool {
    PROVEN.iter().any(|start| source.starts_with(start))
}

fn is_inline(source: &str) -> bool {
    ["'unsafe-inline'", "data:"].contains(&source)
}

fn is_clear(source: &str) -> bool {
    source.starts_with("http:") || source.starts_with("ftp:")
}
