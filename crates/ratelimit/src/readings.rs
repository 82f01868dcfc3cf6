//! What every limiter said of one request, kept with the request.

use std::cmp::Reverse;

use palisade_core::SecurityContext;
use smallvec::SmallVec;

use crate::rule::{Reading, Rule};

/// What every limiter said of one request, in the order they were asked: also those of other gates. So a limiter that
/// stands behind two gates counts a request once, and the tightest of all is what the headers tell.
#[derive(Clone, Debug, Default)]
pub(crate) struct Readings {
    // Usually it is one: no list of its own then.
    readings: SmallVec<[Reading; 1]>,
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
            self.attach(context);
        }
    }

    /// What a rule said, or another one of the same limiter, if it was asked.
    pub(crate) fn by(&self, rule: &Rule) -> Option<&Reading> {
        self.iter().find(|reading| reading.rule.counts_as(rule))
    }

    pub(crate) fn push(&mut self, reading: Reading) {
        self.readings.push(reading);
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
