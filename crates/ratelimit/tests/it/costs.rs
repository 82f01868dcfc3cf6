//! How many requests one request counts as.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use palisade_core::ManualClock;
use palisade_ratelimit::{Limit, Limiter, Quota, RateLimitPolicy, Scope};
use palisade_test_support::Ask;
use proptest::prelude::*;

use crate::{address, from, header, ms, send, status, to};

fn everywhere(limit: impl Into<Limit>) -> RateLimitPolicy {
    RateLimitPolicy::builder().global(Scope::Everything, limit).build().unwrap()
}

#[test]
fn a_request_uses_up_what_it_costs() {
    let clock = ManualClock::new();
    let policy = everywhere(Limit::new(Quota::per_hour(10).unwrap()).cost(4));
    let ask = || send(&policy, &from("192.0.2.1", &clock));
    assert_eq!(header(&ask(), "ratelimit-remaining"), "6");
    assert_eq!(header(&ask(), "ratelimit-remaining"), "2");
    let refused = ask();
    assert_eq!(refused.status(), 429);
    // Two are missing, and one comes back in six minutes.
    assert_eq!(header(&refused, "retry-after"), "720");
    clock.advance(ms(720_000));
    assert_eq!(ask().status(), 200, "whoever waits that long passes");
}

#[test]
fn the_head_and_what_is_known_of_the_client_say_what_a_request_costs() {
    let clock = ManualClock::new();
    let policy = everywhere(Limit::new(Quota::per_hour(100).unwrap()).cost_of(|head, context| {
        let page = if head.uri.path() == "/all" { 50 } else { 1 };
        page + u32::from(context.identity().is_none())
    }));
    let ask = |target: &str| {
        let answer = Ask::get(target).context(&from("192.0.2.1", &clock)).policies(policy.clone());
        header(&answer, "ratelimit-remaining")
    };
    assert_eq!((ask("/"), ask("/all"), ask("/")), ("98".into(), "47".into(), "45".into()));
}

#[test]
fn a_cost_is_asked_for_once_however_many_limits_apply() {
    let (asked, clock) = (Arc::new(AtomicUsize::new(0)), ManualClock::new());
    let count = Arc::clone(&asked);
    let dear =
        Limit::new(Quota::per_hour(10).unwrap().named("dear").unwrap()).cost_of(move |_, _| {
            count.fetch_add(1, Ordering::Relaxed);
            2
        });
    let policy = RateLimitPolicy::builder()
        .custom(Scope::routes(["search"]), dear)
        .global(Scope::Everything, Quota::per_hour(10).unwrap())
        .build()
        .unwrap();
    assert_eq!(status(&policy, &to("search", from("192.0.2.1", &clock))), 200);
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[test]
fn l8_what_costs_more_than_the_limit_costs_the_limit_so_that_waiting_helps() {
    let clock = ManualClock::new();
    let policy = everywhere(Limit::new(Quota::per_minute(5).unwrap()).cost(u32::MAX));
    let ask = || send(&policy, &from("192.0.2.1", &clock));
    assert_eq!(ask().status(), 200);
    let refused = ask();
    assert_eq!(refused.status(), 429);
    assert_eq!(header(&refused, "retry-after"), "60");
    clock.advance(ms(60_000));
    assert_eq!(ask().status(), 200);
}

#[test]
fn what_is_free_is_not_counted_and_the_headers_tell_how_the_client_stands() {
    let clock = ManualClock::new();
    let policy = everywhere(
        Limit::new(Quota::per_hour(2).unwrap())
            .cost_of(|head, _| u32::from(head.uri.path() != "/free")),
    );
    let ask = |target: &str| {
        let answer = Ask::get(target).context(&from("192.0.2.1", &clock)).policies(policy.clone());
        (answer.status().as_u16(), header(&answer, "ratelimit-remaining"))
    };
    for _ in 0..5 {
        assert_eq!(ask("/free"), (200, "2".into()));
    }
    assert_eq!(ask("/"), (200, "1".into()));
    assert_eq!(ask("/"), (200, "0".into()));
    assert_eq!(ask("/"), (429, "0".into()));
    assert_eq!(ask("/free"), (200, "0".into()), "also of one who is over");
}

#[test]
fn what_is_free_is_not_refused_under_a_limit_of_0_either() {
    let clock = ManualClock::new();
    let policy = |cost| everywhere(Limit::new(Quota::per_hour(0).unwrap()).cost(cost));
    let answer = send(&policy(0), &from("192.0.2.1", &clock));
    assert_eq!(
        (answer.status().as_u16(), header(&answer, "ratelimit-remaining")),
        (200, "0".into())
    );
    assert_eq!(status(&policy(1), &from("192.0.2.1", &clock)), 429);
    let limiter = Limiter::new(Quota::per_hour(0).unwrap());
    for (cost, refused) in [(0, false), (1, true), (9, true)] {
        assert_eq!(limiter.peek_cost(&address(1), clock.now(), cost).is_refused(), refused);
        assert_eq!(limiter.check_cost(&address(1), clock.now(), cost).is_refused(), refused);
    }
}

#[test]
fn l8_a_limit_that_changes_is_another_limiter_and_everybody_begins_with_all_of_it() {
    let clock = ManualClock::new();
    let policy = |limit| everywhere(Quota::per_minute(limit).unwrap());
    let (old, new) = (policy(2), policy(1));
    let ask = |policy| status(policy, &from("192.0.2.1", &clock));
    assert_eq!([ask(&old), ask(&old), ask(&old)], [200, 200, 429]);
    assert_eq!([ask(&new), ask(&new)], [200, 429], "the new limit holds at once");
    assert_eq!(ask(&old), 429, "the old one goes on where it is still asked");
}

proptest! {
    #[test]
    fn l8_whatever_it_costs_whoever_waits_as_he_is_told_passes(
        limit in 1_u32..50,
        window in 1_u64..100_000,
        steps in prop::collection::vec((0_u64..2_000, any::<u32>()), 1..50),
    ) {
        let limiter = Limiter::new(Quota::new(limit, ms(window)).unwrap());
        let clock = ManualClock::new();
        for (pause, cost) in steps {
            clock.advance(ms(pause));
            let standing = limiter.check_cost(&address(1), clock.now(), cost);
            if let Some(wait) = standing.retry_after {
                clock.advance(wait);
                prop_assert!(!limiter.check_cost(&address(1), clock.now(), cost).is_refused());
            }
        }
    }
}
