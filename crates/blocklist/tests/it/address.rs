//! Addresses, networks and the safelist, asked through the policy.

use http::StatusCode;
use palisade_blocklist::{Blocklist, BlocklistPolicy, Entry, SharedBlocklist};
use palisade_core::{Policies, Rejection};
use palisade_test_support::Ask;

use crate::{context, from, is_blocked, later, list, now};

/// Says of each address whether the list blocks it.
fn check(entries: &str, blocked: &[&str], passed: &[&str]) {
    let list = list(&format!(r#"{{"blockedIPs": {entries}}}"#)).into();
    for addr in blocked {
        assert!(is_blocked(&from(addr, &list)), "{entries} must block {addr}");
    }
    for addr in passed {
        assert!(!is_blocked(&from(addr, &list)), "{entries} must not block {addr}");
    }
}

#[test]
fn a_listed_address_gets_403_and_the_entry_only_in_the_log() {
    let entry = Entry::new("203.0.113.0/24").reason("scanner");
    let list: SharedBlocklist = Blocklist::builder().block_ip(entry).build().unwrap().into();
    let answer = from("203.0.113.50", &list);
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    let rejection = answer.extensions().get::<Rejection>().unwrap();
    assert_eq!(rejection.code().as_str(), "blocked");
    assert_eq!(rejection.private_reason(), Some("address: 203.0.113.0/24 (scanner)"));
    assert_eq!(rejection.public_detail(), None);
    assert_eq!(rejection.violation_kind(), None, "being blocked is no violation");
    assert_eq!(list.hits().addresses, 1);
}

#[test]
fn the_documented_file_blocks_its_address_and_no_neighbour() {
    check(
        r#"["203.0.113.50"]"#,
        &["203.0.113.50"],
        &["203.0.113.49", "203.0.113.51", "2001:db8::1"],
    );
}

#[test]
fn a_network_blocks_from_its_first_to_its_last_address() {
    check(
        r#"["198.51.100.0/25", "2001:db8:bad::/48"]"#,
        &[
            "198.51.100.0",
            "198.51.100.127",
            "2001:db8:bad::",
            "2001:db8:bad:ffff:ffff:ffff:ffff:ffff",
        ],
        &["198.51.99.255", "198.51.100.128", "2001:db8:bac:ffff::", "2001:db8:bae::"],
    );
}

#[test]
fn p10_all_notations_of_one_address_are_one_address() {
    let mapped = ["1.2.3.4", "::ffff:1.2.3.4", "::ffff:102:304", "0:0:0:0:0:ffff:0102:0304"];
    for entry in mapped {
        // NAT64 and documentation addresses that only end in the same bits are others.
        check(
            &format!(r#"["{entry}"]"#),
            &mapped,
            &["64:ff9b::1.2.3.4", "2001:db8::1.2.3.4", "::1.2.3.4"],
        );
    }
    check(r#"["2001:db8::1.2.3.4"]"#, &["2001:db8::102:304"], &["1.2.3.4"]);
    check(
        r#"["::ffff:198.51.100.0/120"]"#,
        &["198.51.100.7", "::ffff:198.51.100.7"],
        &["198.51.101.7"],
    );
}

#[test]
fn p11_a_non_canonical_ipv6_address_does_not_evade_its_rule() {
    let notations = [
        "2001:db8::1",
        "2001:DB8::1",
        "2001:0db8:0000:0000:0000:0000:0000:0001",
        "2001:db8:0:0::1",
    ];
    for entry in notations {
        check(&format!(r#"["{entry}"]"#), &notations, &["2001:db8::2", "2001:db8:1::1"]);
    }
}

#[test]
fn an_ipv6_network_blocks_no_ipv4_address() {
    check(
        r#"[{"value": "::/0", "wide": true}]"#,
        &["::1", "2001:db8::1"],
        &["1.2.3.4", "::ffff:1.2.3.4"],
    );
    check(r#"[{"value": "0.0.0.0/0", "wide": true}]"#, &["1.2.3.4", "::ffff:1.2.3.4"], &["::1"]);
}

#[test]
fn the_safelist_wins_over_every_other_list_and_is_written_into_the_trail() {
    let json =
        r#"{"blockedIPs": ["192.0.2.0/24"], "blockedCountries": ["DE"], "safeIPs": ["192.0.2.7"]}"#;
    let list = SharedBlocklist::new(list(json));
    let context = context("192.0.2.7");
    context.learn_country("DE".parse().unwrap());
    let answer = Ask::get("/").context(&context).policies(BlocklistPolicy::new(list.clone()));
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(context.trail().to_string(), "blocklist:safelist blocklist");
    assert_eq!(list.hits().safe_addresses, 1);
    assert!(is_blocked(&from("192.0.2.8", &list)));
}

#[test]
fn an_entry_counts_until_it_expires_and_the_wider_one_after_it() {
    let list = list(
        r#"{"blockedIPs": [
            {"value": "203.0.113.9", "reason": "narrow", "expires": "2026-01-01T01:00:00+01:00"},
            {"value": "203.0.113.0/24", "reason": "wide", "expires": "2026-01-01T00:00:10Z"},
            {"value": "203.0.113.7", "reason": "one second", "expires": "2026-01-01T00:00:01Z"}
        ]}"#,
    );
    let reason =
        |addr: &str, at| list.blocked_ip(addr.parse().unwrap(), at).and_then(|hit| hit.reason());
    assert_eq!(
        reason("203.0.113.9", now()),
        Some("wide"),
        "the narrow one ended at this very moment"
    );
    assert_eq!(reason("203.0.113.7", now()), Some("one second"));
    assert_eq!(reason("203.0.113.7", later(1)), Some("wide"));
    assert_eq!(reason("203.0.113.7", later(10)), None);
}

#[test]
fn without_a_client_address_a_list_of_addresses_refuses_and_another_passes() {
    let ask = |json| Ask::get("/").policies(BlocklistPolicy::new(list(json)));
    let answer = ask(r#"{"blockedIPs": ["203.0.113.50"]}"#);
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let code = answer.extensions().get::<Rejection>().map(Rejection::code).unwrap();
    assert_eq!(code.as_str(), "client-address-unknown");
    assert_eq!(
        ask(r#"{"blockedUserIds": ["mallory"], "safeIPs": ["192.0.2.7"]}"#).status(),
        StatusCode::OK
    );
    assert_eq!(ask("{}").status(), StatusCode::OK);
}

#[test]
fn a_list_that_is_only_reported_lets_the_request_through() {
    let list = list(r#"{"blockedIPs": ["203.0.113.50"]}"#);
    let policy = BlocklistPolicy::new(list).enforce(palisade_core::Enforce::ReportOnly);
    let context = context("203.0.113.50");
    assert_eq!(Ask::get("/").context(&context).policies(policy).status(), StatusCode::OK);
    assert_eq!(context.trail().to_string(), "blocklist?blocked");
}
