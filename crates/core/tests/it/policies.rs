//! Policies to test gates with.

use std::sync::{Arc, Mutex};

use http::{HeaderValue, request, response};
use palisade_core::{Code, Policy, Rejection, RejectionKind, SecurityContext, Verdict};

pub(crate) const NO: Code = Code::new("no", "No");

/// What happened, in order.
pub(crate) type Diary = Arc<Mutex<Vec<String>>>;

/// Passes, and writes into a diary.
#[derive(Debug)]
pub(crate) struct Passes(pub(crate) &'static str, pub(crate) Diary);

/// Refuses with 403 `no`.
#[derive(Debug)]
pub(crate) struct Refuses(pub(crate) &'static str);

impl Policy for Passes {
    fn name(&self) -> &'static str {
        self.0
    }
    fn check(&self, _: &mut request::Parts, _: &SecurityContext) -> Verdict {
        self.1.lock().unwrap().push(format!("{} in", self.0));
        Verdict::Pass
    }
    fn finish(&self, _: &SecurityContext, answer: &mut response::Parts) {
        self.1.lock().unwrap().push(format!("{} out {}", self.0, answer.status.as_u16()));
        answer.headers.append("x-passed", HeaderValue::from_static(self.0));
    }
}

impl Policy for Refuses {
    fn name(&self) -> &'static str {
        self.0
    }
    fn check(&self, _: &mut request::Parts, _: &SecurityContext) -> Verdict {
        Rejection::new(RejectionKind::Forbidden, NO).reason("the private reason").into()
    }
}
