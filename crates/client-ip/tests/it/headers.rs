//! Which headers go on, whom the policy takes for the peer, and what happens without one.

use std::net::SocketAddr;

use http::request::Parts;
use palisade_client_ip::{ClientIpHeader, ClientIpLayer, ClientIpPolicy, Trust};
use palisade_core::{
    Enforce, PeerAddr, Policy, Rejection, RejectionKind, SecurityContext, Verdict,
};
use palisade_test_support::{Ask, context, head_of};

use crate::asking::{ask, behind_ten, client};

/// A head without a peer.
fn peerless(ask: Ask) -> Parts {
    let mut head = head_of(ask);
    head.extensions.remove::<PeerAddr>();
    head
}

fn names(policy: &ClientIpPolicy, request: Ask) -> Vec<String> {
    let (head, _) = ask(policy, request);
    head.headers.keys().map(ToString::to_string).collect()
}

#[test]
fn headers_that_are_no_forwarding_headers_are_left_alone() {
    let common = [
        "host",
        "accept",
        "user-agent",
        "cookie",
        "authorization",
        "x-api-key",
        "x-requested-with",
        "sec-fetch-site",
        "via",
    ];
    for peer in ["10.0.0.1", "203.0.113.9"] {
        let request =
            common.iter().fold(Ask::get("/").from(peer), |ask, name| ask.header(name, "x"));
        assert_eq!(names(&behind_ten(), request), common);
    }
}

#[test]
fn what_a_trusted_proxy_tells_of_the_request_goes_on() {
    let told = [
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-forwarded-prefix",
        "x-forwarded-client-cert",
        "x-scheme",
        "x-original-host",
        "front-end-https",
    ];
    let request =
        |peer| told.iter().fold(Ask::get("/").from(peer), |ask, name| ask.header(name, "x"));
    assert_eq!(names(&behind_ten(), request("10.0.0.1")), told);
    assert_eq!(names(&behind_ten(), request("203.0.113.9")), [""; 0]);
    // `Forwarded` says scheme and host itself; a proxy that speaks it may hand these on from the client.
    let forwarded = behind_ten().header(ClientIpHeader::Forwarded);
    assert_eq!(
        names(&forwarded, request("10.0.0.1")),
        ["x-forwarded-prefix", "x-forwarded-client-cert"]
    );
}

#[test]
fn without_a_peer_the_request_is_refused_and_the_reason_tells_what_to_do() {
    let mut head = peerless(Ask::get("/").header("x-forwarded-for", "203.0.113.9"));
    let context = context();
    let Verdict::Refuse(rejection) = behind_ten().check(&mut head, &context) else { panic!() };
    assert_eq!(rejection.kind(), RejectionKind::Internal);
    assert_eq!(rejection.code().as_str(), "client-address-unknown");
    assert!(rejection.private_reason().unwrap().contains("peer_from"));
    assert!(rejection.public_detail().is_none());
    assert!(context.client_ip().is_none());
    assert!(head.headers.is_empty(), "also where refusals are only reported");
}

#[test]
fn the_peer_is_found_where_the_server_says() {
    #[derive(Clone)]
    struct ConnectInfo(SocketAddr);
    let policy =
        behind_ten().peer_from(|extensions| extensions.get().map(|info: &ConnectInfo| info.0));
    let mut head = peerless(Ask::get("/").header("x-forwarded-for", "203.0.113.9"));
    head.extensions.insert(ConnectInfo(([10, 0, 0, 7], 80).into()));
    let context = context();
    assert!(matches!(policy.check(&mut head, &context), Verdict::Pass));
    assert_eq!(context.client_ip().unwrap().to_string(), "203.0.113.9");
}

#[test]
fn hops_are_counted_from_the_right_and_the_peer_is_the_first() {
    let client = |hops, xff: &str| {
        let policy = ClientIpPolicy::new().trust(Trust::Hops(hops));
        client(&policy, Ask::get("/").from("198.51.100.1").header("x-forwarded-for", xff))
    };
    assert_eq!(client(0, "6.6.6.6, 203.0.113.9"), "198.51.100.1 peer");
    assert_eq!(client(1, "6.6.6.6, 203.0.113.9"), "203.0.113.9 header");
    assert_eq!(client(2, "6.6.6.6, 203.0.113.9, 10.0.0.2"), "203.0.113.9 header");
    assert_eq!(client(2, "203.0.113.9"), "203.0.113.9 header");
    assert_eq!(client(2, "203.0.113.9, unknown"), "198.51.100.1 peer-after-junk");
    assert_eq!(client(1, "unknown, 203.0.113.9"), "203.0.113.9 header");
}

#[test]
fn if_all_are_trusted_it_is_the_leftmost() {
    let ask = Ask::get("/").from("10.0.0.1").header("x-forwarded-for", "10.0.0.3, 10.0.0.2");
    assert_eq!(client(&behind_ten(), ask), "10.0.0.3 header");
    assert_eq!(client(&behind_ten(), Ask::get("/").from("10.0.0.1")), "10.0.0.1 peer");
}

#[test]
fn junk_leaves_a_note_in_the_trail() {
    let noted = |xff: &str| {
        let (_, context) =
            ask(&behind_ten(), Ask::get("/").from("10.0.0.1").header("x-forwarded-for", xff));
        format!("{:?}", context.trail()).contains("peer-after-junk")
    };
    assert!(noted("unknown"));
    assert!(!noted("203.0.113.9"));
}

#[test]
fn the_layer_is_a_tower_layer() {
    let layer = ClientIpLayer::new(ClientIpPolicy::new()).enforce(Enforce::Block);
    let known = SecurityContext::new(palisade_core::Clock::system().now());
    let answer = Ask::get("/").from("203.0.113.9").context(&known).through(&layer);
    assert_eq!(answer.status(), 200);
    assert!(answer.extensions().get::<Rejection>().is_none());
    assert_eq!(known.client_ip().unwrap().to_string(), "203.0.113.9");
}
