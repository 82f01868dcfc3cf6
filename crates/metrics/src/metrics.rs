//! What was counted, of all threads.

use std::{fmt, sync::Arc};

use palisade_core::Striped;

use crate::{
    Exposition, Family, HistogramFamily, Spread,
    decisions::{Kind, Names},
    durations::{BOUNDS, Sums},
    labels::Class,
    traffic::{Facts, Stripe},
};

/// What was counted of requests and decisions. A handle: clones share the numbers.
///
/// Its memory is fixed: 20 KB for each core of the machine, of 64 at most.
#[derive(Clone)]
pub struct Metrics {
    stripes: Arc<Striped<Arc<Stripe>>>,
    names: Arc<Names>,
}

const REQUESTS: Family<4> = Family::counter(
    "palisade_requests_total",
    "Requests that are over, by the access class of their route, method, status and how they ended: answered to the last byte (whole), not to the last byte (cut), not at all (unanswered), or refused.",
    ["class", "method", "status_class", "outcome"],
);
const IN_FLIGHT: Family<0> = Family::gauge(
    "palisade_requests_in_flight",
    "Requests that are not over: waiting, being answered, or with an answer that is still being read. Open streams are among them.",
    [],
);
const DURATION: HistogramFamily<1> = HistogramFamily::new(
    "palisade_request_duration_seconds",
    "Time from the arrival of a request to the last byte of its answer, by the access class of its route. Streams are left out: they last as long as somebody listens.",
    ["class"],
);
const BYTES: Family<1> = Family::counter(
    "palisade_response_bytes_total",
    "Bytes of bodies that were handed to the transport, compressed if they were, by the access class of the route.",
    ["class"],
);
const DECISIONS: Family<3> = Family::counter(
    "palisade_decisions_total",
    "Refusals, carried out (refused) or only reported (would-refuse), by the policy that decided and its code. What no policy but a handler refused is the policy `handler`; pairs beyond 256 are `other`.",
    ["policy", "decision", "code"],
);

// === impl Metrics ===

impl Metrics {
    /// Starts to count, at 0.
    #[must_use]
    pub fn new() -> Self {
        let names = Arc::new(Names::default());
        let stripes = Striped::new(|| Arc::new(Stripe::new(&names)));
        Self { stripes: Arc::new(stripes), names }
    }

    /// How many requests are not over.
    pub fn in_flight(&self) -> u64 {
        self.add_up(Stripe::in_flight)
    }

    /// Writes all families of this crate onto `page`. Requests go on counting meanwhile: a figure that is written first may
    /// know a request less than one that is written last.
    pub fn write(&self, page: &mut Exposition) {
        let mut requests = page.family(&REQUESTS);
        for facts in Facts::all() {
            let count = self.add_up(|stripe| stripe.requests(facts));
            if count > 0 {
                let Facts { class, verb, status, ending } = facts;
                let labels = [class.as_str(), verb.as_str(), status.as_str(), ending.as_str()];
                requests.add(labels, count);
            }
        }
        page.family(&IN_FLIGHT).add([], self.in_flight());
        let mut durations = page.histogram(&DURATION);
        for class in Class::ALL {
            let sums = self.durations(class);
            let spread = Spread { bounds: &BOUNDS, counts: &sums.counts, sum: sums.seconds() };
            durations.add([class.as_str()], spread);
        }
        let mut bytes = page.family(&BYTES);
        for class in Class::ALL {
            bytes.add([class.as_str()], self.add_up(|stripe| stripe.bytes(class)));
        }
        self.write_decisions(page);
    }

    fn write_decisions(&self, page: &mut Exposition) {
        let mut decisions = page.family(&DECISIONS);
        for (place, pair) in self.names.all() {
            for kind in Kind::ALL {
                let count = self.add_up(|stripe| stripe.decisions().read(place, kind));
                if count > 0 {
                    decisions.add([pair.policy, kind.as_str(), pair.code], count);
                }
            }
        }
    }

    /// This thread's own.
    pub(crate) fn stripe(&self) -> Arc<Stripe> {
        Arc::clone(self.stripes.mine())
    }

    fn durations(&self, class: Class) -> Sums {
        let mut sums = Sums::default();
        let all = self.stripes.all().filter_map(|stripe| stripe.durations(class));
        all.for_each(|durations| durations.add_to(&mut sums));
        sums
    }

    fn add_up(&self, read: impl Fn(&Stripe) -> u64) -> u64 {
        self.stripes.all().map(|stripe| read(stripe)).fold(0, u64::saturating_add)
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").field("in_flight", &self.in_flight()).finish_non_exhaustive()
    }
}
