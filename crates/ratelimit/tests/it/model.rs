//! The bounded store against a naive model: a list of keys that is searched from end to end.

use std::time::Duration;

use palisade_core::ManualClock;
use palisade_ratelimit::{Limiter, Quota, Standing};
use proptest::prelude::*;

use crate::address;

/// In nanoseconds.
struct Model {
    interval: u64,
    burst: u64,
    room: usize,
    states: Vec<(u32, u64)>,
    newcomers: u64,
}

impl Model {
    /// The remaining requests, the time until whole and the wait. `None` where two keys are equally good to drop: the
    /// store may drop either.
    fn check(&mut self, key: u32, now: u64) -> Option<(u64, u64, Option<u64>)> {
        let tolerance = self.interval * (self.burst - 1);
        if !self.states.iter().any(|(other, _)| *other == key) {
            if self.states.len() == self.room {
                self.states.retain(|(_, whole_at)| *whole_at > now);
            }
            if self.states.len() == self.room {
                let closest = self.states.iter().map(|(_, whole_at)| *whole_at).min()?;
                if closest > now + tolerance {
                    return Some(decide(&mut self.newcomers, self.interval, self.burst, now));
                }
                let before = self.states.len();
                self.states.retain(|(_, whole_at)| *whole_at != closest);
                if before - self.states.len() > 1 {
                    return None;
                }
            }
            self.states.push((key, 0));
        }
        let state = self.states.iter_mut().find(|(other, _)| *other == key)?;
        Some(decide(&mut state.1, self.interval, self.burst, now))
    }
}

fn decide(whole_at: &mut u64, interval: u64, burst: u64, now: u64) -> (u64, u64, Option<u64>) {
    let debt = whole_at.saturating_sub(now);
    if debt > interval * (burst - 1) {
        return (0, debt, Some(debt - interval * (burst - 1)));
    }
    *whole_at = now + debt + interval;
    (burst - (debt + interval).div_ceil(interval), debt + interval, None)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn the_store_answers_as_the_model_does_below_at_and_beyond_its_bound(
        room in 1_usize..8,
        burst in 1_u32..5,
        steps in prop::collection::vec((0_u64..4_000, 0_u32..12), 1..200),
    ) {
        let interval = 10_007;
        let window = Duration::from_nanos(interval * u64::from(burst));
        let limiter = Limiter::with_capacity(Quota::new(burst, window).unwrap(), room).unwrap();
        let mut model =
            Model { interval, burst: burst.into(), room, states: Vec::new(), newcomers: 0 };
        let (clock, mut now) = (ManualClock::new(), 0);
        for (pause, key) in steps {
            clock.advance(Duration::from_nanos(pause));
            now += pause;
            let Some(expected) = model.check(key, now) else { break };
            let Standing { remaining, reset, retry_after, .. } =
                limiter.check(&address(key), clock.now());
            let nanos = |time: Duration| u64::try_from(time.as_nanos()).unwrap();
            prop_assert_eq!((u64::from(remaining), nanos(reset), retry_after.map(nanos)), expected);
            prop_assert!(limiter.keys() <= room);
        }
    }
}
