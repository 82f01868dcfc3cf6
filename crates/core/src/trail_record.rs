//! The decision trail while it is written, at the least cost for a request that passes.

use std::{ops::Range, sync::Arc};

use smallvec::SmallVec;

use crate::{Decision, Trail, trail::CAPACITY};

/// So many entries need no list of their own: two gates that pass, a refusal, and a note.
const USUAL: usize = 4;

/// A trail as it is written: what passed is one entry for each gate, and not one for each policy.
#[derive(Debug, Default)]
pub(crate) struct Record {
    entries: SmallVec<[Entry; USUAL]>,
    left_out: usize,
}

#[derive(Debug)]
enum Entry {
    Passed(Passes),
    Remark(Remark),
}

/// What is no pass: said of one step of the gate, or of a policy by its name alone.
#[derive(Clone, Copy, Debug)]
struct Remark {
    step: Option<usize>,
    decision: Decision,
}

/// The policies of a gate that passed, by the names that all its requests share.
#[derive(Debug)]
pub(crate) struct Passes {
    pub(crate) names: Arc<[&'static str]>,
    pub(crate) steps: Range<usize>,
}

// === impl Record ===

impl Record {
    /// Adds an outcome of the policy at `step` that is no pass.
    pub(crate) fn push(&mut self, step: usize, decision: Decision) {
        self.add(Entry::Remark(Remark { step: Some(step), decision }));
    }

    /// Adds a note.
    pub(crate) fn note(&mut self, decision: Decision) {
        self.add(Entry::Remark(Remark { step: None, decision }));
    }

    /// Adds the policies of a gate that passed. What came since it asked the first of them are remarks on these
    /// policies.
    pub(crate) fn push_passes(&mut self, passes: Passes) {
        self.add(Entry::Passed(passes));
    }

    fn add(&mut self, entry: Entry) {
        if self.entries.len() < CAPACITY {
            self.entries.push(entry);
        } else {
            self.left_out = self.left_out.saturating_add(1);
        }
    }

    /// What is a refusal, carried out or only reported.
    pub(crate) fn refusals(&self) -> impl Iterator<Item = Decision> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Remark(Remark { decision, .. }) if decision.outcome.is_refusal() => {
                Some(*decision)
            }
            _ => None,
        })
    }

    /// Puts the decisions in the order in which they were made.
    pub(crate) fn trail(&self) -> Trail {
        let mut trail = Trail::default();
        let mut remarks: Vec<Remark> = Vec::new();
        for entry in &self.entries {
            match entry {
                Entry::Remark(remark) => remarks.push(*remark),
                Entry::Passed(passes) => {
                    for (step, policy) in passes.policies() {
                        let own = remarks.extract_if(.., |remark| remark.is_of(step, policy));
                        trail.push_step(policy, own.map(|remark| remark.decision));
                    }
                }
            }
        }
        for remark in remarks {
            trail.push(remark.decision);
        }
        trail.leave_out(self.left_out);
        trail
    }
}

// === impl Remark ===

impl Remark {
    fn is_of(&self, step: usize, policy: &str) -> bool {
        self.decision.policy == policy && self.step.is_none_or(|own| own == step)
    }
}

// === impl Passes ===

impl Passes {
    fn policies(&self) -> impl Iterator<Item = (usize, &'static str)> {
        let names = self.names.get(self.steps.clone()).unwrap_or_default();
        self.steps.clone().zip(names.iter().copied())
    }
}
