//! How often entries decided.

use std::thread;

use palisade_blocklist::{Blocklist, SharedBlocklist};

use crate::{from, is_blocked, list};

#[test]
fn the_status_shows_the_entries_that_refuse_most() {
    let list: SharedBlocklist = list(
        r#"{"blockedIPs": ["203.0.113.0/24", {"value": "198.51.100.7", "reason": "scanner"}, "192.0.2.1"]}"#,
    )
    .into();
    for (addr, times) in [("203.0.113.9", 3), ("203.0.113.10", 2), ("198.51.100.7", 4)] {
        for _ in 0..times {
            assert!(is_blocked(&from(addr, &list)));
        }
    }
    let top = list.status().top;
    let shown: Vec<_> = top.iter().map(|it| (it.kind, &*it.entry, it.hits)).collect();
    assert_eq!(
        shown,
        [("address", "203.0.113.0/24", 5), ("address", "198.51.100.7 (scanner)", 4)],
        "entries that never hit are not in it"
    );
    list.replace(Blocklist::parse(r#"{"blockedIPs": ["203.0.113.0/24"]}"#, "x").unwrap());
    assert!(is_blocked(&from("203.0.113.9", &list)));
    assert_eq!(list.status().top[0].hits, 6, "a reload forgets nothing");
    let json = serde_json::to_value(list.status()).unwrap();
    assert_eq!(json["top"][0]["entry"], "203.0.113.0/24");
}

#[test]
fn a_flood_on_many_entries_does_not_drive_the_busiest_out() {
    let list: SharedBlocklist =
        Blocklist::builder().import("10.0.0.0/8", "wide.txt").unwrap().build().unwrap().into();
    let addr = |n: u32| format!("10.0.{}.{}", n / 250, n % 250);
    let members: Vec<_> = (0..1_000).map(addr).collect();
    list.replace(Blocklist::parse_plain(members.join("\n"), "many.txt").unwrap());
    for (n, member) in members.iter().enumerate() {
        is_blocked(&from(member, &list));
        if n % 10 == 0 {
            is_blocked(&from(&members[500], &list));
        }
    }
    let top = list.status().top;
    assert_eq!(top.len(), 20);
    assert_eq!(top[0].entry, "10.0.2.0 (many.txt)");
    assert!((90..=101).contains(&top[0].hits), "never more than there were: {}", top[0].hits);
    assert!(top.iter().skip(1).all(|it| it.hits == 1), "not those of others before it: {top:?}");
    assert_eq!(list.hits().addresses, 1_100);
}

#[test]
fn what_two_threads_refuse_is_added_up() {
    let list: SharedBlocklist = list(r#"{"blockedIPs": ["203.0.113.0/24"]}"#).into();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..500).for_each(|_| drop(from("203.0.113.9", &list))));
        }
    });
    assert_eq!(list.hits().addresses, 2_000);
    assert_eq!(list.status().top[0].hits, 2_000);
}
