//! The safelist wins, and where it wins over an entry the security log says so.

use std::time::Duration;

use http::StatusCode;
use palisade_blocklist::{Blocklist, BlocklistFile, BlocklistPolicy, SharedBlocklist};
use palisade_core::{ClientIp, ClientIpSource, Ipv6Prefix, ManualClock, SecurityContext};
use palisade_test_support::Ask;

use palisade_test_support::SecurityLog;

use crate::{is_blocked, list};

const EVENT: &str = "blocklist.safelisted";

/// A request from `addr` at the clock's time, of which nothing but the answer is of interest.
fn ask(list: &SharedBlocklist, clock: &ManualClock, addr: &str, ask: Ask) -> bool {
    let context = SecurityContext::new(clock.now());
    let addr = addr.parse().unwrap();
    context.learn_client_ip(ClientIp::new(addr, ClientIpSource::Peer, Ipv6Prefix::default()));
    let answer = ask.context(&context).policies(BlocklistPolicy::new(list.clone()));
    assert!(is_blocked(&answer) || answer.status() == StatusCode::OK);
    is_blocked(&answer)
}

#[test]
fn a_request_that_only_the_safelist_let_through_is_an_event_with_both_entries() {
    let list: SharedBlocklist = list(
        r#"{"blockedIPs": [{"value": "192.0.2.0/24", "reason": "scanner"}],
            "safeIPs": [{"value": "192.0.2.0/28", "reason": "office"}, "198.51.100.7"]}"#,
    )
    .into();
    let (log, clock) = (SecurityLog::start(), ManualClock::new());
    assert!(!ask(&list, &clock, "198.51.100.7", Ask::get("/")));
    assert_eq!(log.of(EVENT), [""; 0], "no entry is about it: silent");
    assert_eq!((list.hits().safe_addresses, list.hits().overruled), (1, 0));

    assert!(!ask(&list, &clock, "192.0.2.7", Ask::get("/")));
    assert_eq!((list.hits().safe_addresses, list.hits().overruled), (2, 1));
    let [line] = &log.of(EVENT)[..] else { panic!("not one event") };
    for part in [
        "WARN ",
        "kind=\"address\"",
        "entry=\"192.0.2.0/24 (scanner)\"",
        "safe_entry=\"192.0.2.0/28 (office)\"",
        "client_ip=192.0.2.7",
        "folded=0",
    ] {
        assert!(line.contains(part), "{part} is not in {line}");
    }
    assert!(ask(&list, &clock, "192.0.2.77", Ask::get("/")), "beside the safe network");
}

#[test]
fn a_token_that_the_safelist_let_through_is_told_by_its_digest() {
    let list: SharedBlocklist =
        list(r#"{"blockedTokens": ["stolen-token"], "safeIPs": ["192.0.2.7"]}"#).into();
    let (log, clock) = (SecurityLog::start(), ManualClock::new());
    assert!(!ask(&list, &clock, "192.0.2.7", Ask::get("/").bearer("stolen-token")));
    let [line] = &log.of(EVENT)[..] else { panic!("not one event") };
    assert!(line.contains("kind=\"token\"") && line.contains("entry=\"sha256:"), "{line}");
    assert!(!line.contains("stolen-token"), "{line}");
}

#[test]
fn a_flood_of_them_is_one_event_in_ten_seconds_for_each_safe_entry() {
    let list: SharedBlocklist =
        list(r#"{"blockedIPs": ["192.0.2.0/24"], "safeIPs": ["192.0.2.7", "192.0.2.8"]}"#).into();
    let (log, clock) = (SecurityLog::start(), ManualClock::new());
    for _ in 0..1_000 {
        ask(&list, &clock, "192.0.2.7", Ask::get("/"));
    }
    ask(&list, &clock, "192.0.2.8", Ask::get("/"));
    assert_eq!(log.of(EVENT).len(), 2, "one of each");
    clock.advance(Duration::from_secs(9));
    ask(&list, &clock, "192.0.2.7", Ask::get("/"));
    assert_eq!(log.of(EVENT).len(), 2);
    clock.advance(Duration::from_secs(1));
    ask(&list, &clock, "192.0.2.7", Ask::get("/"));
    let lines = log.of(EVENT);
    assert!(lines.len() == 3 && lines[2].contains("folded=1000 "), "{lines:?}");
    assert_eq!(list.hits().overruled, 1_003, "every one is counted");
}

#[test]
fn any_number_of_safe_entries_leaves_a_bounded_number_of_events() {
    let mut builder = Blocklist::builder().block_ip("10.0.0.0/8");
    for n in 0..2_000_u32 {
        builder = builder.safe_ip(format!("10.0.{}.{}", n / 250, n % 250));
    }
    let list: SharedBlocklist = builder.build().unwrap().into();
    let (log, clock) = (SecurityLog::start(), ManualClock::new());
    for n in 0..2_000_u32 {
        let addr = format!("10.0.{}.{}", n / 250, n % 250);
        assert!(!ask(&list, &clock, &addr, Ask::get("/")));
    }
    assert_eq!(log.of(EVENT).len(), 65, "64 by name, and all others together");
    assert_eq!(list.hits().overruled, 2_000);
    clock.advance(Duration::from_secs(10));
    // The 64 make room for others; what is left of these shares the event that is told now.
    for n in 0..65_u32 {
        let addr = format!("10.0.4.{n}");
        assert!(!ask(&list, &clock, &addr, Ask::get("/")));
    }
    let lines = log.of(EVENT);
    let of_all: Vec<_> = lines.iter().filter(|line| line.contains("folded=1935 ")).collect();
    assert!(of_all.len() == 1 && of_all[0].contains("safe_entry=\"…\""), "{of_all:?}");
}

#[test]
fn there_is_never_more_than_one_event_in_ten_seconds_and_each_request_is_told_once() {
    let list: SharedBlocklist =
        list(r#"{"blockedIPs": ["192.0.2.0/24"], "safeIPs": ["192.0.2.7"]}"#).into();
    let (log, clock) = (SecurityLog::start(), ManualClock::new());
    let (mut asked, mut seen, mut last) = (0, 0, None);
    // In the first minute whoever sweeps comes before the requests of each half second, in the second behind them; in
    // the third nobody does, and in the fourth nobody asks.
    for tick in 0..480_u32 {
        let minute = tick / 120;
        if minute == 0 || minute == 3 {
            list.sweep(clock.now());
        }
        for _ in 0..if minute < 3 { 5 } else { 0 } {
            assert!(!ask(&list, &clock, "192.0.2.7", Ask::get("/")));
            asked += 1;
        }
        if minute == 1 {
            list.sweep(clock.now());
        }
        let events = log.of(EVENT).len();
        assert!(events <= seen + 1, "two at once");
        if events > seen {
            assert!(last.is_none_or(|last| tick >= last + 20), "{tick} so soon after {last:?}");
            (seen, last) = (events, Some(tick));
        }
        clock.advance(Duration::from_millis(500));
    }
    let told: u64 = log.of(EVENT).iter().map(|line| told_of(line)).sum();
    assert_eq!(told, asked);
    assert!(seen >= 18, "{seen}: it is told of all along");
}

/// How many requests an event tells of: those that were folded, and its own.
fn told_of(line: &str) -> u64 {
    let folded = line.split("folded=").nth(1).unwrap().split(' ').next().unwrap();
    folded.parse::<u64>().unwrap() + u64::from(line.contains("client_ip="))
}

#[test]
fn what_was_folded_is_told_by_the_watch_although_no_request_comes() {
    // The watch looks in a thread of its own, where no test listens: so this asks what it asks.
    let (_folder, path) = crate::reload::place();
    std::fs::write(&path, r#"{"blockedIPs": ["192.0.2.0/24"], "safeIPs": ["192.0.2.7"]}"#).unwrap();
    let clock = ManualClock::new();
    let file = BlocklistFile::open(&path, clock.clock()).unwrap();
    let log = SecurityLog::start();
    for _ in 0..5 {
        ask(&file.shared(), &clock, "192.0.2.7", Ask::get("/"));
    }
    file.shared().sweep(clock.now());
    assert_eq!(log.of(EVENT).len(), 1, "its ten seconds are not over");
    clock.advance(Duration::from_secs(10));
    file.shared().sweep(clock.now());
    file.shared().sweep(clock.now());
    let lines = log.of(EVENT);
    assert!(lines.len() == 2 && lines[1].contains("folded=4 "), "{lines:?}");
}
