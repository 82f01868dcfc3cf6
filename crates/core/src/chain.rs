//! Several policies behind one gate: asked in order, finished in reverse, resumable in the middle.

use std::fmt;

use http::{request, response};

use crate::{
    BoxFuture, Enforce, Outcome, Policy, Rejection, SecurityContext, Verdict, security_log,
};

/// What a [`Gate`](crate::Gate) can ask: one [`Policy`], a [`Chain`] of them, an `Option` of one (absent passes), or
/// any of these under an [`Enforce`] of its own.
///
/// Implemented for every `Policy`; implement that one. The methods here are the gate's side: steps are counted flat over
/// nested chains, so that a chain can go on where it waited, and `finish` knows how far a request came.
pub trait Policies {
    /// The number of policies in here.
    fn steps(&self) -> usize;

    /// Adds the names of the policies in here, in the order they are asked: one for each step.
    fn names(&self, names: &mut Vec<&'static str>);

    /// Asks the policies from step `from` on, until one refuses or wants to wait.
    fn check_from(&self, from: usize, run: &mut Run<'_>) -> Progress;

    /// Finishes the first `passed` policies, in reverse order.
    fn finish_until(&self, passed: usize, context: &SecurityContext, answer: &mut response::Parts);

    /// Puts `next` behind these policies.
    fn then<Q: Policies>(self, next: Q) -> Chain<Self, Q>
    where
        Self: Sized,
    {
        let before = self.steps();
        Chain { first: self, next, before }
    }

    /// Carries out or only reports what these policies refuse. A gate or an outer chain that only reports wins.
    fn enforce(self, enforce: Enforce) -> Enforced<Self>
    where
        Self: Sized,
    {
        Enforced { policies: self, enforce }
    }
}

/// `first`, then `next`. Made by [`Policies::then`].
#[derive(Clone, Debug)]
pub struct Chain<A, B> {
    first: A,
    next: B,
    /// The steps of `first`: of policies that may be absent they are counted one by one, once and not for each request.
    before: usize,
}

/// Policies with an [`Enforce`] of their own. Made by [`Policies::enforce`].
#[derive(Clone, Debug)]
pub struct Enforced<P> {
    policies: P,
    enforce: Enforce,
}

/// One request on its way through policies.
#[derive(Debug)]
pub struct Run<'a> {
    head: &'a mut request::Parts,
    context: &'a SecurityContext,
    enforce: Enforce,
    /// The step of the gate at which the policies that are asked begin.
    step: usize,
}

/// How far a request came.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "mirrors `Verdict`, which is exhaustive")]
pub enum Progress {
    /// Every policy passed.
    Passed,
    /// The policy at `step` refused.
    Refused {
        /// The refusing step; the steps before it passed.
        step: usize,
        /// Why.
        rejection: Rejection,
    },
    /// A policy must wait. In a box, so that what nearly always passes stays small.
    Waiting(Box<Waiting>),
}

/// A policy that could not answer at once.
pub struct Waiting {
    pub(crate) step: usize,
    pub(crate) policy: &'static str,
    pub(crate) enforce: Enforce,
    pub(crate) future: BoxFuture<Result<(), Rejection>>,
}

// === impl Run ===

impl<'a> Run<'a> {
    /// Starts a run over `head`.
    pub fn new(
        head: &'a mut request::Parts,
        context: &'a SecurityContext,
        enforce: Enforce,
    ) -> Self {
        Self { head, context, enforce, step: 0 }
    }

    /// The same, at a later step.
    pub(crate) fn at(self, step: usize) -> Self {
        Self { step, ..self }
    }

    /// Records and logs that `policy` refuses. Gives the refusal back if it is to be carried out.
    pub(crate) fn settle(&self, policy: &'static str, rejection: Rejection) -> Option<Rejection> {
        let rejection = rejection.refused_by(policy).logged();
        let asked = security_log::Asked::from(&*self.head);
        security_log::refusal(&rejection, self.enforce, asked, self.context);
        let (outcome, carried_out) = match self.enforce {
            Enforce::Block => (Outcome::Refused(rejection.code()), Some(rejection)),
            Enforce::ReportOnly => (Outcome::WouldRefuse(rejection.code()), None),
        };
        self.context.record(self.step, policy, outcome);
        carried_out
    }
}

// === impl Progress ===

impl Progress {
    /// How many policies passed; `None` if all did.
    pub(crate) fn passed(&self) -> Option<usize> {
        match self {
            Self::Passed => None,
            Self::Refused { step, .. } => Some(*step),
            Self::Waiting(waiting) => Some(waiting.step),
        }
    }
}

// === impl Waiting ===

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiting")
            .field("policy", &self.policy)
            .field("step", &self.step)
            .finish_non_exhaustive()
    }
}

// === impl Policies ===

impl<P: Policy> Policies for P {
    fn steps(&self) -> usize {
        1
    }

    fn names(&self, names: &mut Vec<&'static str>) {
        names.push(self.name());
    }

    fn check_from(&self, from: usize, run: &mut Run<'_>) -> Progress {
        if from > 0 {
            return Progress::Passed;
        }
        let rejection = match self.check(run.head, run.context) {
            Verdict::Pass => return Progress::Passed,
            Verdict::Refuse(rejection) => rejection,
            Verdict::Wait(future) => {
                let (step, policy, enforce) = (run.step, self.name(), run.enforce);
                return Progress::Waiting(Box::new(Waiting { step, policy, enforce, future }));
            }
        };
        match run.settle(self.name(), rejection) {
            None => Progress::Passed,
            Some(rejection) => Progress::Refused { step: run.step, rejection },
        }
    }

    fn finish_until(&self, passed: usize, context: &SecurityContext, answer: &mut response::Parts) {
        if passed > 0 {
            self.finish(context, answer);
        }
    }
}

impl<A: Policies, B: Policies> Policies for Chain<A, B> {
    fn steps(&self) -> usize {
        self.before.saturating_add(self.next.steps())
    }

    fn names(&self, names: &mut Vec<&'static str>) {
        self.first.names(names);
        self.next.names(names);
    }

    fn check_from(&self, from: usize, run: &mut Run<'_>) -> Progress {
        if from < self.before {
            match self.first.check_from(from, run) {
                Progress::Passed => {}
                stopped => return stopped,
            }
        }
        let outside = run.step;
        run.step = outside.saturating_add(self.before);
        let progress = self.next.check_from(from.saturating_sub(self.before), run);
        run.step = outside;
        progress
    }

    fn finish_until(&self, passed: usize, context: &SecurityContext, answer: &mut response::Parts) {
        if passed > self.before {
            self.next.finish_until(passed.saturating_sub(self.before), context, answer);
        }
        self.first.finish_until(passed.min(self.before), context, answer);
    }
}

impl<P: Policies> Policies for Enforced<P> {
    fn steps(&self) -> usize {
        self.policies.steps()
    }

    fn names(&self, names: &mut Vec<&'static str>) {
        self.policies.names(names);
    }

    fn check_from(&self, from: usize, run: &mut Run<'_>) -> Progress {
        let outside = run.enforce;
        run.enforce = outside.milder(self.enforce);
        let progress = self.policies.check_from(from, run);
        run.enforce = outside;
        progress
    }

    fn finish_until(&self, passed: usize, context: &SecurityContext, answer: &mut response::Parts) {
        self.policies.finish_until(passed, context, answer);
    }
}

impl<P: Policies> Policies for Option<P> {
    fn steps(&self) -> usize {
        self.as_ref().map_or(0, Policies::steps)
    }

    fn names(&self, names: &mut Vec<&'static str>) {
        if let Some(policies) = self {
            policies.names(names);
        }
    }

    fn check_from(&self, from: usize, run: &mut Run<'_>) -> Progress {
        self.as_ref().map_or(Progress::Passed, |policies| policies.check_from(from, run))
    }

    fn finish_until(&self, passed: usize, context: &SecurityContext, answer: &mut response::Parts) {
        if let Some(policies) = self {
            policies.finish_until(passed, context, answer);
        }
    }
}
