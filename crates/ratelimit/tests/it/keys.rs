//! Whose quota counts: the user's, else the address'; never what a header claims.

use std::net::Ipv6Addr;

use palisade_core::{Identity, IdentityKind, IpKey, Ipv6Prefix, ManualClock, RouteTag};
use palisade_ratelimit::{Key, Limiter, Quota, RateLimitPolicy, Scope};
use palisade_test_support::Ask;

use crate::{by, from, status};

/// One request in an hour, for everything.
fn once() -> RateLimitPolicy {
    let quota = Quota::per_hour(1).unwrap();
    RateLimitPolicy::builder().global(Scope::Everything, quota).build().unwrap()
}

#[test]
fn a_users_limit_follows_the_user_across_addresses() {
    let (policy, clock) = (once(), ManualClock::new());
    assert_eq!(status(&policy, &by("alice", "192.0.2.1", &clock)), 200);
    assert_eq!(status(&policy, &by("alice", "198.51.100.7", &clock)), 429);
    assert_eq!(status(&policy, &by("bob", "192.0.2.1", &clock)), 200, "one office, two users");
    assert_eq!(status(&policy, &from("192.0.2.1", &clock)), 200, "nobody is a third");
}

#[test]
fn p9_two_addresses_of_one_ipv6_network_share_and_two_networks_do_not() {
    let (policy, clock) = (once(), ManualClock::new());
    assert_eq!(status(&policy, &from("2001:db8::1", &clock)), 200);
    assert_eq!(status(&policy, &from("2001:db8::ffff:2", &clock)), 429);
    assert_eq!(status(&policy, &from("2001:db8:0:1::1", &clock)), 200);
}

#[test]
fn p9_a_hundred_thousand_addresses_of_one_network_are_one_key() {
    let limiter = Limiter::new(Quota::per_hour(5).unwrap());
    let clock = ManualClock::new();
    let network = u128::from(Ipv6Addr::new(0x2001, 0xdb8, 0, 1, 0, 0, 0, 0));
    let key = |host| IpKey::new(Ipv6Addr::from(network + host).into(), Ipv6Prefix::default());
    let ask = |host| limiter.check(&Key::Address(key(host)), clock.now());
    assert_eq!((0..100_000).filter(|host| !ask(*host).is_refused()).count(), 5);
    assert_eq!(limiter.keys(), 1);
}

#[test]
fn l5_an_address_is_one_key_however_it_is_written() {
    let (policy, clock) = (once(), ManualClock::new());
    assert_eq!(status(&policy, &from("192.0.2.1", &clock)), 200);
    assert_eq!(status(&policy, &from("::ffff:192.0.2.1", &clock)), 429);
    assert_eq!(status(&policy, &from("::ffff:c000:201", &clock)), 429);
}

#[test]
fn l5_a_user_is_named_byte_for_byte_by_issuer_and_kind() {
    let (policy, clock) = (once(), ManualClock::new());
    let alice = || Identity::new("alice", IdentityKind::Jwt);
    let users = [
        alice(),
        alice().issued_by("https://a.example"),
        alice().issued_by("https://b.example"),
        Identity::new("alice", IdentityKind::ApiKey),
        Identity::new("Alice", IdentityKind::Jwt),
        // Nothing is glued together, so nothing can be cut apart elsewhere.
        Identity::new("", IdentityKind::Jwt).issued_by("alice"),
        Identity::new("ealice", IdentityKind::Jwt).issued_by("https://a.exampl"),
    ];
    for expected in [200, 429] {
        for user in &users {
            let context = from("192.0.2.1", &clock);
            context.learn_identity(user.clone());
            assert_eq!(status(&policy, &context), expected, "{user:?}");
        }
    }
}

#[test]
fn a_users_role_or_plan_makes_no_second_user() {
    let (policy, clock) = (once(), ManualClock::new());
    assert_eq!(status(&policy, &by("alice", "192.0.2.1", &clock)), 200);
    let context = from("192.0.2.1", &clock);
    context.learn_identity(Identity::new("alice", IdentityKind::Jwt).role("admin").plan("pro"));
    assert_eq!(status(&policy, &context), 429);
}

#[test]
fn l9_a_token_that_was_not_verified_picks_no_key() {
    let (policy, clock) = (once(), ManualClock::new());
    let claims = |token: &str| {
        let context = from("203.0.113.9", &clock);
        let ask = Ask::get("/").context(&context).bearer(token).header("x-forwarded-for", token);
        ask.policies(policy.clone()).status().as_u16()
    };
    assert_eq!(claims("a-token-of-alice"), 200);
    assert_eq!(claims("another-token"), 429, "all of them count against the address");
    assert_eq!(status(&policy, &by("alice", "192.0.2.1", &clock)), 200, "none against the user");
}

#[test]
fn without_an_address_and_without_a_user_the_answer_is_500() {
    let clock = ManualClock::new();
    let stranger = || palisade_core::SecurityContext::new(clock.now());
    assert_eq!(status(&once(), &stranger()), 500);

    let user = stranger();
    user.learn_identity(Identity::new("alice", IdentityKind::Jwt));
    assert_eq!(status(&once(), &user), 200, "a user is enough");

    let elsewhere = RateLimitPolicy::builder()
        .custom(Scope::routes(["search"]), Quota::default())
        .global(Scope::Tagged(RouteTag::STREAM), Quota::default());
    let context = crate::to("home", stranger());
    assert_eq!(status(&elsewhere.build().unwrap(), &context), 200, "nothing applies");
}
