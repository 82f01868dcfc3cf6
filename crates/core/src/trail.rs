//! The decision trail: which policy decided what about one request.

use std::fmt;

use crate::Code;

/// The most decisions a trail keeps; more are counted. A stack has about a dozen policies.
const CAPACITY: usize = 24;

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

/// A trail as it is written: without an allocation as long as everything passes, which is nearly always.
#[derive(Debug)]
pub(crate) struct Record {
    policies: [&'static str; CAPACITY],
    len: usize,
    /// The outcomes that are no pass, with their places.
    others: Vec<(usize, Outcome)>,
    left_out: usize,
}

// === impl Record ===

impl Record {
    pub(crate) fn push(&mut self, Decision { policy, outcome }: Decision) {
        let Some(place) = self.policies.get_mut(self.len) else {
            self.left_out = self.left_out.saturating_add(1);
            return;
        };
        *place = policy;
        if outcome != Outcome::Passed {
            self.others.push((self.len, outcome));
        }
        self.len = self.len.saturating_add(1);
    }

    pub(crate) fn trail(&self) -> Trail {
        let mut decisions: Vec<Decision> = self
            .policies
            .iter()
            .take(self.len)
            .map(|policy| Decision { policy, outcome: Outcome::Passed })
            .collect();
        for (place, outcome) in &self.others {
            if let Some(decision) = decisions.get_mut(*place) {
                decision.outcome = *outcome;
            }
        }
        Trail { decisions, left_out: self.left_out }
    }
}

impl Default for Record {
    fn default() -> Self {
        Self { policies: [""; CAPACITY], len: 0, others: Vec::new(), left_out: 0 }
    }
}

// === impl Trail ===

impl Trail {
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
