//! Counting.

use std::collections::BTreeMap;

use palisade_analytics::{Config, Dimension};
use palisade_core::{Access, Identity, IdentityKind, Route, SecurityContext, Verdict};
use palisade_test_support::Ask;
use proptest::prelude::*;

use crate::scene::{BLOCKED, Inner, Scene, refusal};

/// Counts as anyone would.
fn naive(keys: impl IntoIterator<Item = String>) -> Vec<(String, u64)> {
    let mut counts = BTreeMap::<String, u64>::new();
    for key in keys {
        *counts.entry(key).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(key, count)| (std::cmp::Reverse(*count), key.clone()));
    counts
}

fn sum(counts: &[(String, u64)]) -> u64 {
    counts.iter().map(|(_, count)| count).sum()
}

#[derive(Clone, Debug)]
struct Visit {
    address: u8,
    user: Option<u8>,
    route: Option<u8>,
    refused: bool,
}

fn visit() -> impl Strategy<Value = Visit> {
    (0..9_u8, prop::option::of(0..5_u8), prop::option::of(0..5_u8), any::<bool>())
        .prop_map(|(address, user, route, refused)| Visit { address, user, route, refused })
}

fn send(scene: &Scene, visit: &Visit) {
    let Visit { user, route, refused, .. } = visit.clone();
    let inner = Inner(move |context: &SecurityContext| {
        if let Some(user) = user {
            context.learn_identity(Identity::new(format!("user{user}"), IdentityKind::Jwt));
        }
        if let Some(route) = route {
            context.learn_route(Route::new(format!("/r{route}"), Access::Public));
        }
        if refused { refusal() } else { Verdict::Pass }
    });
    let ask = Ask::get("/x").from(&format!("192.0.2.{}", visit.address));
    drop(scene.send_through(scene.policy(), inner, ask));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Law: as long as nothing is dropped and keys fit, counts are those of a naive count.
    #[test]
    fn counts_equal_a_naive_count(visits in prop::collection::vec(visit(), 0..60)) {
        let scene = Scene::new();
        for visit in &visits {
            send(&scene, visit);
        }
        scene.analytics.flush();
        let by = |dimension| scene.analytics.count_by(dimension, usize::MAX);
        let all = || visits.iter();
        prop_assert_eq!(by(Dimension::Address), naive(all().map(|v| format!("192.0.2.{}", v.address))));
        prop_assert_eq!(by(Dimension::User), naive(all().filter_map(|v| v.user).map(|u| format!("user{u}"))));
        prop_assert_eq!(by(Dimension::Route), naive(all().filter_map(|v| v.route).map(|r| format!("/r{r}"))));
        prop_assert_eq!(by(Dimension::Status), naive(all().map(|v| if v.refused { "403" } else { "200" }.to_owned())));
        prop_assert_eq!(by(Dimension::Method), naive(all().map(|_| "GET".to_owned())));
        prop_assert_eq!(by(Dimension::Code), naive(all().filter(|v| v.refused).map(|_| BLOCKED.as_str().to_owned())));
        prop_assert_eq!(by(Dimension::Country), naive([]));
        prop_assert_eq!(scene.analytics.total(), visits.len() as u64);
        prop_assert_eq!(scene.analytics.dropped(), 0);
    }

    /// Law: with more keys than fit, what is counted apart and what is not adds up, no count is too high, and never are
    /// there more keys than fit.
    #[test]
    fn at_the_bound_counts_add_up_and_none_is_too_high(
        keys in 2..12_usize,
        addresses in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let scene = Scene::with(Config::new().keys(keys));
        scene.send_all(addresses.iter().map(|n| Ask::get("/x").from(&format!("192.0.2.{n}"))));
        scene.analytics.flush();
        let counts = scene.analytics.count_by(Dimension::Address, usize::MAX);
        let exact: BTreeMap<_, _> = naive(addresses.iter().map(|n| format!("192.0.2.{n}"))).into_iter().collect();
        prop_assert!(counts.len() <= keys);
        prop_assert_eq!(sum(&counts) + scene.analytics.other(Dimension::Address), addresses.len() as u64);
        for (key, count) in counts {
            prop_assert!(count <= exact[&key], "{key}");
        }
    }
}

#[test]
fn a_flood_of_fresh_addresses_does_not_push_out_those_that_matter() {
    let scene = Scene::with(Config::new().keys(100));
    let regulars = (0..20).flat_map(|n| (0..50).map(move |_| format!("192.0.2.{n}")));
    let flood = (0..5000_u32).map(|n| format!("2001:db8::{n:x}"));
    scene.send_all(regulars.chain(flood).map(|address| Ask::get("/x").from(&address)));
    scene.analytics.flush();
    let top = scene.analytics.count_by(Dimension::Address, 20);
    assert!(top.iter().all(|(key, count)| key.starts_with("192.0.2.") && *count == 50), "{top:?}");
    let all = scene.analytics.count_by(Dimension::Address, usize::MAX);
    assert_eq!(sum(&all) + scene.analytics.other(Dimension::Address), 6000);
}

#[test]
fn the_most_frequent_come_first_and_equals_in_order() {
    let scene = Scene::new();
    scene.send_all(
        ["3", "1", "2", "2", "1", "9"].map(|n| Ask::get("/x").from(&format!("192.0.2.{n}"))),
    );
    scene.analytics.flush();
    let counts = scene.analytics.count_by(Dimension::Address, 3);
    let keys: Vec<_> = counts.iter().map(|(key, count)| (key.as_str(), *count)).collect();
    assert_eq!(keys, [("192.0.2.1", 2), ("192.0.2.2", 2), ("192.0.2.3", 1)]);
}

#[test]
fn many_threads_at_once_are_counted_exactly() {
    let scene = Scene::new();
    std::thread::scope(|scope| {
        for n in 0..4 {
            let scene = &scene;
            scope.spawn(move || {
                scene.send_all((0..1000).map(|_| Ask::get("/x").from(&format!("192.0.2.{n}"))));
            });
        }
    });
    scene.analytics.flush();
    assert_eq!((scene.analytics.total(), scene.analytics.dropped()), (4000, 0));
    let counts = scene.analytics.count_by(Dimension::Address, 9);
    assert!(counts.len() == 4 && counts.iter().all(|(_, count)| *count == 1000), "{counts:?}");
}

#[test]
fn an_address_written_in_two_ways_is_counted_once() {
    let scene = Scene::new();
    scene.send_all(["192.0.2.1", "::ffff:192.0.2.1"].map(|address| Ask::get("/x").from(address)));
    scene.analytics.flush();
    let counts = scene.analytics.count_by(Dimension::Address, 9);
    assert_eq!(counts, [("192.0.2.1".to_owned(), 2)]);
}
