//! The scoring of the MDN HTTP Observatory: ten tests, each with the points of what it found.
//!
//! Written after its published program: <https://github.com/mdn/mdn-http-observatory>, `src/analyzer/tests` for what is found,
//! `src/grader/charts.js` for what it is worth. It joins the lines of a header by commas, as its client does, and reads a policy
//! more strictly than a browser: so do these tests, to say what it would say.

mod cookies;
mod csp;
mod others;
mod outcome;
mod policy;
mod redirection;
mod scripts;
mod transport;

use super::{
    facts::Facts,
    report,
    rule_set::{Finding, Published, Rule},
};

pub(super) static RULES: Published = Published {
    name: "MDN HTTP Observatory",
    version: "1.4.8",
    date: "2026-09-16",
    source: "https://github.com/mdn/mdn-http-observatory",
    rules: &TESTS,
    mark: report::grade,
};

/// In the order in which it lists them.
static TESTS: [Rule; 10] = [
    rule("content-security-policy", "a policy without unsafe sources", csp::check),
    rule("cookies", "Secure, HttpOnly and SameSite on cookies", cookies::check),
    rule("cross-origin-resource-sharing", "no credentials for any origin", others::cors),
    rule("redirection", "plain HTTP leads to HTTPS on the same host", redirection::check),
    rule("referrer-policy", "no paths for other sites", others::referrer_policy),
    rule("strict-transport-security", "half a year of TLS alone", transport::check),
    rule("subresource-integrity", "foreign scripts over TLS and by their hash", scripts::check),
    rule("x-content-type-options", "nosniff", others::content_type_options),
    rule("x-frame-options", "who may frame the page", others::frame_options),
    rule("cross-origin-resource-policy", "who may load it", others::resource_policy),
];

const fn rule(id: &'static str, what: &'static str, check: fn(&Facts<'_>) -> Finding) -> Rule {
    Rule { id, what, level: None, check }
}

/// What the answer says to other origins.
pub(super) fn cross_origin(facts: &Facts<'_>) -> Finding {
    others::cors(facts)
}
