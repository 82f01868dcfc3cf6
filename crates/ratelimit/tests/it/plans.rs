//! Quotas by plan: what the verified identity says, and nothing else.

use palisade_core::{Identity, IdentityKind, ManualClock, SecurityContext};
use palisade_ratelimit::{HeaderDraft, Limit, Limiter, Plans, Quota, RateLimitPolicy, Scope};
use palisade_test_support::Ask;

use crate::{from, header, send, status};

fn hourly(limit: u32) -> Quota {
    Quota::per_hour(limit).unwrap()
}

fn plans() -> Plans {
    Plans::new(hourly(1)).plan("pro", hourly(3)).plan("partner", Limiter::new(hourly(5)))
}

fn policy(limit: impl Into<Limit>) -> RateLimitPolicy {
    RateLimitPolicy::builder().global(Scope::Everything, limit).build().unwrap()
}

fn of_plan(user: &str, plan: Option<&str>, clock: &ManualClock) -> SecurityContext {
    let context = from("192.0.2.1", clock);
    let identity = Identity::new(user, IdentityKind::Jwt);
    context.learn_identity(match plan {
        Some(plan) => identity.plan(plan),
        None => identity,
    });
    context
}

#[test]
fn a_users_plan_says_how_much_he_may_ask() {
    let (policy, clock) = (policy(plans()), ManualClock::new());
    for (user, plan, limit) in [
        ("alice", Some("pro"), 3),
        ("bob", Some("partner"), 5),
        ("carol", Some("unheard-of"), 1),
        ("dave", None, 1),
        ("eve", Some("Pro"), 1),
    ] {
        let passed = (0..20).filter(|_| status(&policy, &of_plan(user, plan, &clock)) == 200);
        assert_eq!(passed.count(), limit, "{user}");
    }
}

#[test]
fn who_is_not_signed_in_falls_under_the_default_by_his_address() {
    let (policy, clock) = (policy(plans()), ManualClock::new());
    assert_eq!(status(&policy, &from("192.0.2.1", &clock)), 200);
    assert_eq!(status(&policy, &from("192.0.2.1", &clock)), 429);
    assert_eq!(status(&policy, &from("192.0.2.2", &clock)), 200);
}

#[test]
fn l9_no_header_names_a_plan() {
    let (policy, clock) = (policy(plans()), ManualClock::new());
    let claims = || {
        let ask = Ask::get("/?plan=partner").context(&from("192.0.2.1", &clock));
        let ask = ask.header("x-plan", "partner").header("x-quota-plan", "partner");
        ask.bearer("a-token-of-a-partner").policies(policy.clone()).status().as_u16()
    };
    assert_eq!([claims(), claims()], [200, 429]);
}

#[test]
fn a_plan_is_told_by_a_name_of_its_own() {
    let clock = ManualClock::new();
    let policy = RateLimitPolicy::builder()
        .global(Scope::Everything, plans().plan("team", hourly(7).named("seven").unwrap()))
        .headers(HeaderDraft::Draft10)
        .build()
        .unwrap();
    let told = |plan| header(&send(&policy, &of_plan("alice", plan, &clock)), "ratelimit-policy");
    assert_eq!(told(None), "\"default\";q=1;w=3600");
    assert_eq!(told(Some("pro")), "\"default/pro\";q=3;w=3600");
    assert_eq!(told(Some("team")), "\"seven\";q=7;w=3600");
}

#[test]
fn plans_and_costs_go_together() {
    let (policy, clock) = (policy(Limit::new(plans()).cost(2)), ManualClock::new());
    let ask = |plan| status(&policy, &of_plan("alice", plan, &clock));
    assert_eq!([ask(Some("partner")), ask(Some("partner")), ask(Some("partner"))], [200, 200, 429]);
    assert_eq!([ask(Some("pro")), ask(Some("pro"))], [200, 429], "there he begins anew");
}

#[test]
fn mistakes_are_told_when_the_policy_is_built() {
    let told = |plans: Plans| {
        let builder = RateLimitPolicy::builder().global(Scope::Everything, plans);
        builder.build().unwrap_err().to_string()
    };
    assert_eq!(
        told(plans().plan("pro", hourly(9))),
        "`pro` is not a valid plan of a rate limit: expected one that is named once"
    );
    assert!(told(plans().plan("größe", hourly(9))).contains("printable ASCII"));
    let twice = plans().plan("team", hourly(9).named("default").unwrap());
    assert!(told(twice).contains("a name that no other has"));
}
