//! The decision: never a refusal. Takes note of a request on the way in, and counts it when it is over.

use std::sync::Arc;

use http::{request, response};
use palisade_core::{
    AtEnd, Clock, Decision, End, Moment, Outcome, Policy, Rejection, RouteTag, SecurityContext,
    Verdict,
};

use crate::{
    Metrics,
    decisions::Kind,
    labels::{Class, Ending, StatusClass, Verb},
    traffic::{Facts, Stripe},
};

/// Counts requests and decisions. See the [crate docs](crate).
///
/// It never refuses, and a request never waits for it. Put it there once.
#[derive(Clone, Debug)]
pub struct MetricsPolicy {
    metrics: Metrics,
    clock: Clock,
}

/// A request that is not over. Counted when it is dropped, however that comes.
struct Flight {
    stripe: Arc<Stripe>,
    clock: Clock,
    arrived: Moment,
    facts: Facts,
    length: Length,
    bytes: u64,
}

/// Whether the time that a request takes says something of the server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Length {
    Told,
    /// It is as long as somebody listens.
    Stream,
}

/// The policy of a refusal that no policy made.
const HANDLER: &str = "handler";

// === impl MetricsPolicy ===

impl MetricsPolicy {
    /// Counts into `metrics`, with the system's clock.
    #[must_use]
    pub fn new(metrics: &Metrics) -> Self {
        Self { metrics: metrics.clone(), clock: Clock::system() }
    }

    /// Reads the end of a request from `clock`. Give it the clock that the outermost gate reads the arrival from.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }
}

impl Policy for MetricsPolicy {
    fn name(&self) -> &'static str {
        "metrics"
    }

    fn check(&self, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
        let stripe = self.metrics.stripe();
        stripe.begin();
        context.at_end(Flight {
            stripe,
            clock: self.clock.clone(),
            arrived: context.arrived(),
            facts: Facts {
                class: Class::Unknown,
                verb: Verb::of(&head.method),
                status: StatusClass::None,
                ending: Ending::Unknown,
            },
            length: Length::Told,
            bytes: 0,
        });
        Verdict::Pass
    }

    fn finish(&self, context: &SecurityContext, answer: &mut response::Parts) {
        let rejection = answer.extensions.get::<Rejection>();
        if rejection.is_none() && context.is_followed() {
            // All else is told at the end, with the status that goes out: what is attached need not be looked for twice.
            return;
        }
        let (class, length) = (Class::of(context), Length::of(context));
        context.change_attached(|flight: &mut Flight| {
            (flight.facts.class, flight.length) = (class, length);
            flight.facts.status = StatusClass::of(answer.status);
            if let Some(rejection) = rejection {
                flight.facts.ending = Ending::Refused;
                let policy = rejection.policy().unwrap_or(HANDLER);
                flight.stripe.decide(Kind::Refused, policy, rejection.code().as_str());
            }
        });
    }
}

// === impl Length ===

impl Length {
    fn of(context: &SecurityContext) -> Self {
        let is_stream = context.route().is_some_and(|route| route.has_tag(RouteTag::STREAM));
        if is_stream { Self::Stream } else { Self::Told }
    }
}

// === impl Flight ===

impl Flight {
    /// Counts what was only reported.
    fn tell(&self, Decision { policy, outcome, .. }: Decision) {
        if let Outcome::WouldRefuse(code) = outcome {
            self.stripe.decide(Kind::WouldRefuse, policy, code.as_str());
        }
    }
}

impl AtEnd for Flight {
    fn ended(mut self: Box<Self>, context: &SecurityContext, end: End) {
        if self.facts.status == StatusClass::None {
            (self.facts.class, self.length) = (Class::of(context), Length::of(context));
            self.facts.status = end.status.map(StatusClass::of).unwrap_or_default();
        }
        // A refusal is a few bytes: whether they came is of no interest beside that it was one.
        if self.facts.ending != Ending::Refused {
            self.facts.ending = Ending::of(end.ended);
        }
        self.bytes = end.bytes;
        context.each_refusal(|decision| self.tell(decision));
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let took = (self.length == Length::Told).then(|| self.clock.since(self.arrived));
        self.stripe.end(self.facts, took, self.bytes);
    }
}
