//! Quotas that make sense, and those that do not.

use std::time::Duration;

use palisade_core::{ConfigError, ManualClock};
use palisade_ratelimit::{Limiter, Quota};

use crate::{address, ms};

#[test]
fn the_documented_default_is_one_request_in_50_ms() {
    let quota = Quota::default();
    assert_eq!((quota.limit(), quota.window(), quota.burst()), (1, ms(50), 1));
    assert_eq!(quota, Quota::new(1, ms(50)).unwrap());
}

#[test]
fn a_quota_holds_its_limit_unless_a_burst_is_given() {
    assert_eq!(Quota::per_minute(60).unwrap().burst(), 60);
    assert_eq!(Quota::per_hour(2).unwrap().allow_burst(90).unwrap().burst(), 90);
    assert_eq!(Quota::per_second(2).unwrap().named("search").unwrap().name(), Some("search"));
}

#[test]
fn mistakes_are_told_when_the_quota_is_built() {
    let told = |quota: Result<Quota, ConfigError>| quota.unwrap_err().to_string();
    assert_eq!(
        told(Quota::new(1, Duration::ZERO)),
        "`0ns` is not a valid window of a rate limit: expected more than nothing and at most 366 days"
    );
    assert!(Quota::new(1, Duration::MAX).is_err());
    assert_eq!(
        told(Quota::new(u32::MAX, ms(50))),
        "`4294967295 in 50ms` is not a valid rate limit: expected at most one request in a nanosecond; a longer window or a lower limit"
    );
    assert!(Quota::per_second(1).unwrap().allow_burst(0).is_err());
    assert!(Quota::per_hour(1).unwrap().allow_burst(u32::MAX).is_err());
    for name in ["", "two\nlines", "größe", &"x".repeat(65)] {
        assert!(Quota::default().named(name).is_err(), "{name:?}");
    }
}

#[test]
fn a_capacity_of_nothing_or_of_all_memory_is_a_mistake() {
    assert!(Limiter::with_capacity(Quota::default(), 0).is_err());
    assert!(Limiter::with_capacity(Quota::default(), usize::MAX).is_err());
}

#[test]
fn a_limit_of_0_refuses_everything() {
    let clock = ManualClock::new();
    for quota in [Quota::new(0, ms(50)), Quota::per_hour(0).unwrap().allow_burst(5)] {
        let limiter = Limiter::new(quota.unwrap());
        for _ in 0..3 {
            assert!(limiter.check(&address(1), clock.now()).is_refused());
            clock.advance(Duration::from_secs(86_400));
        }
        assert_eq!(limiter.keys(), 0);
    }
}

#[test]
fn l8_the_extremes_of_limit_window_and_time_neither_panic_nor_wrap() {
    let year = Duration::from_secs(366 * 86_400);
    let second = Duration::from_secs(1);
    for (limit, window) in
        [(u32::MAX, year), (1, year), (1, Duration::from_nanos(1)), (1_000_000_000, second)]
    {
        let clock = ManualClock::new();
        let limiter = Limiter::new(Quota::new(limit, window).unwrap());
        for step in [0, 0, 1, 86_400, 400 * 31_536_000, 10_000 * 31_536_000, u64::MAX] {
            clock.advance(Duration::from_secs(step));
            let standing = limiter.check(&address(1), clock.now());
            assert!(standing.remaining < limit.max(2), "{limit} in {window:?} at +{step} s");
            assert!(standing.reset <= window + second);
        }
    }
}
