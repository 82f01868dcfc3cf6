//! E7: many new addresses, a vendor that never answers, addresses that must not leave the machine.

use std::{net::Ipv4Addr, time::Duration};

use palisade_core::{Enforce, GateLayer, Locate, ManualClock, Policies, Whereabouts};
use palisade_geo::{Geo, GeoPolicy};
use palisade_test_support::Ask;

use crate::{
    fake::{Does, Fake},
    locate, settled,
    special::SPECIAL,
    until,
};

const MINUTE: Duration = Duration::from_secs(60);

/// The address of this number, of 2^27 that are public.
fn address(number: u32) -> Ipv4Addr {
    Ipv4Addr::from_bits(0x2000_0000 + number)
}

#[tokio::test(start_paused = true)]
async fn e7_a_hundred_thousand_new_addresses_cost_the_budget_and_no_more() {
    let (fake, clock) = (Fake::in_country("DE"), ManualClock::new());
    let geo = Geo::builder().provider(fake.clone()).clock(clock.clock()).build().unwrap();
    let before = own_memory();
    for number in 0..100_000 {
        geo.locate(address(number).into());
        if number % 1_000 == 0 {
            tokio::task::yield_now().await;
        }
    }
    settled(&geo).await;
    assert_eq!(fake.calls(), 60);
    assert_eq!(geo.status().dropped, 100_000 - 60);
    assert_eq!(geo.status().budget_left, 0);
    let grown = own_memory().saturating_sub(before);
    assert!(grown < 8 << 10, "{grown} KiB");
    // The budget is of any 60 seconds: nothing more comes before the first calls are a minute old.
    clock.advance(MINUTE - Duration::from_millis(1));
    geo.locate(address(200_000).into());
    settled(&geo).await;
    assert_eq!(fake.calls(), 60);
    clock.advance(Duration::from_millis(1));
    assert_eq!(geo.status().budget_left, 60);
    geo.locate(address(200_000).into());
    settled(&geo).await;
    assert_eq!(fake.calls(), 61, "asked again later");
}

#[tokio::test(start_paused = true)]
async fn e7_with_the_largest_budget_no_more_wait_than_there_is_room_for() {
    let fake = Fake::that(Does::Hangs);
    let builder = Geo::builder().provider(fake.clone()).clock(ManualClock::new().clock());
    let geo = builder.calls_per_minute(6_000).build().unwrap();
    for number in 0..2_000 {
        geo.locate(address(number).into());
    }
    assert_eq!(geo.status().in_flight, 256);
    assert_eq!(geo.status().dropped, 2_000 - 256);
    // Four are asked at the same time and hang; then all that wait are given up.
    until("the calls", || fake.calls() == 4).await;
    tokio::time::advance(Duration::from_secs(2)).await;
    settled(&geo).await;
    assert_eq!((geo.status().failures, geo.status().dropped), (4, 2_000 - 4));
}

#[tokio::test(start_paused = true)]
async fn e7_no_minute_has_more_calls_than_the_budget_wherever_it_begins() {
    let (fake, clock) = (Fake::in_country("DE"), ManualClock::new());
    let builder = Geo::builder().provider(fake.clone()).clock(clock.clock());
    let geo = builder.calls_per_minute(10).build().unwrap();
    let mut calls = Vec::new();
    // A new address every 500 ms, in ten minutes.
    for number in 0..1_200_u32 {
        let before = fake.calls();
        geo.locate(address(number).into());
        settled(&geo).await;
        if fake.calls() > before {
            calls.push(number / 2);
        }
        clock.advance(Duration::from_millis(500));
    }
    assert_eq!(calls.len(), 100);
    for (index, began) in calls.iter().enumerate() {
        let within = calls[index..].iter().filter(|other| **other < began + 60).count();
        assert!(within <= 10, "{within} calls from second {began} on");
    }
}

#[tokio::test(start_paused = true)]
async fn e7_however_many_answers_come_the_cache_keeps_its_size() {
    let (fake, clock) = (Fake::in_country("DE"), ManualClock::new());
    let builder = Geo::builder().provider(fake.clone()).clock(clock.clock());
    let geo = builder.calls_per_minute(6_000).entries(100).build().unwrap();
    for number in 0..5_000 {
        geo.locate(address(number).into());
        settled(&geo).await;
    }
    assert_eq!(fake.calls(), 5_000);
    let status = geo.status();
    assert!(status.entries as u64 <= status.capacity && status.capacity <= 200, "{status:?}");
}

#[tokio::test(start_paused = true)]
async fn e7_an_address_of_no_place_never_leaves_the_machine() {
    let fake = Fake::in_country("DE");
    let geo = Geo::builder().provider(fake.clone()).build().unwrap();
    for address in SPECIAL {
        assert_eq!(locate(&geo, address), Whereabouts::Nowhere, "{address}");
    }
    settled(&geo).await;
    assert_eq!(fake.asked(), [] as [std::net::IpAddr; 0]);
    assert_eq!(geo.status().budget_left, 60, "and costs nothing");
}

#[tokio::test(start_paused = true)]
async fn e7_while_the_vendor_hangs_every_request_is_answered_at_once() {
    let fake = Fake::that(Does::Hangs);
    let geo = Geo::builder().provider(fake.clone()).build().unwrap();
    let layer = GateLayer::new(GeoPolicy::new(geo.clone()).enforce(Enforce::Block));
    let answered = |number| {
        let from = address(number).to_string();
        // `through` panics if the service waits.
        Ask::get("/").context(&crate::context(&from)).through(&layer).status() == 200
    };
    assert!((0..500).all(answered));
    until("the calls", || fake.calls() == 4).await;
    assert!((500..1_000).all(answered), "also while it is being asked");
    assert_eq!(fake.calls(), 4, "and no more than four at the same time");
}

/// Memory that no file backs, in KiB; zero where the system does not say.
fn own_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}
