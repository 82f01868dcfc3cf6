//! Facts about one request.

use std::{sync::Arc, time::Duration};

use palisade_core::{
    Access, Clock, Code, Identity, IdentityKind, LimitReport, ManualClock, Route, RouteTag,
    SecurityContext, Transport,
};
use palisade_test_support::{Ask, context, head, head_of};

#[test]
fn a_fact_is_learnt_once() {
    let context = context();
    context.learn_identity(Identity::new("alice", IdentityKind::Jwt));
    assert_eq!(
        context.learn_identity(Identity::new("mallory", IdentityKind::Jwt)).subject(),
        "alice"
    );
    context.learn_route(Route::new("a", Access::Admin));
    assert_eq!(context.learn_route(Route::new("b", Access::Public)).access(), Access::Admin);
    context.learn_transport(Transport::Plain);
    assert_eq!(context.learn_transport(Transport::Secure), Transport::Plain);
}

#[test]
fn confirmed_roles_take_the_place_of_those_the_credential_names() {
    let context = context();
    assert!(context.confirm_roles(["admin"]).is_none(), "there is nobody to confirm");
    context.learn_identity(Identity::new("alice", IdentityKind::Jwt).role("admin").scope("read"));
    context.confirm_roles(["editor", "author"]);
    let alice = context.identity().unwrap();
    assert_eq!(alice.roles().collect::<Vec<_>>(), ["editor", "author"]);
    assert_eq!((alice.subject(), alice.scopes().next()), ("alice", Some("read")));
    assert!(!context.confirm_roles(["admin"]).unwrap().is_admin(), "the first to confirm wins");
    let mallory = Identity::new("mallory", IdentityKind::Jwt).role("admin");
    assert!(!context.learn_identity(mallory).is_admin());
}

#[test]
fn roles_can_be_confirmed_to_be_none() {
    let context = context();
    context.learn_identity(Identity::new("alice", IdentityKind::Jwt).role("admin"));
    context.confirm_roles::<&str>([]);
    assert_eq!(context.identity().unwrap().roles().len(), 0);
}

#[test]
fn a_proof_says_when_it_was_issued_and_when_it_ends() {
    let now = ManualClock::new().now().wall();
    let alice = Identity::new("alice", IdentityKind::Jwt);
    assert_eq!((alice.issue_time(), alice.expiry()), (None, None));
    let alice = alice.issued_at(now).expires(now + Duration::from_secs(60));
    assert_eq!(alice.issue_time(), Some(now));
    assert_eq!(alice.twin().expiry(), Some(now + Duration::from_secs(60)));
}

#[test]
fn clones_share_facts_and_two_requests_do_not() {
    let one = context();
    let other = context();
    one.clone().learn_identity(Identity::new("alice", IdentityKind::Jwt));
    assert!(one.identity().is_some());
    assert!(other.identity().is_none());
    assert_eq!(one.request_id(), one.clone().request_id());
    assert_ne!(one.request_id(), other.request_id());
}

#[test]
fn the_first_gate_fixes_the_time_of_arrival() {
    let time = ManualClock::new();
    let mut head = head("/");
    let first = SecurityContext::ensure(&mut head, &time.clock());
    time.advance(Duration::from_secs(5));
    let second = SecurityContext::ensure(&mut head, &time.clock());
    assert_eq!(first.arrived(), second.arrived());
    assert_eq!(Clock::default().now().since(first.arrived()).as_secs(), 0);
}

#[test]
fn the_tightest_limit_is_reported() {
    let context = context();
    for (name, remaining) in [("wide", 9), ("tight", 2), ("other", 5)] {
        context.report_limit(LimitReport::new(Arc::from(name), 10, remaining, Duration::ZERO));
    }
    assert_eq!(&*context.limit().unwrap().policy, "tight");
}

#[test]
fn values_of_a_type_can_be_attached() {
    let context = context();
    assert_eq!(context.attached::<u8>(), None);
    context.attach(7_u8);
    context.attach(8_u8);
    assert_eq!(context.attached::<u8>(), Some(8));
}

#[test]
fn of_each_type_there_is_one_value_however_many_types_there_are() {
    let context = context();
    context.attach(1_u8);
    context.attach(2_u16);
    context.attach(3_u32);
    context.attach(4_u64);
    context.attach(5_u128);
    context.attach(6_i8);
    context.attach(7_i16);
    context.attach(8_i32);
    context.attach(70_i16);
    assert_eq!(context.attached(), Some(1_u8));
    assert_eq!((context.detach(), context.attached::<u8>()), (Some(Box::new(1_u8)), None));
    assert_eq!((context.attached(), context.attached()), (Some(2_u16), Some(6_i8)));
    assert_eq!((context.detach(), context.attached()), (Some(Box::new(70_i16)), Some(8_i32)));
    assert_eq!(context.attached::<i16>(), None);
}

#[test]
fn the_credential_is_judged_once() {
    let context = context();
    context.learn_route(Route::new("stream", Access::Admin).with_tags([RouteTag::STREAM]));
    assert!(context.presented().is_none());
    assert!(context.credential(&head_of(Ask::get("/?token=a"))).one().is_some());
    assert!(context.credential(&head_of(Ask::get("/"))).one().is_some(), "the first finding holds");
}

#[test]
fn a_trail_is_bounded_and_counts_what_it_leaves_out() {
    let context = context();
    for _ in 0..100 {
        context.note("blocklist", "safelisted");
    }
    let trail = context.trail();
    assert_eq!(trail.decisions().len() + trail.left_out(), 100);
    assert!(trail.decisions().len() < 100);
    assert!(trail.to_string().ends_with(&format!("(+{})", trail.left_out())));
    assert_eq!(trail.refusal(), None::<(&str, Code)>);
}
