//! What every limiter said of one request, kept with the request.

use std::cmp::Reverse;

use palisade_core::SecurityContext;

use crate::{Limiter, rule::Reading};

/// What every limiter said of one request, in the order they were asked: also those of other gates. So a limiter that
/// stands behind two gates counts a request once, and the tightest of all is what the headers tell.
#[derive(Clone, Debug, Default)]
pub(crate) struct Readings {
    // Usually it is one: no list then.
    first: Option<Reading>,
    others: Vec<Reading>,
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

    /// What `limiter` said, if it was asked.
    pub(crate) fn by(&self, limiter: &Limiter) -> Option<&Reading> {
        self.iter().find(|reading| reading.rule.limiter.is(limiter))
    }

    pub(crate) fn push(&mut self, reading: Reading) {
        if self.first.is_none() {
            self.first = Some(reading);
        } else {
            self.others.push(reading);
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Reading> {
        self.first.iter().chain(&self.others)
    }

    /// The one that there is, if there is one.
    pub(crate) fn alone(&self) -> Option<&Reading> {
        self.first.as_ref().filter(|_| self.others.is_empty())
    }

    /// The one that leaves the client the least: a refusal, else the fewest requests, else the longest wait.
    pub(crate) fn tightest(&self) -> Option<&Reading> {
        if let Some(alone) = self.alone() {
            return Some(alone);
        }
        self.iter().min_by_key(|Reading { standing, .. }| {
            (!standing.is_refused(), standing.remaining, Reverse(standing.told_reset()))
        })
    }
}
