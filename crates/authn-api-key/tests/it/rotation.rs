//! Another secret for the same key.

use std::time::Duration;

use palisade_authn_api_key::{KeyError, NewKey};

use crate::{Bench, HOUR};

#[test]
fn both_secrets_are_good_during_the_overlap_and_the_new_one_alone_then() {
    let bench = Bench::in_memory();
    let old = bench.issue();
    let new = bench.keys.rotate(old.key.id, HOUR).unwrap();
    assert_eq!(new.key.old_secret_until, Some(bench.clock.now().wall() + HOUR));
    bench.clock.advance(HOUR - Duration::from_secs(1));
    assert_eq!(bench.verdict(old.text.expose()), "ok");
    assert_eq!(bench.verdict(new.text.expose()), "ok");
    bench.clock.advance(Duration::from_secs(1));
    assert_eq!(bench.verdict(old.text.expose()), "old secret");
    assert_eq!(bench.verdict(new.text.expose()), "ok");
}

#[test]
fn without_an_overlap_the_old_secret_ends_at_once() {
    let bench = Bench::in_memory();
    let old = bench.issue();
    let new = bench.keys.rotate(old.key.id, Duration::ZERO).unwrap();
    assert_eq!(new.key.old_secret_until, None);
    assert_eq!(bench.verdict(old.text.expose()), "old secret");
    assert_eq!(bench.verdict(new.text.expose()), "ok");
}

#[test]
fn a_secret_that_ended_at_once_stays_ended_when_the_clock_is_set_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("api-keys.json");
    let bench = Bench::on(&path);
    let start = bench.clock.now().wall();
    let first = bench.issue();
    let second = bench.keys.rotate(first.key.id, HOUR).unwrap();
    let third = bench.keys.rotate(first.key.id, Duration::ZERO).unwrap();
    bench.clock.step_wall(start - HOUR);
    let again = Bench::on(&path);
    again.clock.step_wall(start - HOUR);
    for bench in [&bench, &again] {
        assert_eq!(bench.verdict(first.text.expose()), "wrong secret");
        assert_eq!(bench.verdict(second.text.expose()), "old secret");
        assert_eq!(bench.verdict(third.text.expose()), "ok");
    }
}

#[test]
fn of_three_secrets_the_first_is_good_no_longer() {
    let bench = Bench::in_memory();
    let first = bench.issue();
    let second = bench.keys.rotate(first.key.id, HOUR).unwrap();
    let third = bench.keys.rotate(first.key.id, HOUR).unwrap();
    assert_eq!(bench.verdict(first.text.expose()), "wrong secret");
    assert_eq!(bench.verdict(second.text.expose()), "ok");
    assert_eq!(bench.verdict(third.text.expose()), "ok");
}

#[test]
fn what_an_old_secret_proves_ends_with_the_overlap_or_with_the_key() {
    let bench = Bench::in_memory();
    let now = bench.clock.now().wall();
    let old = bench.keys.create(NewKey::owned_by("exporter").lasting(2 * HOUR)).unwrap();
    let new = bench.keys.rotate(old.key.id, HOUR).unwrap();
    assert_eq!(bench.who(old.text.expose()).expiry(), Some(now + HOUR));
    assert_eq!(bench.who(new.text.expose()).expiry(), Some(now + 2 * HOUR));
    let old = new;
    drop(bench.keys.rotate(old.key.id, 3 * HOUR).unwrap());
    assert_eq!(bench.who(old.text.expose()).expiry(), Some(now + 2 * HOUR));
    bench.clock.advance(2 * HOUR);
    assert_eq!(bench.verdict(old.text.expose()), "expired");
}

#[test]
fn a_rotated_key_keeps_all_that_is_known_of_it() {
    let bench = Bench::in_memory();
    let order = NewKey::owned_by("exporter").name("nightly export").role("reader").lasting(HOUR);
    let old = bench.keys.create(order).unwrap();
    assert_eq!(bench.verdict(old.text.expose()), "ok");
    bench.keys.disable(old.key.id).unwrap();
    let mut expected = bench.keys.list();
    let new = bench.keys.rotate(old.key.id, HOUR).unwrap();
    expected[0].old_secret_until = Some(bench.clock.now().wall() + HOUR);
    assert_eq!(bench.keys.list(), expected);
    assert_eq!(bench.verdict(new.text.expose()), "disabled", "a new secret enables nothing");
    assert_eq!(bench.verdict(old.text.expose()), "disabled");
}

#[test]
fn an_overlap_without_an_end_is_a_mistake() {
    let bench = Bench::in_memory();
    let issued = bench.issue();
    let told = bench.keys.rotate(issued.key.id, Duration::MAX);
    assert!(matches!(told, Err(KeyError::Value(_))));
    assert_eq!(bench.keys.list(), [issued.key]);
}
