//! How many requests of one client are under way at the same time.

use palisade_core::{
    Code, Enforce, ManualClock, Policies, Policy, Rejection, RejectionKind, RouteTag,
    SecurityContext, Verdict,
};
use palisade_ratelimit::{ConcurrencyLimit, ConcurrencyLimitPolicy, Scope};
use palisade_test_support::{Ask, head};

use crate::{by, from, header, ms, to};

fn two_each() -> ConcurrencyLimitPolicy {
    ConcurrencyLimit::per_client(2).build().unwrap()
}

/// Whether one more may start; it is under way for as long as its context is kept.
fn starts(policy: &ConcurrencyLimitPolicy, context: &SecurityContext) -> bool {
    matches!(policy.check(&mut head("/"), context), Verdict::Pass)
}

#[test]
fn a_client_has_no_more_requests_under_way_than_he_may_have() {
    let (policy, clock) = (two_each(), ManualClock::new());
    let (first, second) = (from("192.0.2.1", &clock), from("192.0.2.1", &clock));
    assert!(starts(&policy, &first) && starts(&policy, &second));
    assert!(!starts(&policy, &from("192.0.2.1", &clock)));
    assert!(starts(&policy, &from("192.0.2.2", &clock)), "another one has his own");
    assert!(starts(&policy, &by("alice", "192.0.2.1", &clock)), "a user too");
    drop(first);
    let third = from("192.0.2.1", &clock);
    assert!(starts(&policy, &third), "one has ended");
    assert!(!starts(&policy, &from("192.0.2.1", &clock)));
}

#[test]
fn a_refusal_says_what_there_is_too_much_of_and_when_to_come_again() {
    let (policy, clock) = (two_each(), ManualClock::new());
    let held = [from("192.0.2.1", &clock), from("192.0.2.1", &clock)];
    assert!(held.iter().all(|context| starts(&policy, context)));
    let answer = Ask::get("/").context(&from("192.0.2.1", &clock)).policies(policy);
    assert_eq!(answer.status(), 429);
    assert_eq!(header(&answer, "retry-after"), "1");
    let rejection = answer.extensions().get::<Rejection>().unwrap();
    assert_eq!(rejection.code().as_str(), "quota-exceeded");
    assert_eq!(rejection.violated_policies().collect::<Vec<_>>(), ["concurrent-requests"]);
}

#[test]
fn a_client_that_asks_again_when_it_is_told_to_is_no_violator_however_often_there_is_no_room() {
    let (policy, clock) = (two_each(), ManualClock::new());
    let held = [from("192.0.2.1", &clock), from("192.0.2.1", &clock)];
    assert!(held.iter().all(|context| starts(&policy, context)));
    for _ in 0..20 {
        let answer = Ask::get("/").context(&from("192.0.2.1", &clock)).policies(policy.clone());
        let rejection = answer.extensions().get::<Rejection>().unwrap();
        assert_eq!((answer.status().as_u16(), rejection.violation_kind()), (429, None));
        clock.advance(ms(1_000));
    }
}

#[test]
fn when_as_many_are_under_way_as_may_be_in_all_it_is_nobodys_fault() {
    let clock = ManualClock::new();
    let policy = ConcurrencyLimit::per_client(2).in_all(2).build().unwrap();
    let held = [from("192.0.2.1", &clock), from("192.0.2.2", &clock)];
    assert!(held.iter().all(|context| starts(&policy, context)));
    let answer = Ask::get("/").context(&from("192.0.2.3", &clock)).policies(policy.clone());
    assert_eq!(answer.status(), 503);
    let rejection = answer.extensions().get::<Rejection>().unwrap();
    assert_eq!(rejection.kind(), RejectionKind::Unavailable);
    assert_eq!(rejection.violation_kind(), None);
    drop(held);
    assert_eq!(policy.in_flight(), 0);
}

/// Refuses, behind the limit.
struct No;

impl Policy for No {
    fn name(&self) -> &'static str {
        "no"
    }
    fn check(&self, _: &mut http::request::Parts, _: &SecurityContext) -> Verdict {
        Rejection::new(RejectionKind::Forbidden, Code::new("no", "No")).into()
    }
}

#[test]
fn l2_however_a_request_ends_nothing_stays_counted() {
    let (policy, clock) = (two_each(), ManualClock::new());
    for _ in 0..20 {
        let ask = || Ask::get("/").context(&from("192.0.2.1", &clock));
        assert_eq!(ask().policies(policy.clone()).status(), 200, "an answer");
        assert_eq!(ask().policies(policy.clone().then(No)).status(), 403, "a refusal further in");
        let panics = std::panic::catch_unwind(|| {
            let context = from("192.0.2.1", &clock);
            assert!(starts(&policy, &context));
            std::panic::resume_unwind(Box::new("the handler panics"));
        });
        assert!(panics.is_err());
        // A client that goes away: the future of his request is dropped, and the context with it.
        let gone = from("192.0.2.1", &clock);
        assert!(starts(&policy, &gone));
    }
    assert_eq!(policy.in_flight(), 0);
}

#[test]
fn l6_a_request_that_passes_two_gates_is_counted_once_by_each_policy() {
    let (policy, other, clock) = (two_each(), two_each(), ManualClock::new());
    let context = from("192.0.2.1", &clock);
    for _ in 0..5 {
        assert!(starts(&policy, &context) && starts(&other, &context));
    }
    assert_eq!((policy.in_flight(), other.in_flight()), (1, 1));
    drop(context);
    assert_eq!((policy.in_flight(), other.in_flight()), (0, 0));
}

#[test]
fn what_is_only_reported_goes_on_and_is_not_counted() {
    let (policy, clock) = (two_each(), ManualClock::new());
    let held = [from("192.0.2.1", &clock), from("192.0.2.1", &clock)];
    assert!(held.iter().all(|context| starts(&policy, context)));
    let shadow = policy.clone().enforce(Enforce::ReportOnly);
    let answer = Ask::get("/").context(&from("192.0.2.1", &clock)).policies(shadow);
    assert_eq!(answer.status(), 200);
    assert_eq!(policy.in_flight(), 2);
}

#[test]
fn p17_a_flood_of_clients_leaves_nothing_behind() {
    let (policy, clock) = (two_each(), ManualClock::new());
    for number in 0..20_000_u32 {
        let address = std::net::Ipv4Addr::from(number).to_string();
        assert!(starts(&policy, &from(&address, &clock)));
    }
    assert_eq!(policy.in_flight(), 0);
}

#[test]
fn only_what_is_in_its_scope_is_counted() {
    let clock = ManualClock::new();
    let limit = ConcurrencyLimit::per_client(1).scope(Scope::routes(["export"]));
    let policy = limit.named("exports").build().unwrap();
    let (export, feed) =
        (to("export", from("192.0.2.1", &clock)), to("feed", from("192.0.2.1", &clock)));
    assert!(starts(&policy, &export) && starts(&policy, &feed));
    assert!(!starts(&policy, &to("export", from("192.0.2.1", &clock))));
    assert!(
        starts(&policy, &to("feed", SecurityContext::new(clock.now()))),
        "also without an address"
    );
    let nobody = to("export", SecurityContext::new(clock.now()));
    assert!(!starts(&policy, &nobody), "nobody to count by");
}

#[test]
fn mistakes_are_told_when_the_policy_is_built() {
    let told = |limit: ConcurrencyLimit| limit.build().unwrap_err().to_string();
    assert_eq!(
        told(ConcurrencyLimit::per_client(0)),
        "`0` is not a valid limit of concurrent requests: expected at least 1, of one client and in all"
    );
    assert!(told(ConcurrencyLimit::per_client(1).in_all(0)).contains("at least 1"));
    assert!(told(ConcurrencyLimit::per_client(1).named("größe")).contains("printable ASCII"));
    let none = Scope::routes::<&str>([]);
    assert!(told(ConcurrencyLimit::per_client(1).scope(none)).contains("at least one route"));
    let _tagged = ConcurrencyLimit::per_client(1).scope(Scope::Tagged(RouteTag::STREAM));
}
