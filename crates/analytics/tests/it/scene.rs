//! A stack with analytics in it, and what it recorded.

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, Response, header};
use palisade_analytics::{Analytics, AnalyticsPolicy, Config, Exclusions, Filter, Record};
use palisade_core::{
    ClientIp, ClientIpSource, Code, GateLayer, Ipv6Prefix, ManualClock, PeerAddr, Policies, Policy,
    Rejection, RejectionKind, SecurityContext, Verdict,
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
        Self { analytics: Analytics::start(config).unwrap(), clock: ManualClock::new() }
    }

    pub(crate) fn policy(&self) -> AnalyticsPolicy {
        AnalyticsPolicy::new(&self.analytics).clock(self.clock.clock())
    }

    /// Sends `ask` through `policy` and what is behind it.
    pub(crate) fn send_through(
        &self,
        policy: AnalyticsPolicy,
        inner: impl Policies,
        ask: Ask,
    ) -> Response<Body> {
        let chain = LearnAddress.then(policy).then(inner);
        ask.through(&GateLayer::new(chain).clock(self.clock.clock()))
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
        let mut records = self.analytics.recent(&Filter::new().limit(1000)).records;
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
