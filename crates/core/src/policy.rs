//! The trait every layer of the family implements: a decision on the way in, and a last word on the way out.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use http::{request, response};

use crate::{Rejection, SecurityContext};

/// A boxed future, as [`Verdict::Wait`] carries it.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Decides about one request, from its head alone.
///
/// A policy is asked by a [`Gate`](crate::Gate), alone or as a link of a [`Chain`](crate::Chain). Both calls are on the
/// hot path: they must not block, and `check` should answer at once whenever it can.
pub trait Policy {
    /// The name under which decisions of this policy appear in the trail and the security log, in kebab-case.
    fn name(&self) -> &'static str;

    /// Decides on the way in.
    fn check(&self, head: &mut request::Parts, context: &SecurityContext) -> Verdict;

    /// Has the last word on the way out, for every request that passed `check`: also for one that a layer further in
    /// refused, in which case the [`Rejection`] is in the answer's extensions.
    ///
    /// It is not called when the inner service fails with an error of its own, nor when the client goes away first.
    #[expect(
        unused_variables,
        reason = "named for the documentation; most policies have no last word"
    )]
    fn finish(&self, context: &SecurityContext, answer: &mut response::Parts) {}
}

/// What a [`Policy`] says of a request.
#[expect(
    clippy::exhaustive_enums,
    reason = "a gate must handle every verdict; a fourth one would be a new architecture"
)]
pub enum Verdict {
    /// Nothing against it.
    Pass,
    /// It ends here.
    Refuse(Rejection),
    /// Not known yet: a key to fetch, a remote store to ask. What the future learns it writes into the context.
    Wait(BoxFuture<Result<(), Rejection>>),
}

// === impl Verdict ===

impl fmt::Debug for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pass => f.write_str("Pass"),
            Self::Refuse(rejection) => f.debug_tuple("Refuse").field(rejection).finish(),
            Self::Wait(_) => f.write_str("Wait"),
        }
    }
}

impl From<Rejection> for Verdict {
    fn from(rejection: Rejection) -> Self {
        Self::Refuse(rejection)
    }
}

impl From<Result<(), Rejection>> for Verdict {
    fn from(result: Result<(), Rejection>) -> Self {
        result.map_or_else(Self::Refuse, |()| Self::Pass)
    }
}

// === impl Policy ===

impl<P: Policy + ?Sized> Policy for Arc<P> {
    fn name(&self) -> &'static str {
        (**self).name()
    }
    fn check(&self, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
        (**self).check(head, context)
    }
    fn finish(&self, context: &SecurityContext, answer: &mut response::Parts) {
        (**self).finish(context, answer);
    }
}

impl<P: Policy + ?Sized> Policy for Box<P> {
    fn name(&self) -> &'static str {
        (**self).name()
    }
    fn check(&self, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
        (**self).check(head, context)
    }
    fn finish(&self, context: &SecurityContext, answer: &mut response::Parts) {
        (**self).finish(context, answer);
    }
}
