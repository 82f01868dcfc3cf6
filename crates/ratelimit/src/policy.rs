//! The decision: every limit that applies is asked, and all must agree.

use std::sync::Arc;

use http::{request, response};
use palisade_core::{GateLayer, Policy, Rejection, SecurityContext, Striped, Verdict};
use smallvec::SmallVec;

use crate::{
    Charged, Key, Limiter, RateLimitBuilder, RateLimitHeaders, SharedStore,
    clause::Clause,
    due::{Due, agree, count},
    readings::Readings,
    refusal,
    sharing::{Question, Sharing},
};

/// A gate with a [`RateLimitPolicy`].
pub type RateLimitLayer = GateLayer<RateLimitPolicy>;

/// Refuses requests over a quota, and tells every client how it stands. See the [crate docs](crate).
///
/// A handle: clones share the limiters, and a request that passes two of them is counted once.
#[derive(Clone, Debug)]
pub struct RateLimitPolicy {
    // One of each for each thread, because every request counts their references.
    clauses: Arc<[Striped<Clause>]>,
    headers: RateLimitHeaders,
    sharing: Option<Sharing>,
}

/// Rarely more than two limits apply.
type Dues<'a> = SmallVec<[Due<'a>; 2]>;

// === impl RateLimitPolicy ===

impl RateLimitPolicy {
    /// Starts a policy without a limit.
    pub fn builder() -> RateLimitBuilder {
        RateLimitBuilder::new()
    }

    pub(crate) fn new(
        clauses: Vec<Clause>,
        headers: RateLimitHeaders,
        shared: Option<Arc<dyn SharedStore>>,
    ) -> Self {
        let striped = |clause: Clause| Striped::new(|| clause.twin());
        let clauses = clauses.into_iter().map(striped).collect();
        Self { clauses, headers, sharing: shared.map(|store| Sharing::new(store, headers)) }
    }

    /// The limits by name, with the limiter that counts for each in this process: for figures. One that several clauses bring is
    /// there once.
    pub fn limiters(&self) -> Vec<(Arc<str>, Limiter)> {
        let mut limiters: Vec<(Arc<str>, Limiter)> = Vec::new();
        for rule in self.clauses.iter().flat_map(|clause| clause.mine().rules()) {
            if !limiters.iter().any(|(_, known)| known.is(&rule.limiter)) {
                limiters.push((Arc::clone(&rule.name), rule.limiter.clone()));
            }
        }
        limiters
    }

    /// Whether the shared store is out of order: since it failed a request, for which each limit did what its
    /// [`Fallback`](crate::Fallback) says, until it was asked, answered ([`Charged::Later`]), and had failed nobody
    /// for five seconds. Never so without such a store.
    pub fn is_degraded(&self) -> bool {
        self.sharing.as_ref().is_some_and(|sharing| sharing.health.is_silent())
    }

    /// What this request is to be counted by. A limiter that two clauses bring is due once, at the cost of the first.
    fn due(&self, head: &request::Parts, context: &SecurityContext) -> Dues<'_> {
        let clauses = self.clauses.iter().map(Striped::mine);
        let mut dues = Dues::new();
        for clause in clauses.filter(|clause| clause.covers(context)) {
            let rule = clause.rule(context);
            if !dues.iter().any(|due| due.rule.counts_as(rule)) {
                dues.push(Due { rule, cost: clause.cost(head, context) });
            }
        }
        dues
    }

    /// Counts in this process.
    fn count_here(
        &self,
        head: &request::Parts,
        context: &SecurityContext,
    ) -> Result<(), Rejection> {
        let due = self.due(head, context);
        if due.is_empty() {
            return Ok(());
        }
        let key = Key::of(context).ok_or_else(refusal::unknown_client)?;
        let mut readings = Readings::take(context).unwrap_or_default();
        count(&due, &key, context.arrived(), &mut readings);
        let result = agree(due.iter().map(|due| due.rule), &readings, self.headers);
        readings.report(context);
        result
    }

    /// Has the store count.
    fn count_there(
        &self,
        sharing: &Sharing,
        head: &request::Parts,
        context: &SecurityContext,
    ) -> Result<Verdict, Rejection> {
        let due = self.due(head, context);
        if due.is_empty() {
            return Ok(Verdict::Pass);
        }
        let key = Key::of(context).ok_or_else(refusal::unknown_client)?;
        let mut readings = Readings::take(context).unwrap_or_default();
        // A quota of nothing needs no store to be refused, nor to be counted.
        let closed = due.iter().filter(|due| due.rule.limiter.quota().burst() == 0);
        count(&closed.copied().collect::<Dues<'_>>(), &key, context.arrived(), &mut readings);
        let so_far = agree(due.iter().map(|due| due.rule), &readings, self.headers)
            .and_then(|()| Question::agree(&due, &readings));
        let question = Question::new(&due, &mut readings);
        readings.report(context);
        so_far?;
        if question.is_empty() {
            return Ok(Verdict::Pass);
        }
        match sharing.store.charge(&question.charges(key), context.arrived()) {
            Charged::Now(answer) => Ok(sharing.settle(&question, answer, context).into()),
            Charged::Later(answer) => {
                let (sharing, context) = (sharing.clone(), context.clone());
                Ok(Verdict::Wait(Box::pin(async move {
                    sharing.settle_asked(&question, answer.await, &context)
                })))
            }
        }
    }
}

// === impl Policy ===

impl Policy for RateLimitPolicy {
    fn name(&self) -> &'static str {
        "rate-limit"
    }

    fn check(&self, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
        match &self.sharing {
            None => self.count_here(head, context).into(),
            Some(sharing) => {
                self.count_there(sharing, head, context).unwrap_or_else(Verdict::Refuse)
            }
        }
    }

    fn finish(&self, context: &SecurityContext, answer: &mut response::Parts) {
        let Some(readings) = Readings::take(context) else { return };
        self.headers.write(&readings, |name, value| drop(answer.headers.insert(name, value)));
        // A gate further out may have headers to write as well.
        readings.attach(context);
    }
}
