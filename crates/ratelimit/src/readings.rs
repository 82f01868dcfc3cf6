//! What every limiter said of one request, kept with the request.

use std::{cmp::Reverse, sync::Arc};

use palisade_core::SecurityContext;
use smallvec::SmallVec;

use crate::{
    Outage,
    rule::{Reading, Rule},
};

/// What every limiter said of one request, in the order they were asked: also those of other gates. So a limiter that
/// stands behind two gates counts a request once, and the tightest of all is what the headers tell.
#[derive(Clone, Debug, Default)]
pub(crate) struct Readings {
    // Usually it is one: no list of its own then.
    readings: SmallVec<[Reading; 1]>,
    /// Rules that are done with and said nothing: it was free, or the store did not answer and refused it or let it pass.
    silent: Vec<(Arc<Rule>, Option<Outage>)>,
}

// === impl Readings ===

impl Readings {
    /// What was said so far, taken from the request: whoever takes it gives it back.
    pub(crate) fn take(context: &SecurityContext) -> Option<Box<Self>> {
        context.detach()
    }

    /// Keeps them with the request.
    pub(crate) fn attach(self: Box<Self>, context: &SecurityContext) {
        context.attach_boxed(self);
    }

    /// The same, and tells the rest of the stack of the tightest.
    pub(crate) fn report(self: Box<Self>, context: &SecurityContext) {
        if let Some(tightest) = self.tightest() {
            context.report_limit(tightest.report());
        } else if self.silent.is_empty() {
            return;
        }
        self.attach(context);
    }

    /// What a rule said, or another one of the same limiter, if it was asked.
    pub(crate) fn by(&self, rule: &Rule) -> Option<&Reading> {
        self.iter().find(|reading| reading.rule.counts_as(rule))
    }

    pub(crate) fn push(&mut self, reading: Reading) {
        self.readings.push(reading);
    }

    /// Has no further gate ask about a rule that says nothing; with an `outage` if the request was refused for that.
    pub(crate) fn pass_over(&mut self, rule: &Arc<Rule>, outage: Option<Outage>) {
        self.silent.push((Arc::clone(rule), outage));
    }

    /// Whether a rule, or another one of the same limiter, is done with.
    pub(crate) fn know(&self, rule: &Rule) -> bool {
        self.by(rule).is_some() || self.silent.iter().any(|(other, _)| other.counts_as(rule))
    }

    /// The outage for which a rule refused the request.
    pub(crate) fn outage(&self, rule: &Rule) -> Option<Outage> {
        self.silent.iter().find_map(|(other, outage)| outage.filter(|_| other.counts_as(rule)))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Reading> {
        self.readings.iter()
    }

    /// The one that leaves the client the least: a refusal, else the fewest requests, else the longest wait.
    pub(crate) fn tightest(&self) -> Option<&Reading> {
        if let [alone] = &*self.readings {
            return Some(alone);
        }
        self.iter().min_by_key(|Reading { standing, .. }| {
            (!standing.is_refused(), standing.remaining, Reverse(standing.told_reset()))
        })
    }
}
