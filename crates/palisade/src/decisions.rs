//! The policies between CORS and the handler, as one value.

use std::{fmt, sync::Arc};

use http::response;
use palisade_core::{Policies, Progress, Run, SecurityContext};

/// So many headers an answer of the whole stack has, and a few more. This is where the first of them are written: room
/// for all of them is made at once, instead of four times, which spares 1 200 instructions and four allocations.
const HEADERS: usize = 24;

/// The policies between CORS and the handler, behind one gate: asking them costs one indirect call for all, and spares
/// the reader a type of seventeen names.
#[derive(Clone)]
pub struct Decisions {
    policies: Arc<dyn Policies + Send + Sync>,
}

impl Decisions {
    pub(crate) fn new(policies: impl Policies + Send + Sync + 'static) -> Self {
        Self { policies: Arc::new(policies) }
    }
}

impl Policies for Decisions {
    fn steps(&self) -> usize {
        self.policies.steps()
    }
    fn names(&self, names: &mut Vec<&'static str>) {
        self.policies.names(names);
    }
    fn check_from(&self, from: usize, run: &mut Run<'_>) -> Progress {
        self.policies.check_from(from, run)
    }
    fn finish_until(&self, passed: usize, context: &SecurityContext, answer: &mut response::Parts) {
        // A map that is full takes no header more; then the layers change what is there, and add nothing.
        drop(answer.headers.try_reserve(HEADERS.saturating_sub(answer.headers.len())));
        self.policies.finish_until(passed, context, answer);
    }
}

impl fmt::Debug for Decisions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decisions").field("steps", &self.steps()).finish()
    }
}
