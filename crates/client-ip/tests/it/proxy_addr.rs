//! The same answers as npm's proxy-addr.

use std::net::IpAddr;

use palisade_client_ip::{ClientIpHeader, Trust, resolve};
use palisade_core::Ipv6Prefix;
use palisade_test_support::Ask;
use serde_json::Value;

use crate::asking::client;

const VECTORS: &str = include_str!("../vectors/proxy-addr-2000.jsonl");

struct Line {
    remote: String,
    xff: String,
    trust: Trust,
    expect: IpAddr,
}

fn lines() -> impl Iterator<Item = Line> {
    VECTORS.lines().map(|line| {
        let line: Value = serde_json::from_str(line).unwrap();
        let text = |member: &str| line.get(member).and_then(Value::as_str).unwrap().to_owned();
        let trust = line.get("trust").and_then(Value::as_array).unwrap();
        Line {
            remote: text("remote"),
            xff: text("xff"),
            trust: Trust::networks(trust.iter().map(|network| network.as_str().unwrap())).unwrap(),
            expect: text("expect").parse::<IpAddr>().unwrap().to_canonical(),
        }
    })
}

#[test]
fn every_vector_gives_the_address_that_proxy_addr_gives() {
    let mut count = 0;
    for Line { remote, xff, trust, expect } in lines() {
        let header = ClientIpHeader::XForwardedFor;
        let peer = remote.parse().unwrap();
        let found = resolve(peer, [xff.as_bytes()], &trust, &header, Ipv6Prefix::default());
        assert_eq!(found.addr(), expect, "{remote} {xff:?} {trust:?}");
        count += 1;
    }
    assert_eq!(count, 2000);
}

#[test]
fn the_policy_gives_the_same_addresses_with_each_entry_on_a_line_of_its_own() {
    for Line { remote, xff, trust, expect } in lines() {
        let policy = palisade_client_ip::ClientIpPolicy::new().trust(trust);
        let entries = xff.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        let ask = entries
            .fold(Ask::get("/").from(&remote), |ask, entry| ask.header("x-forwarded-for", entry));
        let found = client(&policy, ask);
        assert_eq!(found.split(' ').next(), Some(expect.to_string().as_str()), "{remote} {xff:?}");
    }
}

#[test]
fn every_vector_gives_the_same_address_written_as_forwarded() {
    for Line { remote, xff, trust, expect } in lines() {
        let entries = xff.split(',').map(str::trim).filter(|entry| !entry.is_empty());
        let forwarded = entries
            .map(|entry| {
                if entry.contains(':') {
                    format!("for=\"[{entry}]:4711\";proto=https")
                } else {
                    format!("by=_me;For={entry}")
                }
            })
            .collect::<Vec<_>>()
            .join(", ");
        let header = ClientIpHeader::Forwarded;
        let peer = remote.parse().unwrap();
        let lines = (!forwarded.is_empty()).then_some(forwarded.as_bytes());
        let found = resolve(peer, lines, &trust, &header, Ipv6Prefix::default());
        assert_eq!(found.addr(), expect, "{remote} {forwarded:?} {trust:?}");
    }
}
