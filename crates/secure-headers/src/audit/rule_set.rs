//! Rules as data: what is asked for, since when and by whom.

use std::fmt;

use super::{Answer, Level, Mark, Report, Row, Verdict, asvs, facts::Facts, observatory, oshp};
use crate::deceit::deceives;

/// A published set of rules, as it was on a day.
#[derive(Clone, Copy, Debug)]
pub struct RuleSet {
    inner: &'static Published,
}

/// One rule of a set.
#[derive(Clone, Copy)]
pub struct Rule {
    pub(super) id: &'static str,
    pub(super) what: &'static str,
    pub(super) level: Option<Level>,
    pub(super) check: fn(&Facts<'_>) -> Finding,
}

#[derive(Debug)]
pub(super) struct Published {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
    pub(super) date: &'static str,
    pub(super) source: &'static str,
    pub(super) rules: &'static [Rule],
    pub(super) mark: fn(&[Row]) -> Mark,
}

/// What a rule says about an answer.
#[derive(Debug)]
pub(super) struct Finding {
    pub(super) verdict: Verdict,
    pub(super) result: &'static str,
    pub(super) found: String,
    pub(super) fix: &'static str,
    pub(super) points: i16,
}

/// More of a value than this is not shown.
const SHOWN: usize = 256;

// === impl RuleSet ===

impl RuleSet {
    /// The scoring of the MDN HTTP Observatory.
    #[must_use]
    pub const fn observatory() -> Self {
        Self { inner: &observatory::RULES }
    }

    /// What the OWASP Application Security Verification Standard asks of headers and cookies.
    #[must_use]
    pub const fn asvs() -> Self {
        Self { inner: &asvs::RULES }
    }

    /// What the OWASP Secure Headers Project recommends.
    #[must_use]
    pub const fn oshp() -> Self {
        Self { inner: &oshp::RULES }
    }

    /// All sets there are.
    #[must_use]
    pub const fn all() -> [Self; 3] {
        [Self::observatory(), Self::asvs(), Self::oshp()]
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.inner.name
    }

    /// Its version, as its authors count.
    #[must_use]
    pub fn version(&self) -> &'static str {
        self.inner.version
    }

    /// The day on which it was so: `2025-05-30`.
    #[must_use]
    pub fn date(&self) -> &'static str {
        self.inner.date
    }

    /// Where it is published.
    #[must_use]
    pub fn source(&self) -> &'static str {
        self.inner.source
    }

    /// Its rules, in its order.
    #[must_use]
    pub fn rules(&self) -> &'static [Rule] {
        self.inner.rules
    }

    /// Judges an answer.
    #[must_use]
    pub fn audit(&self, answer: &Answer) -> Report {
        let facts = Facts::of(answer);
        let rows: Vec<Row> = self.inner.rules.iter().map(|rule| rule.row(&facts)).collect();
        Report::new(*self, (self.inner.mark)(&rows), rows)
    }
}

// === impl Rule ===

impl Rule {
    /// Its name, or number.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// What it asks for.
    #[must_use]
    pub fn what(&self) -> &'static str {
        self.what
    }

    /// From which level on.
    #[must_use]
    pub fn level(&self) -> Option<Level> {
        self.level
    }

    fn row(&self, facts: &Facts<'_>) -> Row {
        let Self { id, what, level, check } = *self;
        let Finding { verdict, result, found, fix, points } = check(facts);
        let fix = if verdict == Verdict::NotApplicable { "" } else { fix };
        Row { id, what, level, verdict, result, found: shortened(&found), fix, points }
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rule").field("id", &self.id).finish_non_exhaustive()
    }
}

// === impl Finding ===

impl Finding {
    pub(super) fn not_applicable(found: impl Into<String>) -> Self {
        let found = found.into();
        Self { verdict: Verdict::NotApplicable, result: "", found, fix: "", points: 0 }
    }

    pub(super) fn pass(found: impl Into<String>) -> Self {
        Self { verdict: Verdict::Pass, ..Self::not_applicable(found) }
    }

    pub(super) fn fail(found: impl Into<String>, fix: &'static str) -> Self {
        Self { verdict: Verdict::Fail, fix, ..Self::not_applicable(found) }
    }

    /// Passes or fails; the same was found either way.
    pub(super) fn when(holds: Option<()>, found: impl Into<String>, fix: &'static str) -> Self {
        if holds.is_some() { Self::pass(found) } else { Self::fail(found, fix) }
    }
}

/// The beginning of a value, on one line: it comes from a stranger, and goes to a terminal.
fn shortened(text: &str) -> String {
    let clean = |letter: char| if deceives(letter) { '\u{fffd}' } else { letter };
    let mut short: String = text.chars().take(SHOWN).map(clean).collect();
    if text.chars().nth(SHOWN).is_some() {
        short.push('…');
    }
    short
}
