//! Lists made in code, and how a list is told.

use std::sync::Arc;

use palisade_blocklist::{Blocklist, Entry, SharedBlocklist};

use crate::{later, now, user};

#[test]
fn a_builder_takes_what_the_file_takes_and_tells_its_first_mistake() {
    let list = Blocklist::builder()
        .block_ip("203.0.113.50")
        .block_ip(Entry::new("0.0.0.0/1").wide())
        .block_user(Entry::new("mallory").expires(later(1)))
        .block_token("secret")
        .block_country("kp")
        .safe_ip("192.0.2.7")
        .build()
        .unwrap();
    assert!(list.blocked_user(&user("mallory"), now()).is_some());
    assert!(list.blocked_user(&user("mallory"), later(1)).is_none());
    let error =
        Blocklist::builder().block_ip("1.2.3.4/8").block_country("nowhere").build().unwrap_err();
    assert!(error.to_string().contains("1.0.0.0/8"), "{error}");
    assert!(!format!("{:?}", Entry::new("secret")).contains("secret"));
}

#[test]
fn the_most_specific_network_is_told() {
    let list = Blocklist::builder()
        .block_ip("10.0.0.0/8")
        .block_ip("10.1.2.0/24")
        .block_ip("10.1.0.0/16")
        .block_ip("10.1.2.3")
        .build()
        .unwrap();
    for (addr, network) in [
        ("10.1.2.3", "10.1.2.3"),
        ("10.1.2.4", "10.1.2.0/24"),
        ("10.1.3.4", "10.1.0.0/16"),
        ("10.2.3.4", "10.0.0.0/8"),
    ] {
        assert_eq!(list.blocked_ip(addr.parse().unwrap(), now()).unwrap().to_string(), network);
    }
}

#[test]
fn a_list_replaced_in_code_is_in_force_for_the_next_request() {
    let shared = SharedBlocklist::default();
    assert!(!crate::is_blocked(&crate::from("203.0.113.50", &shared)));
    shared.replace(Blocklist::builder().block_ip("203.0.113.50").build().unwrap());
    assert!(crate::is_blocked(&crate::from("203.0.113.50", &shared)));
    assert_eq!(shared.status().loads, 1);
    assert_eq!(shared.status().loaded, None);
}

#[test]
fn a_reader_who_is_the_last_one_does_not_free_a_replaced_list() {
    let shared =
        SharedBlocklist::new(Blocklist::builder().block_ip("203.0.113.50").build().unwrap());
    // A request that began before the replacement and ends after it.
    let reader = shared.list();
    let freed = Arc::downgrade(&reader);
    shared.replace(Blocklist::default());
    drop(reader);
    assert!(freed.upgrade().is_some(), "the reader let go of it last, and did not pay for it");
    shared.sweep(crate::clock().now());
    assert!(freed.upgrade().is_none(), "who is no request frees it");

    let reader = shared.list();
    let freed = Arc::downgrade(&reader);
    drop(reader);
    shared.replace(Blocklist::default());
    assert!(freed.upgrade().is_none(), "if nobody reads it, the replacement frees it");
}

#[test]
fn lists_that_somebody_keeps_are_let_go_beyond_four() {
    let shared = SharedBlocklist::default();
    let mut kept = Vec::new();
    for _ in 0..6 {
        kept.push(shared.list());
        shared.replace(Blocklist::default());
    }
    let weak: Vec<_> = kept.iter().map(Arc::downgrade).collect();
    drop(kept);
    let alive: Vec<_> = weak.iter().map(|list| list.upgrade().is_some()).collect();
    assert_eq!(alive, [false, false, true, true, true, true], "the oldest first");
}

#[test]
fn an_address_before_the_first_network_of_a_list_is_not_in_it() {
    // Of an address only those bits are looked at first that tell networks apart; here it has them in common with one.
    let list = Blocklist::builder().block_ip("0:1::/32").build().unwrap();
    assert!(list.blocked_ip("0:0:ffff::".parse().unwrap(), now()).is_none());
    assert!(list.blocked_ip("0:1:ffff::".parse().unwrap(), now()).is_some());
}

#[test]
fn each_of_65_540_entries_has_an_end_of_its_own() {
    // More than 16 bits tell apart.
    let addr = |n: u64| format!("10.{}.{}.{}", n >> 16, (n >> 8) & 255, n & 255);
    let mut builder = Blocklist::builder();
    for n in 0..65_540 {
        builder = builder.block_ip(Entry::new(addr(n)).expires(later(n + 1)));
    }
    let list = builder.build().unwrap();
    for n in [0, 1, 4, 65_534, 65_535, 65_536, 65_539] {
        let blocks = |at| list.blocked_ip(addr(n).parse().unwrap(), at).is_some();
        assert!(blocks(later(n)) && !blocks(later(n + 1)), "{n}");
    }
}
