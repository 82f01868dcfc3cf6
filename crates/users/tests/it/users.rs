//! Users in memory: changed in one step, and listed page by page.

use std::thread;

use palisade_users::{User, UserId, Users};

use crate::fixture::{Bench, ISSUER, id};

#[test]
fn a_change_starts_from_what_is_kept_and_makes_known_who_was_not() {
    let bench = Bench::new();
    let alice = bench.users.update(&id("alice"), User::disabled).unwrap();
    assert_eq!(alice, User::new().role("admin").organisation("acme").disabled());
    assert_eq!(bench.users.user(&id("alice")), Some(alice));
    let carol = bench.users.update(&id("carol"), |user| user.role("editor")).unwrap();
    assert_eq!((carol, bench.users.count()), (User::new().role("editor"), 3));
    let full = Users::with_capacity(bench.revocations.clone(), 1);
    assert!(full.update(&id("alice"), User::disabled).is_ok());
    assert!(full.update(&id("bob"), User::disabled).is_err());
    assert!(full.update(&id("alice"), User::enabled).is_ok());
}

#[test]
fn j14_who_is_disabled_and_given_a_role_at_once_is_disabled_with_that_role() {
    for _ in 0..200 {
        let bench = Bench::new();
        thread::scope(|scope| {
            scope.spawn(|| bench.users.update(&id("carol"), User::disabled).unwrap());
            scope.spawn(|| bench.users.update(&id("carol"), |user| user.role("editor")).unwrap());
        });
        let both = User::new().role("editor").disabled();
        assert_eq!(bench.users.user(&id("carol")), Some(both));
    }
}

#[test]
fn j14_the_streams_of_who_was_not_known_end_with_the_change_that_makes_him_known() {
    let bench = Bench::new();
    let users = Users::new(bench.revocations.clone());
    let bob = bench.context(&bench.token_of("bob"), "a.b.c");
    let watch = bench.revocations.watch(&bob).unwrap();
    assert!(!watch.is_over(bench.now()));
    users.update(&id("bob"), User::disabled).unwrap();
    assert!(watch.is_over(bench.now()));
}

#[test]
fn users_are_listed_by_issuer_and_subject_page_by_page() {
    let bench = Bench::new();
    let users = Users::new(bench.revocations.clone());
    assert!(users.list(None, 10).is_empty());
    let nobodys = UserId::new("zoe");
    let elsewhere = UserId::new("alice").issued_by("https://elsewhere.example");
    let mut all: Vec<UserId> = (0..200).map(|number| id(&format!("user-{number:03}"))).collect();
    all.extend([id("Zoe"), elsewhere.clone(), nobodys.clone()]);
    for user in &all {
        users.put(user, User::new().role(user.subject())).unwrap();
    }
    all.sort();
    assert_eq!(all[..4], [nobodys, elsewhere, id("Zoe"), id("user-000")]);
    assert_eq!(all[3].issuer(), Some(ISSUER));

    let mut seen: Vec<UserId> = Vec::new();
    loop {
        let page = users.list(seen.last(), 7);
        assert!(page.len() <= 7);
        if page.is_empty() {
            break;
        }
        for (user, kept) in page {
            assert_eq!(kept, User::new().role(user.subject()));
            seen.push(user);
        }
    }
    assert_eq!(seen, all);
    assert_eq!((users.list(None, 0), users.list(None, 1_000).len()), (vec![], 203));
}
