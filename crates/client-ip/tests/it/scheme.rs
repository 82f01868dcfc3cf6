//! What trusted proxies say of the scheme.

use palisade_client_ip::{ClientIpHeader, ClientIpPolicy};
use palisade_core::Transport::{self, Plain, Secure};
use palisade_test_support::Ask;

use crate::asking::{ask, behind_ten};

fn scheme(policy: &ClientIpPolicy, request: Ask) -> Option<Transport> {
    ask(policy, request).1.transport()
}

#[test]
fn the_scheme_is_taken_from_a_trusted_peer_alone() {
    let request = |peer| Ask::get("/").from(peer).header("x-forwarded-proto", "https");
    assert_eq!(scheme(&behind_ten(), request("10.0.0.1")), Some(Secure));
    assert_eq!(scheme(&behind_ten(), request("203.0.113.9")), None);
    assert_eq!(scheme(&ClientIpPolicy::new(), request("10.0.0.1")), None);
}

#[test]
fn a_list_counts_only_if_all_of_it_agrees() {
    let said = |proto: &str| {
        scheme(&behind_ten(), Ask::get("/").from("10.0.0.1").header("x-forwarded-proto", proto))
    };
    assert_eq!(said("HTTPS"), Some(Secure));
    assert_eq!(said("http"), Some(Plain));
    assert_eq!(said("https, https"), Some(Secure));
    for junk in ["https, http", "http, https", "https,", "", "wss", "https://"] {
        assert_eq!(said(junk), None, "{junk}");
    }
    let lines = Ask::get("/").from("10.0.0.1").header("x-forwarded-proto", "https");
    assert_eq!(scheme(&behind_ten(), lines.header("x-forwarded-proto", "http")), None);
}

#[test]
fn with_forwarded_it_is_what_the_element_of_the_client_says() {
    let policy = behind_ten().header(ClientIpHeader::Forwarded);
    let said = |forwarded: &str| {
        let request = Ask::get("/").from("10.0.0.1").header("forwarded", forwarded);
        scheme(&policy, request.header("x-forwarded-proto", "http"))
    };
    assert_eq!(
        said("for=6.6.6.6;proto=http, for=203.0.113.9;proto=https, for=10.0.0.2;proto=http"),
        Some(Secure)
    );
    assert_eq!(said("for=203.0.113.9;proto=\"HTTPS\""), Some(Secure));
    assert_eq!(said("for=203.0.113.9"), None);
    assert_eq!(said("for=unknown;proto=https"), None);
}
