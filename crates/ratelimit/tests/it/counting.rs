//! What counts, and how often.

use palisade_core::{Enforce, ManualClock, Policies, RouteTag};
use palisade_ratelimit::{Limiter, Quota, RateLimitLayer, RateLimitPolicy, Scope};
use palisade_test_support::{Ask, Echo};
use tower_layer::Layer as _;

use crate::{by, from, header, send, status, to};

fn hourly(limit: u32) -> Quota {
    Quota::per_hour(limit).unwrap()
}

fn search_and_api(search: u32, api: u32) -> RateLimitPolicy {
    RateLimitPolicy::builder()
        .global(Scope::Tagged(RouteTag::API), hourly(api))
        .custom(Scope::routes(["search"]), hourly(search).named("search").unwrap())
        .build()
        .unwrap()
}

#[test]
fn l6_nested_gates_of_one_policy_count_a_request_once() {
    let clock = ManualClock::new();
    let policy = RateLimitPolicy::builder().global(Scope::Everything, hourly(3)).build().unwrap();
    let layer = RateLimitLayer::new(policy.clone());
    let mut service =
        layer.layer(RateLimitLayer::new(policy.clone()).layer(layer.layer(Echo::default())));
    let mut ask = || {
        let answer = Ask::get("/").context(&from("192.0.2.1", &clock)).send(&mut service);
        (answer.status().as_u16(), header(&answer, "ratelimit-remaining"))
    };
    let expected = [(200, "2"), (200, "1"), (200, "0"), (429, "0")];
    for (status, remaining) in expected {
        assert_eq!(ask(), (status, remaining.to_owned()));
    }
}

#[test]
fn l6_a_limiter_in_two_policies_counts_a_request_once() {
    let clock = ManualClock::new();
    let shared = Limiter::new(hourly(2));
    let policy =
        || RateLimitPolicy::builder().global(Scope::Everything, shared.clone()).build().unwrap();
    let both = policy().then(policy());
    let ask = || Ask::get("/").context(&from("192.0.2.1", &clock)).policies(both.clone());
    assert_eq!(header(&ask(), "ratelimit-remaining"), "1");
    assert_eq!(header(&ask(), "ratelimit-remaining"), "0");
    assert_eq!(ask().status(), 429);
}

#[test]
fn l6_a_user_who_becomes_known_between_two_gates_is_not_counted_twice() {
    let clock = ManualClock::new();
    let policy = RateLimitPolicy::builder().global(Scope::Everything, hourly(1)).build().unwrap();
    let context = from("192.0.2.1", &clock);
    assert_eq!(status(&policy, &context), 200);
    context.learn_identity(palisade_core::Identity::new("alice", palisade_core::IdentityKind::Jwt));
    assert_eq!(status(&policy, &context), 200);
    assert_eq!(status(&policy, &by("alice", "192.0.2.1", &clock)), 200, "nothing was used up");
}

#[test]
fn two_limiters_on_one_route_count_separately() {
    let (policy, clock) = (search_and_api(2, 3), ManualClock::new());
    let ask = |route| {
        let answer = send(&policy, &to(route, from("192.0.2.1", &clock)));
        (answer.status().as_u16(), header(&answer, "ratelimit-remaining"))
    };
    assert_eq!(ask("search"), (200, "1".to_owned()), "search has 1 left, the API 2");
    assert_eq!(ask("feed"), (200, "1".to_owned()), "the API has 1");
    assert_eq!(ask("feed"), (200, "0".to_owned()), "and none");
    assert_eq!(ask("search").0, 429, "search has 1, the API none");
}

#[test]
fn the_tightest_limiter_is_reported() {
    let clock = ManualClock::new();
    for (search, api, tightest) in [(5, 50, "search"), (50, 5, "api")] {
        let policy = search_and_api(search, api);
        let context = to("search", from("192.0.2.1", &clock));
        let answer = send(&policy, &context);
        assert_eq!(header(&answer, "ratelimit-limit"), "5");
        assert_eq!(header(&answer, "ratelimit-remaining"), "4");
        let report = context.limit().unwrap();
        assert_eq!((&*report.policy, report.limit, report.remaining), (tightest, 5, 4));
    }
}

#[test]
fn the_tightest_of_two_policies_is_reported_by_both() {
    let clock = ManualClock::new();
    let policy = |limit| {
        RateLimitPolicy::builder().global(Scope::Everything, hourly(limit)).build().unwrap()
    };
    for (outer, inner) in [(5, 50), (50, 5)] {
        let context = from("192.0.2.1", &clock);
        let answer = Ask::get("/").context(&context).policies(policy(outer).then(policy(inner)));
        assert_eq!(header(&answer, "ratelimit-remaining"), "4");
    }
}

#[test]
fn a_request_that_one_limiter_refuses_uses_nothing_up_of_the_others() {
    let clock = ManualClock::new();
    for (search, api, refusing) in [(1, 10, "search"), (10, 1, "api")] {
        let policy = search_and_api(search, api);
        let remaining = |route| {
            let context = to(route, from("192.0.2.1", &clock));
            let answer = send(&policy, &context);
            (answer.status().as_u16(), context.limit().unwrap().policy.to_string())
        };
        assert_eq!(remaining("search").0, 200);
        for _ in 0..50 {
            assert_eq!(remaining("search"), (429, refusing.to_owned()));
        }
        if refusing == "search" {
            let left = (0..20).filter(|_| remaining("feed").0 == 200).count();
            assert_eq!(left, 9, "ten less the one that passed");
        }
    }
}

#[test]
fn in_shadow_mode_the_request_goes_on_and_the_headers_tell_the_truth() {
    let clock = ManualClock::new();
    let policy = RateLimitPolicy::builder().global(Scope::Everything, hourly(1)).build().unwrap();
    let shadow = policy.clone().enforce(Enforce::ReportOnly);
    let ask = || Ask::get("/").context(&from("192.0.2.1", &clock)).policies(shadow.clone());
    assert_eq!(ask().status(), 200);
    let answer = ask();
    assert_eq!(answer.status(), 200);
    assert_eq!(header(&answer, "ratelimit-remaining"), "0");

    let context = from("192.0.2.1", &clock);
    let both = policy.clone().enforce(Enforce::ReportOnly).then(policy.clone());
    let answer = Ask::get("/").context(&context).policies(both);
    assert_eq!(answer.status(), 429, "what is enforced further in refuses what was only reported");
}
