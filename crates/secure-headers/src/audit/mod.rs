//! Grades an answer by rules that others published: MDN HTTP Observatory, OWASP ASVS, OWASP Secure Headers.
//!
//! A pure function: it opens no connection and reads no clock. Whoever has an answer tells what he knows of it ([`Answer`]), picks
//! a [`RuleSet`] and gets a [`Report`]: a row for each rule, with what was found and how to mend it, and a mark over all.
//!
//! # Rules
//!
//! 1. A rule set has a date and a source. What it says is written down as it was on that day; a newer one is another set.
//! 2. What an answer does not show is [not applicable](Verdict::NotApplicable), and costs nothing.
//! 3. Cookies and policies are read as a browser reads them: what it ignores is ignored. Where a rule set reads them
//!    otherwise, that set does.
//!
//! # Example
//!
//! In a test of one's own:
//!
//! ```
//! use http::Response;
//! use palisade_secure_headers::{assert_grade, audit::{Answer, Grade, Level, RuleSet}};
//!
//! let answer = Response::builder()
//!     .header("content-security-policy", "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'")
//!     .header("strict-transport-security", "max-age=31536000; includeSubDomains")
//!     .header("x-content-type-options", "nosniff")
//!     .header("referrer-policy", "no-referrer")
//!     .header("content-type", "application/json")
//!     .body(())
//!     .unwrap();
//! assert_grade!(Answer::from(&answer), RuleSet::observatory(), Grade::APlus);
//! assert_grade!(Answer::from(&answer), RuleSet::asvs(), Level::L2);
//! ```
//!
//! # Not done here
//!
//! - HTML as a browser parses it: [`Page::read`] looks for tags, which is enough for what the rules ask.
//! - The list of hosts that browsers preload: [`Answer::preloaded`] says that this host is in it.

mod answer;
mod asvs;
mod cookie;
mod csp;
mod facts;
mod mark;
mod observatory;
mod oshp;
mod page;
mod report;
mod rule_set;
mod site;
mod table;

pub use self::{
    answer::{Answer, PlainHttp, Scheme},
    mark::{Bar, Grade, Level, Mark},
    page::{Page, Script},
    report::{Report, Row, Verdict},
    rule_set::{Rule, RuleSet},
};

/// Asserts that an answer reaches a grade, or a level; shows the whole table where it does not.
///
/// Takes an [`Answer`], a [`RuleSet`] and a [`Grade`] or [`Level`].
///
/// ```should_panic
/// use palisade_secure_headers::{assert_grade, audit::{Answer, Grade, RuleSet}};
/// assert_grade!(Answer::from(&http::Response::new(())), RuleSet::observatory(), Grade::A);
/// ```
#[macro_export]
macro_rules! assert_grade {
    ($answer:expr, $rules:expr, $least:expr $(,)?) => {{
        let report = $rules.audit(&$answer);
        let least = $crate::audit::Bar::from($least);
        assert!(report.reaches(least), "{}, not {least}\n{report}", report.mark());
    }};
}
