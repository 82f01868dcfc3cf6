//! One report of a browser.

use std::time::Duration;

use serde_json::Value;

use super::{Disposition, ReportKind, member::Body, text};

/// One report of a browser. Every text in it is cut and harmless: see [`Reports`](super::Reports).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Report {
    kind: ReportKind,
    age: Duration,
    page: Option<Box<str>>,
    user_agent: Option<Box<str>>,
    rule: Option<Box<str>>,
    blocked: Option<Box<str>>,
    disposition: Option<Disposition>,
    source: Option<Box<str>>,
    line: Option<u64>,
    column: Option<u64>,
    message: Option<Box<str>>,
}

// === impl Report ===

impl Report {
    /// What it is about.
    #[must_use]
    pub fn kind(&self) -> ReportKind {
        self.kind
    }

    /// How long before it was sent this happened, to the millisecond. Zero where nothing is said.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.age
    }

    /// The address of the page.
    #[must_use]
    pub fn page(&self) -> Option<&str> {
        self.page.as_deref()
    }

    /// What calls itself the browser.
    #[must_use]
    pub fn user_agent(&self) -> Option<&str> {
        self.user_agent.as_deref()
    }

    /// The rule that was broken: a directive, a feature, what is deprecated.
    #[must_use]
    pub fn rule(&self) -> Option<&str> {
        self.rule.as_deref()
    }

    /// What was not loaded: an address, a scheme, or a word such as `inline` and `eval`.
    #[must_use]
    pub fn blocked(&self) -> Option<&str> {
        self.blocked.as_deref()
    }

    /// Whether it was prevented.
    #[must_use]
    pub fn disposition(&self) -> Option<Disposition> {
        self.disposition
    }

    /// The address of the script that did it.
    #[must_use]
    pub fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// The line in it, from 1.
    #[must_use]
    pub fn line(&self) -> Option<u64> {
        self.line
    }

    /// The column in it, from 1.
    #[must_use]
    pub fn column(&self) -> Option<u64> {
        self.column
    }

    /// What the browser says of it; of an inline script its beginning, where the policy asks for a sample.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// An element of `application/reports+json` (W3C Reporting section 2.3). None if it is of no kind that is known.
    pub(super) fn of_reporting_api(report: &Value) -> Option<Self> {
        let member = |name| report.get(name).and_then(Value::as_str);
        let kind = ReportKind::of(member("type")?)?;
        let body = report.get("body").filter(|body| body.is_object())?;
        let age = report.get("age").and_then(Value::as_u64).unwrap_or_default();
        let read = Self::of(kind, Body(body));
        Some(Self {
            age: Duration::from_millis(age),
            page: member("url").map(text::address).or(read.page),
            user_agent: member("user_agent").map(text::plain),
            ..read
        })
    }

    /// The object `csp-report` of a `report-uri`. None if it is no object.
    pub(super) fn of_report_uri(body: &Value) -> Option<Self> {
        body.is_object().then(|| Self::of(ReportKind::CspViolation, Body(body)))
    }

    fn of(kind: ReportKind, body: Body<'_>) -> Self {
        Self {
            kind,
            age: Duration::ZERO,
            page: body.page(),
            user_agent: None,
            rule: body.rule(),
            blocked: body.blocked(),
            disposition: body.disposition(),
            source: body.source(),
            line: body.line(),
            column: body.column(),
            message: body.message(),
        }
    }
}
