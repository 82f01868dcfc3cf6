//! The decision trail: which policy decided what about one request.

use std::fmt;

use crate::Code;

/// The most decisions a trail keeps; more are counted. A stack has about a dozen policies.
pub(crate) const CAPACITY: usize = 24;

/// What one policy decided.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Decision {
    /// The policy's name.
    pub policy: &'static str,
    /// What it decided.
    pub outcome: Outcome,
}

/// How a policy decided.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// Nothing against it.
    Passed,
    /// Ended the request.
    Refused(Code),
    /// Would have ended it, but only reports.
    WouldRefuse(Code),
    /// A rule that decided and is worth telling, such as a safelist's.
    Rule(&'static str),
}

/// The decisions about one request, in the order they were made. Bounded: what does not fit is counted.
#[derive(Clone, Default)]
pub struct Trail {
    decisions: Vec<Decision>,
    left_out: usize,
}

// === impl Outcome ===

impl Outcome {
    /// Whether it is a refusal, carried out or only reported.
    pub(crate) fn is_refusal(self) -> bool {
        matches!(self, Self::Refused(_) | Self::WouldRefuse(_))
    }
}

// === impl Trail ===

impl Trail {
    /// Adds what is known of a policy that let the request go on: its notes, then its pass, unless it would have refused.
    pub(crate) fn push_step(
        &mut self,
        policy: &'static str,
        outcomes: impl Iterator<Item = Decision>,
    ) {
        let mut passed = true;
        for decision in outcomes {
            passed &= matches!(decision.outcome, Outcome::Rule(_));
            self.push(decision);
        }
        if passed {
            self.push(Decision { policy, outcome: Outcome::Passed });
        }
    }

    pub(crate) fn push(&mut self, decision: Decision) {
        if self.decisions.len() < CAPACITY {
            self.decisions.push(decision);
        } else {
            self.leave_out(1);
        }
    }

    pub(crate) fn leave_out(&mut self, more: usize) {
        self.left_out = self.left_out.saturating_add(more);
    }

    /// The decisions.
    #[must_use]
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    /// How many more there were than are kept.
    #[must_use]
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// The refusal that ended the request, if one did: the policy and its code.
    #[must_use]
    pub fn refusal(&self) -> Option<(&'static str, Code)> {
        self.decisions.iter().find_map(|decision| match decision.outcome {
            Outcome::Refused(code) => Some((decision.policy, code)),
            _ => None,
        })
    }
}

/// Shows a trail on one line: `client-ip blocklist!blocked`, with `!` for a refusal and `?` for a reported one.
impl fmt::Display for Trail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Decision { policy, outcome }) in self.decisions.iter().enumerate() {
            let space = if index == 0 { "" } else { " " };
            match outcome {
                Outcome::Passed => write!(f, "{space}{policy}")?,
                Outcome::Refused(code) => write!(f, "{space}{policy}!{code}")?,
                Outcome::WouldRefuse(code) => write!(f, "{space}{policy}?{code}")?,
                Outcome::Rule(rule) => write!(f, "{space}{policy}:{rule}")?,
            }
        }
        if self.left_out > 0 { write!(f, " (+{})", self.left_out) } else { Ok(()) }
    }
}

impl fmt::Debug for Trail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Trail({self})")
    }
}
