//! What a refusal says.

use palisade_core::{ManualClock, Rejection, RejectionKind, RouteTag, ViolationKind};
use palisade_ratelimit::{Quota, RateLimitHeaders, RateLimitPolicy, Scope};

use crate::{from, header, ms, send, to};

fn refusal(
    policy: &RateLimitPolicy,
    clock: &ManualClock,
) -> (http::Response<palisade_test_support::Body>, Rejection) {
    for _ in 0..100 {
        let answer = send(policy, &to("search", from("192.0.2.1", clock)));
        if let Some(rejection) = answer.extensions().get::<Rejection>() {
            let rejection = rejection.clone();
            return (answer, rejection);
        }
    }
    unreachable!("the quota has no end")
}

#[test]
fn a_refusal_names_the_quota_and_says_when_to_come_again() {
    let (quota, clock) =
        (Quota::per_minute(2).unwrap().named("search").unwrap(), ManualClock::new());
    let policy =
        RateLimitPolicy::builder().custom(Scope::routes(["search"]), quota).build().unwrap();
    let (answer, rejection) = refusal(&policy, &clock);
    assert_eq!(answer.status(), 429);
    assert_eq!(rejection.kind(), RejectionKind::LimitExceeded);
    assert_eq!(rejection.code().as_str(), "quota-exceeded");
    assert_eq!(rejection.violation_kind(), Some(ViolationKind::RateLimit));
    assert_eq!(rejection.violated_policies().collect::<Vec<_>>(), ["search"]);
    assert_eq!(rejection.policy(), Some("rate-limit"));
    assert_eq!(rejection.private_reason(), Some("over `search`: 2 in 60s"));
    assert!(rejection.public_detail().is_some());
    let fields = [
        "retry-after",
        "ratelimit-limit",
        "ratelimit-remaining",
        "ratelimit-reset",
        "ratelimit-policy",
    ];
    assert_eq!(fields.map(|name| header(&answer, name)), ["30", "2", "0", "30", "2;w=60"]);
}

#[test]
fn l7_retry_after_is_in_seconds_rounded_up_and_never_0() {
    let clock = ManualClock::new();
    let policy =
        RateLimitPolicy::builder().global(Scope::Everything, Quota::default()).build().unwrap();
    let (answer, rejection) = refusal(&policy, &clock);
    assert_eq!(rejection.retry_time(), Some(ms(50)));
    assert_eq!(header(&answer, "retry-after"), "1");
    assert_eq!(header(&answer, "ratelimit-reset"), "1");

    let quota = Quota::new(1, ms(1_001)).unwrap();
    let policy = RateLimitPolicy::builder().global(Scope::Everything, quota).build().unwrap();
    let (answer, _) = refusal(&policy, &clock);
    assert_eq!(header(&answer, "retry-after"), "2");
    assert_eq!(header(&answer, "ratelimit-reset"), "2");
}

#[test]
fn all_quotas_that_are_used_up_are_named_and_the_longest_wait_counts() {
    let clock = ManualClock::new();
    let policy = RateLimitPolicy::builder()
        .global(Scope::Tagged(RouteTag::API), Quota::per_hour(1).unwrap())
        .custom(Scope::routes(["search"]), Quota::per_minute(1).unwrap())
        .build()
        .unwrap();
    let (answer, rejection) = refusal(&policy, &clock);
    assert_eq!(rejection.violated_policies().collect::<Vec<_>>(), ["search", "api"]);
    assert_eq!(header(&answer, "retry-after"), "3600");
    assert_eq!(header(&answer, "ratelimit-reset"), "3600");
}

#[test]
fn a_refusal_of_the_500_kind_counts_as_no_violation() {
    let clock = ManualClock::new();
    let policy =
        RateLimitPolicy::builder().global(Scope::Everything, Quota::default()).build().unwrap();
    let answer = send(&policy, &palisade_core::SecurityContext::new(clock.now()));
    let rejection = answer.extensions().get::<Rejection>().unwrap();
    assert_eq!(rejection.code().as_str(), "client-address-unknown");
    assert_eq!(rejection.kind(), RejectionKind::Internal);
    assert_eq!(rejection.violation_kind(), None);
    assert!(rejection.public_detail().is_none());
}

#[test]
fn without_headers_a_refusal_still_says_when_to_come_again() {
    let clock = ManualClock::new();
    let policy = RateLimitPolicy::builder()
        .global(Scope::Everything, Quota::default())
        .headers(RateLimitHeaders::OFF)
        .build()
        .unwrap();
    let (answer, _) = refusal(&policy, &clock);
    assert_eq!(answer.headers().len(), 1);
    assert_eq!(header(&answer, "retry-after"), "1");
}
