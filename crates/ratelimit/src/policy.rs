//! The decision: every limiter that applies is asked, and all must agree.

use std::sync::Arc;

use http::{request, response};
use palisade_core::{
    Code, GateLayer, Policy, Rejection, RejectionKind, SecurityContext, Striped, Verdict,
    ViolationKind,
};

use crate::{
    Key, RateLimitBuilder, RateLimitHeaders,
    readings::Readings,
    rule::{Reading, Rule},
};

/// A gate with a [`RateLimitPolicy`].
pub type RateLimitLayer = GateLayer<RateLimitPolicy>;

/// A quota is used up.
const QUOTA_EXCEEDED: Code = Code::new("quota-exceeded", "Request quota exceeded");
/// The layer that learns the client's address is missing, or stands further in.
const CLIENT_ADDRESS_UNKNOWN: Code =
    Code::new("client-address-unknown", "The client's address is not known");

/// Refuses requests over a quota, and tells every client how it stands. See the [crate docs](crate).
///
/// A handle: clones share the limiters, and a request that passes two of them is counted once.
#[derive(Clone, Debug)]
pub struct RateLimitPolicy {
    // One of each for each thread, because every request counts their references.
    rules: Arc<[Striped<Arc<Rule>>]>,
    headers: RateLimitHeaders,
}

// === impl RateLimitPolicy ===

impl RateLimitPolicy {
    /// Starts a policy without a limiter.
    pub fn builder() -> RateLimitBuilder {
        RateLimitBuilder::new()
    }

    pub(crate) fn new(rules: Vec<Rule>, headers: RateLimitHeaders) -> Self {
        let striped = |rule: Rule| Striped::new(|| Arc::new(rule.twin()));
        Self { rules: rules.into_iter().map(striped).collect(), headers }
    }

    /// The rules that this request falls under.
    fn applying(&self, context: &SecurityContext) -> impl Iterator<Item = &Arc<Rule>> {
        let rules = self.rules.iter().map(Striped::mine);
        rules.filter(|rule| rule.scope.covers(context.route()))
    }

    /// Asks every limiter that applies and was not asked before. `readings` takes what they said.
    fn ask(&self, context: &SecurityContext, readings: &mut Readings) -> Result<(), Rejection> {
        let mut applying = self.applying(context);
        let Some(rule) = applying.next() else { return Ok(()) };
        let key = Key::of(context).ok_or_else(unknown_client)?;
        if applying.next().is_none() {
            return self.ask_one(rule, &key, context, readings);
        }
        self.look(&key, context, readings);
        // What another gate refused and let go on, because it only reports, is refused here.
        self.agree(context, readings)?;
        for rule in self.applying(context) {
            self.ask_one(rule, &key, context, readings)?;
        }
        Ok(())
    }

    /// Asks a limiter, unless it was asked before.
    fn ask_one(
        &self,
        rule: &Arc<Rule>,
        key: &Key<'_>,
        context: &SecurityContext,
        readings: &mut Readings,
    ) -> Result<(), Rejection> {
        if readings.by(&rule.limiter).is_none() {
            let standing = rule.limiter.check(key, context.arrived());
            readings.push(Reading { rule: Arc::clone(rule), standing });
        }
        match readings.by(&rule.limiter) {
            Some(reading) if reading.standing.is_refused() => self.agree(context, readings),
            _ => Ok(()),
        }
    }

    /// Looks, where several limiters apply, whether one of them will refuse: then none counts the request.
    fn look(&self, key: &Key<'_>, context: &SecurityContext, readings: &mut Readings) {
        for rule in self.applying(context) {
            let standing = rule.limiter.peek(key, context.arrived());
            if standing.is_refused() && readings.by(&rule.limiter).is_none() {
                readings.push(Reading { rule: Arc::clone(rule), standing });
            }
        }
    }

    /// Refuses if a limiter that applies did.
    fn agree(&self, context: &SecurityContext, readings: &Readings) -> Result<(), Rejection> {
        let refusals = || {
            let readings = self.applying(context).filter_map(|rule| readings.by(&rule.limiter));
            readings.filter(|reading| reading.standing.is_refused())
        };
        let Some(longest) = refusals().max_by_key(|reading| reading.standing.retry_after) else {
            return Ok(());
        };
        let mut rejection = Rejection::new(RejectionKind::LimitExceeded, QUOTA_EXCEEDED)
            .detail(Arc::clone(&longest.rule.spelt.detail))
            .retry_after(longest.standing.told_reset())
            .violation(ViolationKind::RateLimit)
            .reason(longest.reason());
        for reading in refusals() {
            rejection = rejection.violated_policy(Arc::clone(&reading.rule.name));
        }
        // The gate does not ask the policy that refused for a last word, so the headers go along.
        let headers = rejection.headers_mut();
        self.headers.write(readings, |name, value| drop(headers.insert(name, value)));
        Err(rejection)
    }
}

/// Nothing to count by: the safe answer is none.
fn unknown_client() -> Rejection {
    Rejection::new(RejectionKind::Internal, CLIENT_ADDRESS_UNKNOWN)
        .reason("no layer outside learnt the client's address")
}

// === impl Policy ===

impl Policy for RateLimitPolicy {
    fn name(&self) -> &'static str {
        "rate-limit"
    }

    fn check(&self, _head: &mut request::Parts, context: &SecurityContext) -> Verdict {
        let mut readings = Readings::take(context).unwrap_or_default();
        let result = self.ask(context, &mut readings);
        if let Some(tightest) = readings.tightest() {
            context.report_limit(tightest.report());
            readings.attach(context);
        }
        result.into()
    }

    fn finish(&self, context: &SecurityContext, answer: &mut response::Parts) {
        let Some(readings) = Readings::take(context) else { return };
        self.headers.write(&readings, |name, value| drop(answer.headers.insert(name, value)));
        // A gate further out may have headers to write as well.
        readings.attach(context);
    }
}
