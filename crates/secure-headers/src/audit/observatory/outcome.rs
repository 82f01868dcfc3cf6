//! What a test can find, and what that is worth.

use crate::audit::{Verdict, rule_set::Finding};

/// What a test can find: its name, and its points (`SCORE_TABLE` in `src/grader/charts.js`).
#[derive(Debug)]
pub(super) struct Outcome {
    result: &'static str,
    points: i16,
    verdict: Verdict,
    fix: &'static str,
}

/// A test that is passed.
pub(super) const fn pass(result: &'static str, points: i16) -> Outcome {
    Outcome { result, points, verdict: Verdict::Pass, fix: "" }
}

/// A test that is failed, and what to do about it.
pub(super) const fn fail(result: &'static str, points: i16, fix: &'static str) -> Outcome {
    Outcome { result, points, verdict: Verdict::Fail, fix }
}

// === impl Outcome ===

impl Outcome {
    pub(super) fn is_pass(&self) -> bool {
        self.verdict == Verdict::Pass
    }

    /// With what was looked at.
    pub(super) fn of(&self, found: impl Into<String>) -> Finding {
        let Self { result, points, verdict, fix } = *self;
        Finding { verdict, result, found: found.into(), fix, points }
    }
}
