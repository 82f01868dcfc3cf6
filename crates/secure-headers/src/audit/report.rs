//! What came of an audit.

use super::{Bar, Level, Mark, RuleSet, mark};

/// What came of an audit: a row for each rule, and a mark over all. It prints as a table.
#[derive(Clone, Debug)]
pub struct Report {
    rules: RuleSet,
    mark: Mark,
    rows: Vec<Row>,
}

/// What one rule says.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Row {
    /// The rule's name, or number.
    pub id: &'static str,
    /// What it asks for.
    pub what: &'static str,
    /// From which level on, where the set has levels.
    pub level: Option<Level>,
    /// Whether it holds.
    pub verdict: Verdict,
    /// The rule's own name for what was found; empty where it has none.
    pub result: &'static str,
    /// What was found, shortened.
    pub found: String,
    /// What to do about it; empty where nothing is to be done.
    pub fix: &'static str,
    /// What it adds to the score, or takes from it.
    pub points: i16,
}

/// Whether a rule holds.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Verdict {
    /// It holds.
    Pass,
    /// It does not.
    Fail,
    /// The answer does not show it, or needs it not.
    NotApplicable,
}

// === impl Report ===

impl Report {
    pub(super) fn new(rules: RuleSet, mark: Mark, rows: Vec<Row>) -> Self {
        Self { rules, mark, rows }
    }

    /// The rules it was made by.
    #[must_use]
    pub fn rule_set(&self) -> RuleSet {
        self.rules
    }

    /// What it says over all rows.
    #[must_use]
    pub fn mark(&self) -> Mark {
        self.mark
    }

    /// A row for each rule, in the order of the set.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The rows that fail.
    pub fn failures(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.verdict == Verdict::Fail)
    }

    /// Whether it reaches `bar`. A bar of another kind of rules is never reached.
    #[must_use]
    pub fn reaches(&self, bar: impl Into<Bar>) -> bool {
        match (self.mark, bar.into()) {
            (Mark::Grade { grade, .. }, Bar::Grade(least)) => grade >= least,
            (Mark::Level(level), Bar::Level(least)) => level >= Some(least),
            _ => false,
        }
    }
}

// === impl Verdict ===

impl Verdict {
    /// As it is written: `pass`, `FAIL`, `n/a`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "FAIL",
            Self::NotApplicable => "n/a",
        }
    }
}

/// The mark for points: bonuses count only where at least 90 are left without them.
pub(super) fn grade(rows: &[Row]) -> Mark {
    let sum = |counts: fn(i16) -> bool| -> i32 {
        rows.iter().map(|row| row.points).filter(|points| counts(*points)).map(i32::from).sum()
    };
    let strict = sum(|points| points < 0).saturating_add(100);
    let score = if strict >= 90 { sum(|_| true).saturating_add(100) } else { strict };
    let score = u16::try_from(score.max(0)).unwrap_or(u16::MAX);
    Mark::Grade { score, grade: mark::Grade::of(score) }
}

/// The highest level below which nothing fails.
pub(super) fn level(rows: &[Row]) -> Mark {
    let fails = |level| {
        rows.iter()
            .any(|row| row.verdict == Verdict::Fail && row.level.is_some_and(|of| of <= level))
    };
    Mark::Level(Level::ALL.into_iter().rfind(|level| !fails(*level)))
}

/// How many of the rules that apply hold.
pub(super) fn count(rows: &[Row]) -> Mark {
    let of = |verdict| rows.iter().filter(|row| row.verdict == verdict).count();
    let passed = of(Verdict::Pass);
    Mark::Rules { passed, applicable: passed.saturating_add(of(Verdict::Fail)) }
}
