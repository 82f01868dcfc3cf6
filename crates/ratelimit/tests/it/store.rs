//! What happens at the bound: it never helps whoever brings many keys.

use std::time::Duration;

use palisade_core::{Identity, IdentityKind, ManualClock};
use palisade_ratelimit::{Key, Limiter, Quota};

use crate::{address, ms};

const CAPACITY: usize = 1_000;

fn limiter(quota: Result<Quota, palisade_core::ConfigError>) -> Limiter {
    Limiter::with_capacity(quota.unwrap(), CAPACITY).unwrap()
}

#[test]
fn p17_a_flood_of_keys_takes_no_more_memory_than_the_bound_allows() {
    let (limiter, clock) = (limiter(Quota::per_hour(10)), ManualClock::new());
    for number in 0..30_000 {
        let _standing = limiter.check(&address(number), clock.now());
    }
    assert!((CAPACITY..=limiter.bound() / 2).contains(&limiter.keys()), "{}", limiter.keys());
    assert!(limiter.bound() < CAPACITY * 4, "two tables, each with some room to spare");
}

#[test]
fn p17_a_flood_of_new_keys_sets_nobody_free_who_is_being_refused() {
    let (limiter, clock) = (limiter(Quota::per_hour(3)), ManualClock::new());
    let over: Vec<u32> = (0..200).collect();
    for key in &over {
        for _ in 0..3 {
            assert!(!limiter.check(&address(*key), clock.now()).is_refused());
        }
    }
    for number in 1_000..20_000 {
        let _standing = limiter.check(&address(number), clock.now());
        if number % 5_000 == 0 {
            clock.advance(ms(1_000));
            assert!(over.iter().all(|key| limiter.check(&address(*key), clock.now()).is_refused()));
        }
    }
}

#[test]
fn p17_a_hundred_thousand_refused_addresses_stay_refused_while_twice_as_many_come() {
    let (limiter, clock) = (Limiter::new(Quota::per_hour(1).unwrap()), ManualClock::new());
    let refused = |number| limiter.check(&address(number), clock.now()).is_refused();
    let first = (0..100_000).filter(|number| !refused(*number)).count();
    assert!(first > 99_990, "nearly each had a quota of his own: {first}");
    let _more = (100_000..300_000).filter(|number| refused(*number)).count();
    assert!((0..100_000).all(refused));
}

#[test]
fn p17_the_flood_is_served_while_it_keeps_within_its_quota() {
    let (limiter, clock) = (limiter(Quota::per_hour(3)), ManualClock::new());
    for number in 0..20_000 {
        assert!(!limiter.check(&address(number), clock.now()).is_refused());
    }
}

#[test]
fn p17_addresses_do_not_push_out_users() {
    let (limiter, clock) = (limiter(Quota::per_hour(1)), ManualClock::new());
    let alice = Identity::new("alice", IdentityKind::Jwt);
    assert!(!limiter.check(&Key::user(&alice), clock.now()).is_refused());
    for number in 0..20_000 {
        let _standing = limiter.check(&address(number), clock.now());
    }
    assert!(limiter.check(&Key::user(&alice), clock.now()).is_refused());
    let bob = Identity::new("bob", IdentityKind::Jwt);
    assert!(
        !limiter.check(&Key::user(&bob), clock.now()).is_refused(),
        "and not crowd them either"
    );
}

#[test]
fn p17_when_all_are_being_refused_newcomers_share_a_quota_and_it_heals_by_itself() {
    let clock = ManualClock::new();
    // One set, of seven places.
    let limiter = Limiter::with_capacity(Quota::per_second(1).unwrap(), 1).unwrap();
    let admitted = |from: u32, to: u32| {
        (from..to).filter(|key| !limiter.check(&address(*key), clock.now()).is_refused()).count()
    };
    assert_eq!(admitted(0, 7), 7);
    assert_eq!(admitted(10, 1_000), 1, "the newcomers' one");
    assert!(limiter.peek(&address(1_001), clock.now()).is_refused(), "looking agrees");
    assert_eq!(admitted(0, 7), 0, "nobody was set free");
    clock.advance(ms(1_000));
    assert_eq!(admitted(2_000, 2_007), 7, "whoever is whole again makes room");
}

#[test]
fn keys_that_are_whole_again_make_room_before_any_other() {
    let clock = ManualClock::new();
    // One set, of seven places.
    let limiter = Limiter::with_capacity(Quota::per_second(4).unwrap(), 1).unwrap();
    let ask = |key: u32| limiter.check(&address(key), clock.now());
    let _standing = (ask(1), ask(2));
    clock.advance(ms(900));
    let _standing = (ask(3), ask(3), ask(4), ask(5), ask(6), ask(7));
    assert_eq!((ask(8).remaining, ask(9).remaining), (3, 3), "1 and 2 were whole");
    assert_eq!(limiter.keys(), 7);
    assert_eq!(ask(3).remaining, 1, "3 was kept");
    for key in 4..=9 {
        assert_eq!(ask(key).remaining, 2, "{key} was kept");
    }
}

#[test]
fn p17_a_key_that_is_refused_for_a_dear_request_is_not_dropped_for_a_cheap_one() {
    let clock = ManualClock::new();
    let limiter = Limiter::with_capacity(Quota::per_hour(10).unwrap(), 1).unwrap();
    let dear = |key: u32| limiter.check_cost(&address(key), clock.now(), 8).is_refused();
    for key in 0..7 {
        assert!(!dear(key) && dear(key));
    }
    for key in 7..5_000 {
        let _cheap = limiter.check(&address(key), clock.now());
    }
    assert!((0..7).all(dear), "each has two left, and none of them eight");
}

#[test]
fn p17_one_dear_request_does_not_keep_newcomers_out_for_ever() {
    let clock = ManualClock::new();
    // One set, of seven places. Ticks of 1 ns, so an epoch is 2^38 ns.
    let limiter = Limiter::with_capacity(Quota::per_second(10).unwrap(), 1).unwrap();
    assert!(!limiter.check_cost(&address(100), clock.now(), 10).is_refused());
    clock.advance(3 * Duration::from_nanos(1 << 38));
    for key in 0..7 {
        assert_eq!(limiter.check(&address(key), clock.now()).remaining, 9);
    }
    for key in 7..200 {
        assert_eq!(limiter.check(&address(key), clock.now()).remaining, 9, "{key} has his own");
    }
}

#[test]
fn p17_who_was_refused_for_a_dear_request_of_the_epoch_before_is_not_dropped_either() {
    let clock = ManualClock::new();
    let limiter = Limiter::with_capacity(Quota::per_second(10).unwrap(), 1).unwrap();
    let dear = |key: u32| limiter.check_cost(&address(key), clock.now(), 8).is_refused();
    let _first = limiter.check(&address(100), clock.now());
    clock.advance(Duration::from_nanos(1 << 38) - ms(100));
    assert!((0..7).all(|key| !dear(key) && dear(key)));
    clock.advance(ms(150));
    for key in 7..5_000 {
        let _cheap = limiter.check(&address(key), clock.now());
    }
    assert!((0..7).all(dear), "each has three left, and none of them eight");
}

#[test]
fn a_store_that_is_not_full_forgets_nobody() {
    let (limiter, clock) = (Limiter::new(Quota::per_hour(1).unwrap()), ManualClock::new());
    let keys = u32::try_from(Limiter::DEFAULT_CAPACITY).unwrap();
    let refused = |number: &u32| limiter.check(&address(*number), clock.now()).is_refused();
    // Keys are told apart by 24 bits: two of a hundred thousand share a quota in one store of forty.
    assert!((0..keys).filter(refused).count() <= 2);
    for number in 0..keys {
        assert!(refused(&number), "{number} was forgotten");
    }
}
