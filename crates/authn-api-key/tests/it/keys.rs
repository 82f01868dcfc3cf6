//! Making keys, telling about them, taking them away.

use std::{thread, time::Duration};

use palisade_authn_api_key::{ApiKey, KeyError, NewKey};
use palisade_core::IdentityKind;

use crate::{Bench, HOUR, guess};

/// What is known of the only key.
fn only(bench: &Bench) -> ApiKey {
    let [key] = <[ApiKey; 1]>::try_from(bench.keys.list()).unwrap();
    key
}

#[test]
fn a_key_proves_its_owner_with_its_roles_scopes_and_plan_until_it_expires() {
    let bench = Bench::in_memory();
    let order = NewKey::owned_by("exporter").role("reader").scope("posts:read").plan("pro");
    let order = order.lasting(HOUR);
    let issued = bench.keys.create(order).unwrap();
    let who = bench.who(issued.text.expose());
    assert_eq!((who.subject(), who.kind()), ("exporter", IdentityKind::ApiKey));
    assert_eq!(who.roles().collect::<Vec<_>>(), ["reader"]);
    assert_eq!(who.scopes().collect::<Vec<_>>(), ["posts:read"]);
    assert_eq!(who.quota_plan(), Some("pro"));
    assert_eq!(who.expiry(), Some(bench.clock.now().wall() + HOUR));
}

#[test]
fn a_list_tells_all_but_the_secret_the_oldest_first() {
    let bench = Bench::in_memory();
    for name in ["first", "second", "third"] {
        drop(bench.keys.create(NewKey::owned_by("exporter").name(name)).unwrap());
        bench.clock.advance(HOUR);
    }
    let names: Vec<String> = bench.keys.list().into_iter().map(|key| key.name).collect();
    assert_eq!(names, ["first", "second", "third"]);
}

#[test]
fn a_guessed_secret_opens_nothing() {
    let bench = Bench::in_memory();
    let issued = bench.issue();
    assert_eq!(bench.verdict(&guess(issued.text.expose())), "wrong secret");
    assert_eq!(only(&bench).last_used, None, "and is no use of the key");
}

#[test]
fn a_key_ends_at_the_second_in_which_it_expires() {
    let bench = Bench::in_memory();
    let issued = bench.keys.create(NewKey::owned_by("exporter").lasting(HOUR)).unwrap();
    bench.clock.advance(HOUR - Duration::from_secs(1));
    assert_eq!(bench.verdict(issued.text.expose()), "ok");
    bench.clock.advance(Duration::from_secs(1));
    assert_eq!(bench.verdict(issued.text.expose()), "expired");
}

#[test]
fn a_disabled_key_is_refused_until_it_is_enabled() {
    let bench = Bench::in_memory();
    let issued = bench.issue();
    let disabled = bench.keys.disable(issued.key.id).unwrap();
    let since = disabled.disabled.unwrap();
    assert_eq!(since, bench.clock.now().wall());
    assert_eq!(bench.verdict(issued.text.expose()), "disabled");
    assert_eq!(bench.verdict(&guess(issued.text.expose())), "wrong secret");
    bench.clock.advance(HOUR);
    assert_eq!(bench.keys.disable(issued.key.id).unwrap().disabled, Some(since), "not anew");
    assert_eq!(bench.keys.enable(issued.key.id).unwrap(), issued.key);
    assert_eq!(bench.verdict(issued.text.expose()), "ok");
}

#[test]
fn a_deleted_key_is_unknown() {
    let bench = Bench::in_memory();
    let issued = bench.issue();
    assert_eq!(bench.keys.delete(issued.key.id).unwrap(), issued.key);
    assert_eq!(bench.verdict(issued.text.expose()), "unknown");
    assert!(bench.keys.list().is_empty());
    let id = issued.key.id;
    assert!(matches!(bench.keys.delete(id), Err(KeyError::Unknown)));
    assert!(matches!(bench.keys.disable(id), Err(KeyError::Unknown)));
    assert!(matches!(bench.keys.enable(id), Err(KeyError::Unknown)));
    assert!(matches!(bench.keys.rotate(id, HOUR), Err(KeyError::Unknown)));
}

#[test]
fn the_last_use_is_told_to_the_minute() {
    let bench = Bench::in_memory();
    let issued = bench.issue();
    let start = bench.clock.now().wall();
    assert_eq!(only(&bench).last_used, None);
    for (wait, minute) in [(0, 0), (59, 0), (1, 60), (130, 180)] {
        bench.clock.advance(Duration::from_secs(wait));
        assert_eq!(bench.verdict(issued.text.expose()), "ok");
        assert_eq!(only(&bench).last_used, Some(start + Duration::from_secs(minute)));
    }
    bench.clock.step_wall(start);
    assert_eq!(bench.verdict(issued.text.expose()), "ok");
    let used = Some(start + Duration::from_secs(180));
    assert_eq!(only(&bench).last_used, used, "it never goes back");
    assert_eq!(bench.keys.disable(issued.key.id).unwrap().last_used, used);
}

#[test]
fn beyond_the_most_keys_none_is_made_and_none_is_dropped() {
    let bench = Bench::new(|settings| settings.max_keys(2));
    let (one, other) = (bench.issue(), bench.issue());
    let full = || bench.keys.create(NewKey::owned_by("exporter"));
    assert!(matches!(full(), Err(KeyError::NoRoom)));
    assert_eq!(bench.verdict(one.text.expose()), "ok");
    assert_eq!(bench.verdict(other.text.expose()), "ok");
    bench.keys.delete(one.key.id).unwrap();
    assert!(full().is_ok());
}

#[test]
fn an_order_that_makes_no_sense_is_told_what_is_expected() {
    let bench = Bench::in_memory();
    let check = |order: NewKey, expected: &str| {
        let told = bench.keys.create(order).unwrap_err().to_string();
        assert!(told.contains(expected), "{told}");
    };
    let order = || NewKey::owned_by("exporter");
    check(NewKey::owned_by(""), "an owner of 1 to 256 bytes");
    check(NewKey::owned_by(" "), "an owner of 1 to 256 bytes");
    check(NewKey::owned_by("a\nb"), "without control characters");
    check(NewKey::owned_by("a".repeat(257)), "an owner of 1 to 256 bytes");
    check(order().name("a".repeat(101)), "a name of at most 100 bytes");
    check(order().role(""), "roles and scopes of 1 to 64 bytes");
    check(order().scope("a".repeat(65)), "roles and scopes of 1 to 64 bytes");
    check(order().scope("a b"), "scopes without spaces");
    check(order().plan(" "), "a plan of 1 to 64 bytes");
    check((0..33).fold(order(), |order, role| order.role(role.to_string())), "at most 32 roles");
    check(order().lasting(Duration::MAX), "before the year 10000");
    check(order().lasting(HOUR * 24 * 366 * 8000), "before the year 10000");
    assert!(bench.keys.list().is_empty());
}

#[test]
fn requests_are_judged_while_keys_come_and_go() {
    let bench = Bench::in_memory();
    let issued = bench.issue();
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for _ in 0..200 {
                    assert_eq!(bench.verdict(issued.text.expose()), "ok");
                }
            });
        }
        for _ in 0..50 {
            bench.keys.delete(bench.issue().key.id).unwrap();
        }
    });
    assert_eq!(only(&bench).id, issued.key.id);
}
