//! Where a limiter applies.

use palisade_core::{Access, ManualClock, Route, RouteTag};
use palisade_ratelimit::{Quota, RateLimitPolicy, Scope};

use crate::{from, header, send, status, to};

fn limited(scope: Scope) -> RateLimitPolicy {
    RateLimitPolicy::builder().global(scope, Quota::per_hour(0).unwrap()).build().unwrap()
}

#[test]
fn a_limiter_over_a_tag_leaves_other_routes_alone_and_says_nothing_on_them() {
    let (policy, clock) = (limited(Scope::Tagged(RouteTag::API)), ManualClock::new());
    assert_eq!(status(&policy, &to("/api/feed", from("192.0.2.1", &clock))), 429);
    let page = from("192.0.2.1", &clock);
    page.learn_route(Route::new("/", Access::Public));
    let answer = send(&policy, &page);
    assert_eq!(answer.status(), 200);
    assert!(answer.headers().is_empty());
    assert!(page.limit().is_none());
}

#[test]
fn a_registry_that_is_missing_does_not_switch_the_limit_off() {
    let clock = ManualClock::new();
    let unrouted = || from("192.0.2.1", &clock);
    assert_eq!(status(&limited(Scope::Tagged(RouteTag::API)), &unrouted()), 429);
    assert_eq!(status(&limited(Scope::Everything), &unrouted()), 429);
    assert_eq!(status(&limited(Scope::routes(["/api/search"])), &unrouted()), 200);
}

#[test]
fn a_route_that_is_left_out_of_a_tag_is_not_limited_and_told_nothing() {
    let (policy, clock) =
        (limited(Scope::tagged_but(RouteTag::API, ["/api/b"])), ManualClock::new());
    assert_eq!(status(&policy, &to("/api/a", from("192.0.2.1", &clock))), 429);
    assert_eq!(status(&policy, &from("192.0.2.1", &clock)), 429, "nobody learnt the route");
    let left_out = to("/api/b", from("192.0.2.1", &clock));
    let answer = send(&policy, &left_out);
    assert_eq!(answer.status(), 200);
    assert!(answer.headers().is_empty() && left_out.limit().is_none());
}

#[test]
fn routes_in_one_scope_share_its_quota() {
    let clock = ManualClock::new();
    let policy = RateLimitPolicy::builder()
        .custom(Scope::routes(["a", "b"]), Quota::per_hour(1).unwrap())
        .build()
        .unwrap();
    let ask = |route| status(&policy, &to(route, from("192.0.2.1", &clock)));
    assert_eq!([ask("a"), ask("b"), ask("c"), ask("c")], [200, 429, 200, 200]);
}

#[test]
fn quotas_without_a_name_are_called_as_their_scope() {
    let clock = ManualClock::new();
    let quota = || Quota::per_minute(5).unwrap();
    let named = |scope: Scope| {
        let policy = RateLimitPolicy::builder().global(scope, quota()).build().unwrap();
        let context = to("/api/search", from("192.0.2.1", &clock));
        let answer = send(&policy, &context);
        assert_eq!(header(&answer, "ratelimit-policy"), "5;w=60");
        context.limit().unwrap().policy.to_string()
    };
    assert_eq!(named(Scope::Everything), "default");
    assert_eq!(named(Scope::Tagged(RouteTag::API)), "api");
    assert_eq!(named(Scope::routes(["/api/search"])), "/api/search");
}

#[test]
fn mistakes_are_told_when_the_policy_is_built() {
    let quota = || Quota::per_minute(5).unwrap();
    let told = |scope: Scope, quota: Quota| {
        let builder = RateLimitPolicy::builder().global(Scope::Everything, Quota::default());
        builder.custom(scope, quota).build().unwrap_err().to_string()
    };
    assert_eq!(
        told(Scope::Everything, quota()),
        "`default` is not a valid name of a rate limit: expected a name that no other has: clients tell quotas apart by it"
    );
    assert!(told(Scope::routes(["naïve"]), quota()).contains("printable ASCII"));
    let none = Scope::routes::<&str>([]);
    assert!(told(none, quota().named("x").unwrap()).contains("at least one route"));
}

#[test]
fn a_policy_without_a_limiter_passes_everything() {
    let (policy, clock) = (RateLimitPolicy::builder().build().unwrap(), ManualClock::new());
    assert_eq!(status(&policy, &palisade_core::SecurityContext::new(clock.now())), 200);
}
