//! The decision trail: which policy decided what about one request.

use std::{fmt, ops::Range, sync::Arc};

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

/// A trail as it is written: what passed is one entry for each gate, and not one for each policy.
#[derive(Debug, Default)]
pub(crate) struct Record {
    // A stack has two gates.
    first: Option<Entry>,
    second: Option<Entry>,
    others: Vec<Entry>,
    left_out: usize,
}

#[derive(Debug)]
enum Entry {
    Passed(Passes),
    Other(Decision),
}

/// The policies of a gate that passed, by the names that all its requests share.
#[derive(Debug)]
pub(crate) struct Passes {
    pub(crate) names: Arc<[&'static str]>,
    pub(crate) steps: Range<usize>,
}

// === impl Record ===

impl Record {
    /// Adds an outcome that is no pass.
    pub(crate) fn push(&mut self, decision: Decision) {
        self.add(Entry::Other(decision));
    }

    /// Adds the policies of a gate that passed. What came since it asked the first of them are notes and outcomes of these
    /// policies.
    pub(crate) fn push_passes(&mut self, passes: Passes) {
        self.add(Entry::Passed(passes));
    }

    fn add(&mut self, entry: Entry) {
        if self.first.is_none() {
            self.first = Some(entry);
        } else if self.second.is_none() {
            self.second = Some(entry);
        } else if self.others.len() < CAPACITY {
            self.others.push(entry);
        } else {
            self.left_out = self.left_out.saturating_add(1);
        }
    }

    /// Puts the decisions in the order in which they were made.
    pub(crate) fn trail(&self) -> Trail {
        let mut trail = Trail { decisions: Vec::new(), left_out: self.left_out };
        let mut others: Vec<Decision> = Vec::new();
        for entry in self.first.iter().chain(&self.second).chain(&self.others) {
            match entry {
                Entry::Other(decision) => others.push(*decision),
                Entry::Passed(passes) => {
                    for policy in passes.policies() {
                        trail.extend_with(policy, &mut others);
                    }
                }
            }
        }
        for decision in others {
            trail.push(decision);
        }
        trail
    }
}

// === impl Passes ===

impl Passes {
    fn policies(&self) -> impl Iterator<Item = &'static str> {
        self.names.get(self.steps.clone()).unwrap_or_default().iter().copied()
    }
}

// === impl Trail ===

impl Trail {
    /// Adds what is known of a policy that did not refuse: its notes, then its pass, unless it would have refused.
    fn extend_with(&mut self, policy: &'static str, others: &mut Vec<Decision>) {
        let own = others.extract_if(.., |other| other.policy == policy);
        let mut passed = true;
        for decision in own {
            passed &= matches!(decision.outcome, Outcome::Rule(_));
            self.push(decision);
        }
        if passed {
            self.push(Decision { policy, outcome: Outcome::Passed });
        }
    }

    fn push(&mut self, decision: Decision) {
        if self.decisions.len() < CAPACITY {
            self.decisions.push(decision);
        } else {
            self.left_out = self.left_out.saturating_add(1);
        }
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
