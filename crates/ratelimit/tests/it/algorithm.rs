//! The law of the quota: never more than burst + limit × t / window within any time t.

use std::{
    sync::{
        Barrier,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, UNIX_EPOCH},
};

use palisade_core::{Clock, ManualClock, SecurityContext};
use palisade_ratelimit::{Key, Limiter, Quota};
use proptest::prelude::*;

use crate::{address, ms};

proptest! {
    #[test]
    fn l1_within_any_time_there_is_never_more_than_the_burst_and_what_comes_back_in_it(
        limit in 1_u32..50,
        window in 1_u64..5_000_000,
        burst in 1_u32..80,
        pauses in prop::collection::vec(0_u64..500_000, 1..300),
    ) {
        let window = Duration::from_micros(window);
        let quota = Quota::new(limit, window).unwrap().allow_burst(burst).unwrap();
        let (limiter, clock) = (Limiter::new(quota), ManualClock::new());
        let mut now = 0_u128;
        let mut admitted: Vec<u128> = Vec::new();
        for pause in pauses {
            clock.advance(Duration::from_micros(pause));
            now += u128::from(pause) * 1_000;
            if !limiter.check(&address(1), clock.now()).is_refused() {
                admitted.push(now);
            }
        }
        for (first, start) in admitted.iter().enumerate() {
            for (last, end) in admitted.iter().enumerate().skip(first) {
                let count = u128::try_from(last - first + 1).unwrap();
                let back = u128::from(limit) * (end - start) / window.as_nanos();
                prop_assert!(count <= u128::from(burst) + back, "{count} in {} ns", end - start);
            }
        }
    }

    #[test]
    fn whoever_asks_no_faster_than_the_rate_is_never_refused(
        limit in 1_u32..1_000,
        window in 1_u64..60_000,
        requests in 1_u32..200,
    ) {
        let window = ms(window);
        let (limiter, clock) = (Limiter::new(Quota::new(limit, window).unwrap()), ManualClock::new());
        for _ in 0..requests {
            prop_assert!(!limiter.check(&address(1), clock.now()).is_refused());
            clock.advance(window / limit + Duration::from_nanos(1));
        }
    }

    #[test]
    fn looking_tells_what_counting_would_and_uses_nothing_up(
        steps in prop::collection::vec((0_u64..200, 0_u32..4), 1..100),
    ) {
        let (limiter, clock) = (Limiter::new(Quota::new(3, ms(100)).unwrap()), ManualClock::new());
        for (pause, key) in steps {
            clock.advance(ms(pause));
            let looked = limiter.peek(&address(key), clock.now());
            prop_assert_eq!(looked, limiter.peek(&address(key), clock.now()));
            prop_assert_eq!(looked, limiter.check(&address(key), clock.now()));
        }
    }
}

#[test]
fn l1_there_is_no_edge_of_a_window_at_which_twice_the_quota_passes() {
    let (limiter, clock) = (Limiter::new(Quota::per_second(10).unwrap()), ManualClock::new());
    let burst =
        || (0..30).filter(|_| !limiter.check(&address(1), clock.now()).is_refused()).count();
    clock.advance(ms(990));
    assert_eq!(burst(), 10);
    clock.advance(ms(20));
    assert_eq!(burst(), 0);
}

#[test]
fn l4_a_refused_request_uses_nothing_up_so_there_is_nothing_to_take_back() {
    let (limiter, clock) = (Limiter::new(Quota::per_second(1).unwrap()), ManualClock::new());
    assert!(!limiter.check(&address(1), clock.now()).is_refused());
    for _ in 0..9 {
        clock.advance(ms(100));
        assert!(limiter.check(&address(1), clock.now()).is_refused());
    }
    clock.advance(ms(100));
    assert!(!limiter.check(&address(1), clock.now()).is_refused());
}

#[test]
fn l4_nobody_ever_has_more_left_than_the_quota_holds() {
    let (limiter, clock) = (Limiter::new(Quota::per_second(3).unwrap()), ManualClock::new());
    for pause in [0, 0, 10_000, 0, 0, 0, 0, 10_000, 400, 400, 400] {
        clock.advance(ms(pause));
        assert!(limiter.peek_cost(&address(1), clock.now(), 0).remaining <= 3);
        assert!(limiter.check(&address(1), clock.now()).remaining <= 2);
    }
}

#[test]
fn l2_every_key_ends_by_itself_and_its_place_is_free() {
    let clock = ManualClock::new();
    let limiter = Limiter::with_capacity(Quota::per_minute(2).unwrap(), 1_000).unwrap();
    for generation in 0..50_u32 {
        let keys = || (generation * 1_000..(generation + 1) * 1_000).map(address);
        let ask = |key: &Key<'_>| limiter.check(key, clock.now());
        // But for the one in some million that shares its quota with another.
        assert!(keys().filter(|key| ask(key).remaining == 1).count() >= 998, "all of a quota");
        assert!(keys().filter(|key| !ask(key).is_refused()).count() >= 998);
        assert!(keys().all(|key| ask(&key).is_refused()));
        clock.advance(ms(60_000));
        let whole = |key: Key<'_>| limiter.peek(&key, clock.now()).remaining == 1;
        assert!(keys().all(whole), "it is whole again");
    }
    assert!(limiter.keys() <= limiter.bound() / 2);
}

#[test]
fn l2_a_key_that_comes_back_after_days_has_all_of_its_quota() {
    // Times are kept in 40 bits: after 18 minutes of nanoseconds they come round.
    for days in 1..60 {
        let (limiter, clock) = (Limiter::new(Quota::per_second(2).unwrap()), ManualClock::new());
        for _ in 0..2 {
            assert!(!limiter.check(&address(1), clock.now()).is_refused());
        }
        clock.advance(ms(days * 86_400_000 / 7));
        assert_eq!(limiter.peek(&address(1), clock.now()).remaining, 1);
        assert_eq!(limiter.check(&address(1), clock.now()).remaining, 1);
        assert_eq!(limiter.check(&address(1), clock.now()).remaining, 0);
        assert!(limiter.check(&address(1), clock.now()).is_refused());
    }
}

#[test]
fn l8_a_wall_clock_that_steps_back_or_forth_changes_nothing() {
    let (limiter, clock) = (Limiter::new(Quota::per_minute(1).unwrap()), ManualClock::new());
    assert!(!limiter.check(&address(1), clock.now()).is_refused());
    for seconds in [0, 4_000_000_000] {
        clock.step_wall(UNIX_EPOCH + Duration::from_secs(seconds));
        let standing = limiter.check(&address(1), clock.now());
        assert_eq!(standing.retry_after, Some(Duration::from_secs(60)));
    }
}

#[test]
fn l8_a_request_that_is_overtaken_on_its_way_is_judged_by_its_own_arrival() {
    let (limiter, clock) = (Limiter::new(Quota::per_second(1).unwrap()), ManualClock::new());
    let early = SecurityContext::new(clock.now());
    clock.advance(ms(400));
    assert!(!limiter.check(&address(1), clock.now()).is_refused());
    let overtaken = limiter.check(&address(1), early.arrived());
    assert_eq!(overtaken.retry_after, Some(ms(1_000)), "the first to come sets the origin");
    assert!(!limiter.check(&address(2), early.arrived()).is_refused());
}

#[test]
fn l8_a_request_that_is_overtaken_by_minutes_is_not_taken_for_one_of_the_future() {
    // Times are told apart by epochs of 275 s, and all keys of one set are in one.
    let limiter = Limiter::with_capacity(Quota::new(1, ms(10_000)).unwrap(), 1).unwrap();
    let clock = ManualClock::new();
    assert!(!limiter.check(&address(1), clock.now()).is_refused());
    clock.advance(ms(250_000));
    let early = clock.now();
    clock.advance(ms(50_000));
    assert!(!limiter.check(&address(2), clock.now()).is_refused());
    assert!(!limiter.check(&address(3), early).is_refused());
    assert!(limiter.check(&address(3), early).is_refused());
    assert!(!limiter.check(&address(3), clock.now()).is_refused(), "long whole again");
}

#[test]
fn threads_at_one_key_are_admitted_exactly_the_quota_while_the_clock_stands_still() {
    let clock: Clock = ManualClock::new().clock();
    let limiter = Limiter::new(Quota::per_minute(100).unwrap());
    let (admitted, start) = (AtomicUsize::new(0), Barrier::new(8));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                start.wait();
                let passes = |_: &i32| !limiter.check(&address(1), clock.now()).is_refused();
                admitted.fetch_add((0..200).filter(passes).count(), Ordering::Relaxed);
            });
        }
    });
    assert_eq!(admitted.into_inner(), 100);
}

#[test]
fn l8_at_the_end_of_time_a_quota_is_not_exceeded() {
    let (limiter, clock) = (Limiter::new(Quota::per_second(2).unwrap()), ManualClock::new());
    let refused = || limiter.check(&address(1), clock.now()).is_refused();
    assert!(!refused());
    clock.advance(Duration::from_secs(147 * 366 * 24 * 60 * 60));
    assert_eq!([refused(), refused(), refused(), refused()], [false, false, true, true]);
    assert_eq!(limiter.keys(), 1);
}
