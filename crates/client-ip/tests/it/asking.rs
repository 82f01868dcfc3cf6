//! How the tests ask: one request in, the client's address and the head that went on out.

use http::request::Parts;
use palisade_client_ip::{ClientIpHeader, ClientIpPolicy, Trust, resolve};
use palisade_core::{ClientIp, Ipv6Prefix, Policy, SecurityContext, Verdict};
use palisade_test_support::{Ask, context, head_of};

/// A policy that trusts 10.0.0.0/8.
pub(crate) fn behind_ten() -> ClientIpPolicy {
    ClientIpPolicy::new().trust(ten())
}

pub(crate) fn ten() -> Trust {
    Trust::networks(["10.0.0.0/8"]).unwrap()
}

/// Asks; returns the head that goes on and the context.
pub(crate) fn ask(policy: &ClientIpPolicy, ask: Ask) -> (Parts, SecurityContext) {
    let context = context();
    let mut head = head_of(ask);
    let verdict = policy.check(&mut head, &context);
    assert!(matches!(verdict, Verdict::Pass), "{verdict:?}");
    (head, context)
}

/// `address source` of a request.
pub(crate) fn client(policy: &ClientIpPolicy, request: Ask) -> String {
    let (_, context) = ask(policy, request);
    shown(*context.client_ip().unwrap())
}

/// `address source` of a header with one line, from 10.0.0.1, where 10.0.0.0/8 is trusted.
pub(crate) fn read(header: &ClientIpHeader, line: &str) -> String {
    let lines = [line.as_bytes()];
    shown(resolve([10, 0, 0, 1].into(), lines, &ten(), header, Ipv6Prefix::default()))
}

pub(crate) fn shown(client: ClientIp) -> String {
    format!("{client} {}", client.source().as_str())
}
