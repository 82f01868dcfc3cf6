//! A stack with analytics in it, and what it recorded.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use http::{HeaderMap, Response, header};
use http_body_util::BodyExt;
use palisade_analytics::{Analytics, AnalyticsPolicy, Config, Exclusions, Filter, Record};
use palisade_core::{
    ClientIp, ClientIpSource, Code, FollowLayer, FollowedBody, GateLayer, Ipv6Prefix, ManualClock,
    PeerAddr, Policies, Policy, Rejection, RejectionKind, SecurityContext, Verdict,
};
use palisade_test_support::{Ask, Body};

pub(crate) const BLOCKED: Code = Code::new("test-refused", "Refused by the test");

/// Learns the address from the peer, as a layer further out would.
pub(crate) struct LearnAddress;

/// Does what a layer further in does: learns something, or refuses.
pub(crate) struct Inner<F>(pub(crate) F);

pub(crate) struct Scene {
    pub(crate) analytics: Analytics,
    pub(crate) clock: ManualClock,
}

impl Policy for LearnAddress {
    fn name(&self) -> &'static str {
        "learn-address"
    }
    fn check(&self, head: &mut http::request::Parts, context: &SecurityContext) -> Verdict {
        let peer = head.extensions.get::<PeerAddr>().unwrap().0.ip();
        context.learn_client_ip(ClientIp::new(peer, ClientIpSource::Peer, Ipv6Prefix::default()));
        Verdict::Pass
    }
}

impl<F: Fn(&SecurityContext) -> Verdict> Policy for Inner<F> {
    fn name(&self) -> &'static str {
        "inner"
    }
    fn check(&self, _: &mut http::request::Parts, context: &SecurityContext) -> Verdict {
        (self.0)(context)
    }
}

impl Scene {
    pub(crate) fn new() -> Self {
        Self::with(Config::new())
    }

    pub(crate) fn with(config: Config) -> Self {
        let clock = ManualClock::new();
        Self { analytics: Analytics::start(config.clock(clock.clock())).unwrap(), clock }
    }

    pub(crate) fn policy(&self) -> AnalyticsPolicy {
        AnalyticsPolicy::new(&self.analytics).clock(self.clock.clock())
    }

    /// The layers in front of a service: what follows answers, and a gate with `policy` and what is behind it.
    pub(crate) fn layers<P: Policies>(
        &self,
        policy: AnalyticsPolicy,
        inner: P,
    ) -> (FollowLayer, GateLayer<impl Policies + use<P>>) {
        let chain = LearnAddress.then(policy).then(inner);
        let clock = || self.clock.clock();
        (FollowLayer::new().clock(clock()), GateLayer::new(chain).clock(clock()))
    }

    /// Sends `ask` through `policy` and what is behind it, and takes the answer to its end.
    pub(crate) fn send_through(
        &self,
        policy: AnalyticsPolicy,
        inner: impl Policies,
        ask: Ask,
    ) -> Response<Body> {
        received(ask.through(&self.layers(policy, inner)))
    }

    pub(crate) fn send(&self, ask: Ask) -> Response<Body> {
        self.send_through(self.policy(), pass(), ask)
    }

    pub(crate) fn send_all(&self, asks: impl IntoIterator<Item = Ask>) {
        for ask in asks {
            drop(self.send(ask));
        }
    }

    /// Everything that was recorded, oldest first.
    pub(crate) fn records(&self) -> Vec<Arc<Record>> {
        self.analytics.flush();
        let mut records =
            self.analytics.store().page(&Filter::new(), None, 10_000).unwrap().records;
        records.reverse();
        records
    }

    /// The only record, of `ask` alone.
    pub(crate) fn record_of(&self, ask: Ask) -> Arc<Record> {
        drop(self.send(ask));
        self.only()
    }

    pub(crate) fn only(&self) -> Arc<Record> {
        let records = self.records();
        assert_eq!(records.len(), 1, "{records:?}");
        Arc::clone(&records[0])
    }

    pub(crate) fn recorded_without(exclusions: Exclusions, ask: Ask) -> bool {
        let scene = Self::new();
        let policy = scene.policy().exclusions(exclusions);
        drop(scene.send_through(policy, pass(), ask));
        !scene.records().is_empty()
    }
}

pub(crate) fn refusal() -> Verdict {
    Rejection::new(RejectionKind::Forbidden, BLOCKED).retry_after(Duration::from_secs(1)).into()
}

pub(crate) fn pass() -> Option<LearnAddress> {
    None
}

pub(crate) fn cookies(headers: &HeaderMap) -> Vec<&str> {
    headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap()).collect()
}

/// Takes an answer to its end, as a client does.
pub(crate) fn received(answer: Response<FollowedBody<Body>>) -> Response<Body> {
    let (head, body) = answer.into_parts();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let bytes = runtime.block_on(body.collect()).unwrap().to_bytes();
    Response::from_parts(head, bytes.into())
}

/// Waits until it is so; the thread in the background looks at the clock once a second, and every 100 ms where a location is
/// asked for.
pub(crate) fn until(so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !so() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it never came to that");
        std::thread::yield_now();
    }
}
