//! A store that instances share: what it is asked, and what happens while it does not answer.

use std::{
    fmt,
    future::ready,
    sync::{Arc, Mutex},
    task::{Context, Waker},
    time::Duration,
};

use http::Response;
use palisade_core::{
    BoxFuture, Enforce, ManualClock, Moment, Policies, Policy, Rejection, RejectionKind, RouteTag,
    Verdict,
};
use palisade_ratelimit::{
    Charge, Charged, Fallback, Limit, Limiter, Outage, Quota, RateLimitBuilder, RateLimitHeaders,
    RateLimitPolicy, Scope, SharedStore, Standing,
};
use palisade_test_support::{Ask, Body, head};

use crate::{from, header, ms, send, status, to};

type Said = Result<Vec<Standing>, Outage>;

/// A store that says what it was told to, and remembers what it was asked.
#[derive(Default)]
pub(crate) struct Fake {
    says: Mutex<Option<Said>>,
    later: Mutex<bool>,
    hangs: Mutex<bool>,
    asked: Mutex<Vec<Vec<String>>>,
}

impl fmt::Debug for Fake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fake")
    }
}

impl SharedStore for Fake {
    fn charge(&self, charges: &[Charge<'_>], _arrived: Moment) -> Charged {
        let told = |charge: &Charge<'_>| {
            format!("{} {} of {}", charge.name, charge.cost, charge.quota.burst())
        };
        self.asked.lock().unwrap().push(charges.iter().map(told).collect());
        let left = Standing::admitted(7, ms(3_000));
        let usual = || Ok(charges.iter().map(|_| left).collect());
        let said = self.says.lock().unwrap().clone().unwrap_or_else(usual);
        if *self.hangs.lock().unwrap() {
            Charged::Later(Box::pin(std::future::pending()))
        } else if *self.later.lock().unwrap() {
            let later: BoxFuture<Said> = Box::pin(ready(said));
            Charged::Later(later)
        } else {
            Charged::Now(said)
        }
    }
}

impl Fake {
    fn says(&self, said: Said) {
        *self.says.lock().unwrap() = Some(said);
    }

    fn is_down(&self) {
        self.says(Err(Outage::new("deadline")));
    }

    fn is_up(&self) {
        *self.says.lock().unwrap() = None;
    }

    fn asked(&self) -> Vec<Vec<String>> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

pub(crate) fn hourly(limit: u32) -> Quota {
    Quota::per_hour(limit).unwrap()
}

/// One limit everywhere.
fn shared(store: &Arc<Fake>, limit: impl Into<Limit>) -> RateLimitPolicy {
    let builder = RateLimitPolicy::builder().global(Scope::Everything, limit);
    builder.shared(Arc::<Fake>::clone(store)).build().unwrap()
}

/// Two on one route, the second of which costs 2.
fn two(store: &Arc<Fake>, first: Fallback, second: Fallback) -> RateLimitPolicy {
    let search = Limit::new(hourly(4).named("search").unwrap()).fallback(first);
    let api = Limit::new(hourly(10)).cost(2).fallback(second);
    RateLimitPolicy::builder()
        .custom(Scope::routes(["search"]), search)
        .global(Scope::Tagged(RouteTag::API), api)
        .shared(Arc::<Fake>::clone(store))
        .build()
        .unwrap()
}

fn rejection(answer: &Response<Body>) -> &Rejection {
    answer.extensions().get::<Rejection>().unwrap()
}

#[test]
fn one_call_asks_about_all_limits_that_apply_to_a_request() {
    let (store, clock) = (Arc::<Fake>::default(), ManualClock::new());
    let policy = two(&store, Fallback::default(), Fallback::default());
    for later in [false, true] {
        *store.later.lock().unwrap() = later;
        let answer = send(&policy, &to("search", from("192.0.2.1", &clock)));
        assert_eq!(answer.status(), 200);
        assert_eq!(header(&answer, "ratelimit-remaining"), "7", "as the store says");
        assert_eq!(store.asked(), [["search 1 of 4", "api 2 of 10"]]);
        assert_eq!(status(&policy, &to("feed", from("192.0.2.1", &clock))), 200);
        assert_eq!(store.asked(), [["api 2 of 10"]]);
    }
}

#[test]
fn what_the_store_refuses_is_refused_and_the_longest_wait_counts() {
    let (store, clock) = (Arc::<Fake>::default(), ManualClock::new());
    let policy = two(&store, Fallback::default(), Fallback::default());
    let (short, long) = (ms(1_500), ms(9_000));
    store.says(Ok(vec![Standing::refused(short, long), Standing::refused(long, long)]));
    for later in [false, true] {
        *store.later.lock().unwrap() = later;
        let answer = send(&policy, &to("search", from("192.0.2.1", &clock)));
        assert_eq!(answer.status(), 429);
        assert_eq!(header(&answer, "retry-after"), "9");
        let violated: Vec<_> = rejection(&answer).violated_policies().collect();
        assert_eq!(violated, ["search", "api"]);
    }
}

#[test]
fn l6_the_store_is_asked_once_however_many_gates_a_request_passes() {
    let (store, clock) = (Arc::<Fake>::default(), ManualClock::new());
    let policy = shared(&store, hourly(5));
    for later in [false, true] {
        *store.later.lock().unwrap() = later;
        let three = policy.clone().then(policy.clone()).then(policy.clone());
        let answer = Ask::get("/").context(&from("192.0.2.1", &clock)).policies(three);
        assert_eq!(answer.status(), 200);
        assert_eq!(store.asked().len(), 1);
    }
    store.says(Ok(vec![Standing::refused(ms(1_000), ms(1_000))]));
    let both = policy.clone().enforce(Enforce::ReportOnly).then(policy.clone());
    let answer = Ask::get("/").context(&from("192.0.2.1", &clock)).policies(both);
    assert_eq!(answer.status(), 429, "what was only reported is refused further in");
    assert_eq!(store.asked().len(), 1);
}

#[test]
fn l6_a_store_that_does_not_answer_is_asked_once_however_many_gates_a_request_passes() {
    let (store, clock) = (Arc::<Fake>::default(), ManualClock::new());
    store.is_down();
    for (fallback, enforce, expected) in [
        (Fallback::Open, Enforce::Block, 200),
        (Fallback::default(), Enforce::Block, 200),
        (Fallback::Closed, Enforce::ReportOnly, 503),
    ] {
        let policy = shared(&store, Limit::new(hourly(5)).fallback(fallback));
        for later in [false, true] {
            *store.later.lock().unwrap() = later;
            let outer = || policy.clone().enforce(enforce);
            let three = outer().then(outer()).then(policy.clone());
            let answer = Ask::get("/").context(&from("192.0.2.1", &clock)).policies(three);
            assert_eq!((answer.status().as_u16(), store.asked().len()), (expected, 1));
        }
    }
}

#[test]
fn l6_what_was_free_at_one_gate_is_not_charged_for_at_the_next() {
    let (store, clock) = (Arc::<Fake>::default(), ManualClock::new());
    let limiter = Limiter::new(hourly(5).named("both").unwrap());
    let free = shared(&store, Limit::new(limiter.clone()).cost(0));
    let both = free.then(shared(&store, limiter));
    assert_eq!(Ask::get("/").context(&from("192.0.2.1", &clock)).policies(both).status(), 200);
    assert!(store.asked().is_empty());
}

#[test]
fn what_is_free_or_forbidden_to_all_needs_no_store() {
    let (store, clock) = (Arc::<Fake>::default(), ManualClock::new());
    let free = shared(&store, Limit::new(hourly(5)).cost(0));
    assert_eq!(status(&free, &from("192.0.2.1", &clock)), 200);
    let closed = shared(&store, hourly(0));
    assert_eq!(status(&closed, &from("192.0.2.1", &clock)), 429);
    let both = shared(&store, Limit::new(hourly(0)).cost(0));
    assert_eq!(status(&both, &from("192.0.2.1", &clock)), 200, "what is free is free");
    let dear = shared(&store, Limit::new(hourly(5)).cost(9));
    assert_eq!(status(&dear, &from("192.0.2.1", &clock)), 200);
    assert_eq!(store.asked(), [["default 5 of 5"]], "at most the burst");
}

#[test]
fn l3_without_the_store_each_instance_counts_its_share_and_says_so() {
    let (store, clock) = (Arc::<Fake>::default(), ManualClock::new());
    store.is_down();
    for (draft, field, policies) in [
        ("draft-6", "ratelimit-remaining", "2;w=3600;palisade-degraded"),
        ("draft-10", "ratelimit", "\"default\";q=2;w=3600;palisade-degraded"),
    ] {
        let policy = RateLimitPolicy::builder()
            .global(Scope::Everything, Limit::new(hourly(8)).fallback(Fallback::local(4)))
            .shared(Arc::<Fake>::clone(&store))
            .headers(draft.parse::<RateLimitHeaders>().unwrap())
            .build()
            .unwrap();
        for expected in [200, 200, 429, 429] {
            let answer = send(&policy, &from("192.0.2.1", &clock));
            assert_eq!(answer.status(), expected);
            assert_eq!(header(&answer, "ratelimit-policy"), policies);
            assert!(!header(&answer, field).is_empty());
        }
        assert_eq!(status(&policy, &from("192.0.2.2", &clock)), 200, "each client its share");
    }
}

#[test]
fn l3_a_share_that_is_no_whole_number_is_the_same_rate_over_a_longer_time() {
    let (store, clock) = (Arc::<Fake>::default(), ManualClock::new());
    store.is_down();
    let policy =
        shared(&store, Limit::new(Quota::per_second(1).unwrap()).fallback(Fallback::local(4)));
    let ask = || send(&policy, &from("192.0.2.1", &clock));
    assert_eq!(header(&ask(), "ratelimit-policy"), "1;w=4;palisade-degraded");
    let refused = ask();
    assert_eq!((refused.status().as_u16(), header(&refused, "retry-after")), (429, "4".into()));
}

#[test]
fn l3_open_lets_pass_without_headers_and_closed_refuses_with_503_and_no_violation() {
    let (store, clock) = (Arc::<Fake>::default(), ManualClock::new());
    store.is_down();
    for later in [false, true] {
        *store.later.lock().unwrap() = later;
        let open = shared(&store, Limit::new(hourly(1)).fallback(Fallback::Open));
        for _ in 0..5 {
            let answer = send(&open, &from("192.0.2.1", &clock));
            assert_eq!(answer.status(), 200);
            assert!(answer.headers().is_empty());
        }
        let closed = shared(&store, Limit::new(hourly(1)).fallback(Fallback::Closed));
        let answer = send(&closed, &from("192.0.2.1", &clock));
        assert_eq!(answer.status(), 503);
        assert_eq!(header(&answer, "retry-after"), "1");
        let rejection = rejection(&answer);
        assert_eq!(rejection.code().as_str(), "temporarily-unavailable");
        assert_eq!(rejection.kind(), RejectionKind::Unavailable);
        assert_eq!(rejection.violation_kind(), None);
        assert_eq!(rejection.private_reason(), Some("deadline"));
    }
}

#[test]
fn l3_each_limit_does_what_it_is_set_to() {
    let (store, clock) = (Arc::<Fake>::default(), ManualClock::new());
    store.is_down();
    let search = |policy| status(policy, &to("search", from("192.0.2.1", &clock)));
    let policy = two(&store, Fallback::Open, Fallback::default());
    assert_eq!((0..9).filter(|_| search(&policy) == 200).count(), 5, "10 by twos");
    let policy = two(&store, Fallback::default(), Fallback::Open);
    assert_eq!((0..9).filter(|_| search(&policy) == 200).count(), 4);
    let policy = two(&store, Fallback::default(), Fallback::Closed);
    assert_eq!(search(&policy), 503);
    assert_eq!(status(&policy, &to("feed", from("192.0.2.1", &clock))), 503);
}

#[test]
fn l3_an_answer_about_too_few_or_too_many_quotas_is_none() {
    let clock = ManualClock::new();
    for told in [0, 1, 3] {
        let store = Arc::<Fake>::default();
        store.says(Ok(vec![Standing::admitted(9, ms(1)); told]));
        let policy = two(&store, Fallback::Closed, Fallback::Closed);
        let answer = send(&policy, &to("search", from("192.0.2.1", &clock)));
        assert_eq!(answer.status(), 503);
        let reason = rejection(&answer).private_reason();
        assert_eq!(reason, Some("wrong-number-of-standings"));
    }
}

#[test]
fn l3_a_store_that_answers_again_is_believed_at_once_and_the_headers_say_so() {
    let (store, clock) = (Arc::<Fake>::default(), ManualClock::new());
    let policy = shared(&store, hourly(5));
    let ask = || header(&send(&policy, &from("192.0.2.1", &clock)), "ratelimit-policy");
    assert_eq!(ask(), "5;w=3600");
    store.is_down();
    assert_eq!(ask(), "5;w=3600;palisade-degraded");
    store.is_up();
    assert_eq!(ask(), "5;w=3600");
}

#[test]
fn l3_an_outage_is_over_when_the_store_was_asked_answered_and_failed_nobody_for_five_seconds() {
    let (store, clock) = (Arc::<Fake>::default(), ManualClock::new());
    *store.later.lock().unwrap() = true;
    let policy = shared(&store, hourly(5));
    let ask = || (status(&policy, &from("192.0.2.1", &clock)), policy.is_degraded());
    assert_eq!(ask(), (200, false));
    store.is_down();
    assert_eq!(ask(), (200, true));
    assert!(policy.clone().is_degraded(), "clones know");
    store.is_up();
    assert_eq!(ask(), (200, true), "it may be the next call that fails");
    clock.advance(ms(4_999));
    assert_eq!(ask(), (200, true));
    clock.advance(ms(1));
    *store.later.lock().unwrap() = false;
    assert_eq!(ask(), (200, true), "nobody asked the store");
    store.says(Ok(vec![]));
    *store.later.lock().unwrap() = true;
    assert_eq!(ask(), (200, true), "that was no answer");
    store.is_up();
    clock.advance(ms(5_000));
    assert_eq!(ask(), (200, false));
}

#[test]
fn l3_a_request_waits_for_the_store_and_for_nobody_else() {
    let (store, clock) = (Arc::<Fake>::default(), ManualClock::new());
    *store.hangs.lock().unwrap() = true;
    let policy = shared(&store, hourly(5));
    let context = from("192.0.2.1", &clock);
    let Verdict::Wait(mut waiting) = policy.check(&mut head("/"), &context) else {
        panic!("the store hangs")
    };
    assert!(waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    *store.hangs.lock().unwrap() = false;
    assert_eq!(status(&policy, &from("192.0.2.1", &clock)), 200, "another one is not held up");
}

#[test]
fn l3_a_degraded_limit_keeps_its_bound_and_refuses_as_it_always_does() {
    let (store, clock) = (Arc::<Fake>::default(), ManualClock::new());
    store.is_down();
    let policy = shared(&store, Limit::new(hourly(3)));
    let answers: Vec<u16> = (0..5).map(|_| status(&policy, &from("192.0.2.1", &clock))).collect();
    assert_eq!(answers, [200, 200, 200, 429, 429]);
    clock.advance(Duration::from_secs(1_200));
    assert_eq!(status(&policy, &from("192.0.2.1", &clock)), 200, "and ends by itself");
}

#[test]
fn l6_a_limiter_in_two_scopes_of_a_policy_counts_a_request_once_as_the_first_of_them_says() {
    let (store, clock) = (Arc::<Fake>::default(), ManualClock::new());
    let limiter = Limiter::new(hourly(3).named("both").unwrap());
    let builder = RateLimitPolicy::builder()
        .custom(Scope::routes(["free"]), Limit::new(limiter.clone()).cost(0))
        .custom(Scope::routes(["dear"]), Limit::new(limiter.clone()).cost(2))
        .global(Scope::Everything, limiter);
    let ask = |policy, route| status(policy, &to(route, from("192.0.2.1", &clock)));
    let here = builder.clone().build().unwrap();
    let answers = ["dear", "feed", "feed", "free"].map(|route| ask(&here, route));
    assert_eq!(answers, [200, 200, 429, 200], "three were there, and what is free is free");
    let there = builder.shared(Arc::<Fake>::clone(&store)).build().unwrap();
    let asked = ["dear", "feed", "free"].map(|route| (ask(&there, route), store.asked()));
    assert_eq!(asked[0], (200, vec![vec!["both 2 of 3".to_owned()]]));
    assert_eq!(asked[1], (200, vec![vec!["both 1 of 3".to_owned()]]));
    assert_eq!(asked[2], (200, vec![]));
}

/// One limiter of 4 in two scopes that do not overlap.
pub(crate) fn in_two_scopes(limiter: &Limiter) -> RateLimitBuilder {
    let limit = || Limit::new(limiter.clone()).fallback(Fallback::local(1));
    RateLimitPolicy::builder()
        .custom(Scope::routes(["search"]), limit())
        .custom(Scope::routes(["feed"]), limit())
}

#[test]
fn l3_a_limiter_in_two_scopes_is_one_quota_here_in_the_store_and_without_it() {
    let (store, clock) = (Arc::<Fake>::default(), ManualClock::new());
    let ask = |policy, route| status(policy, &to(route, from("192.0.2.1", &clock)));
    let all = |policy| ["search", "feed", "search", "feed", "search"].map(|at| ask(policy, at));
    let here = in_two_scopes(&Limiter::new(hourly(4))).build().unwrap();
    assert_eq!(all(&here), [200, 200, 200, 200, 429]);
    let limiter = Limiter::new(hourly(4).named("both").unwrap());
    let there = || in_two_scopes(&limiter).shared(Arc::<Fake>::clone(&store)).build().unwrap();
    let (there, beside) = (there(), there());
    assert_eq!(all(&there), [200; 5], "as the store says");
    assert!(store.asked().iter().all(|asked| asked == &["both 1 of 4"]));
    store.is_down();
    assert_eq!(all(&there), [200, 200, 200, 200, 429]);
    assert_eq!(ask(&beside, "feed"), 429, "nor do clones in another policy count anew");
}
