//! The members of a report's body, whose names differ between the two forms and between kinds of reports.

use serde_json::Value;

use super::{Disposition, text};

/// The rule that was broken: the first of these that is there.
const RULE: [&str; 7] = [
    "effectiveDirective",
    "effective-directive",
    "violated-directive",
    "policyId",
    "featureId",
    "id",
    "type",
];
const BLOCKED: [&str; 2] = ["blockedURL", "blocked-uri"];
const PAGE: [&str; 2] = ["documentURL", "document-uri"];
const SOURCE: [&str; 2] = ["sourceFile", "source-file"];
const LINE: [&str; 2] = ["lineNumber", "line-number"];
const COLUMN: [&str; 2] = ["columnNumber", "column-number"];
const MESSAGE: [&str; 4] = ["message", "sample", "script-sample", "reason"];

/// The body of a report, an object.
#[derive(Clone, Copy)]
pub(super) struct Body<'a>(pub(super) &'a Value);

// === impl Body ===

impl<'a> Body<'a> {
    /// The directive alone, where older browsers send its sources too.
    pub(super) fn rule(self) -> Option<Box<str>> {
        self.text(&RULE).map(|rule| text::plain(rule.split(' ').next().unwrap_or_default()))
    }

    pub(super) fn blocked(self) -> Option<Box<str>> {
        self.text(&BLOCKED).map(text::address)
    }

    pub(super) fn page(self) -> Option<Box<str>> {
        self.text(&PAGE).map(text::address)
    }

    pub(super) fn source(self) -> Option<Box<str>> {
        self.text(&SOURCE).map(text::address)
    }

    pub(super) fn line(self) -> Option<u64> {
        self.number(&LINE)
    }

    pub(super) fn column(self) -> Option<u64> {
        self.number(&COLUMN)
    }

    pub(super) fn message(self) -> Option<Box<str>> {
        self.text(&MESSAGE).map(text::plain)
    }

    pub(super) fn disposition(self) -> Option<Disposition> {
        self.text(&["disposition"]).and_then(Disposition::of)
    }

    /// The first of `names` that is a text, and not an empty one.
    fn text(self, names: &[&str]) -> Option<&'a str> {
        let mut texts = names.iter().filter_map(|name| self.0.get(name)?.as_str());
        texts.find(|text| !text.is_empty())
    }

    fn number(self, names: &[&str]) -> Option<u64> {
        names.iter().find_map(|name| self.0.get(name)?.as_u64())
    }
}
