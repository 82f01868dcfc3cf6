//! Each layer alone: its price beyond what it must stand behind.

use std::{hint::black_box, net::SocketAddr};

use http::request;
use palisade::{
    autoban::AutoBanPolicy,
    blocklist::BlocklistPolicy,
    client_ip::ClientIpPolicy,
    core::{Clock, GateLayer, Policies, Policy, SecurityContext, Verdict},
    problem::ProblemLayer,
    route_registry::RoutePolicy,
    secure_headers::SecureHeadersPolicy,
};
use tower_layer::Layer;

use crate::{case::Case, direct::Direct, drive::Drive, hello::Hello, ours};

/// The names of the cases, and what each is compared with.
pub(crate) const LAYERS: [(&str, Option<&str>); 14] = [
    ("no layer", None),
    ("gate", Some("no layer")),
    ("eight policies that pass", Some("gate")),
    ("problem", Some("no layer")),
    ("client-ip", Some("gate")),
    ("route-registry", Some("gate")),
    ("blocklist", Some("client-ip")),
    ("autoban", Some("client-ip")),
    ("analytics", Some("client-ip")),
    ("authn-jwt", Some("gate")),
    ("ratelimit", Some("client-ip")),
    ("secure-headers", Some("gate")),
    ("secure-headers, strict", Some("gate")),
    ("secure-headers, without a nonce", Some("gate")),
];

/// A layer that is slower than it should be.
pub(crate) struct Slowed {
    pub(crate) case: Case,
    /// The layer it would be.
    pub(crate) as_if: Case,
}

/// By 5 %.
pub(crate) const SLOWED: Slowed = Slowed {
    case: Case { name: "secure-headers, slower by 5 %", beyond: Some("gate") },
    as_if: Case { name: "secure-headers", beyond: Some("gate") },
};

/// Decides nothing.
struct Nothing;

/// Decides nothing, slowly: takes five instructions for each turn, and 30 to be asked at all.
struct Slow {
    turns: u32,
}

impl Policy for Slow {
    fn name(&self) -> &'static str {
        "slow"
    }

    fn check(&self, _head: &mut request::Parts, _context: &SecurityContext) -> Verdict {
        (0..self.turns).for_each(|turn| {
            black_box(turn);
        });
        Verdict::Pass
    }
}

impl Policy for Nothing {
    fn name(&self) -> &'static str {
        "nothing"
    }

    fn check(&self, _head: &mut request::Parts, _context: &SecurityContext) -> Verdict {
        Verdict::Pass
    }
}

/// Makes the case called `name`. What remembers for a time takes it from `clock`.
pub(crate) fn make(name: &str, clock: &Clock) -> Box<dyn Drive> {
    let client = ClientIpPolicy::new();
    match name {
        "no layer" => Box::new(Direct::new(Hello::default(), peer)),
        "gate" => gate(Nothing),
        "eight policies that pass" => {
            let four = || Nothing.then(Nothing).then(Nothing).then(Nothing);
            gate(four().then(four()))
        }
        "problem" => Box::new(Direct::new(ProblemLayer::new().layer(Hello::default()), peer)),
        "client-ip" => gate(client),
        "route-registry" => gate(RoutePolicy::new(ours::routes())),
        "blocklist" => gate(client.then(BlocklistPolicy::new(ours::blocklist()))),
        "autoban" => gate(client.then(AutoBanPolicy::new(ours::auto_ban()))),
        "analytics" => gate(client.then(ours::analytics())),
        "authn-jwt" => {
            let layer = GateLayer::new(ours::auth()).clock(clock.clone());
            Box::new(Direct::new(layer.layer(Hello::default()), peer))
        }
        "ratelimit" => gate(client.then(ours::rate_limit(ours::generous()))),
        "secure-headers" => gate(ours::documented()),
        "secure-headers, strict" => gate(ours::over_tls(SecureHeadersPolicy::strict(), 63_072_000)),
        "secure-headers, without a nonce" => {
            gate(ours::over_tls(SecureHeadersPolicy::api(), 31_536_000))
        }
        "secure-headers, slower by 5 %" => gate(ours::documented().then(Slow { turns: 40 })),
        other => panic!("no layer is called `{other}`"),
    }
}

fn gate(policies: impl Policies + 'static) -> Box<dyn Drive> {
    Box::new(Direct::new(GateLayer::new(policies).layer(Hello::default()), peer))
}

fn peer() -> SocketAddr {
    ([192, 0, 2, 1], 4711).into()
}
