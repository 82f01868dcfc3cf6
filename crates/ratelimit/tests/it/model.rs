//! The limiter against naive models: in exact arithmetic, and at the bound a list of keys that is searched from end to end.

use std::{
    sync::{
        Barrier,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::Duration,
};

use palisade_core::ManualClock;
use palisade_ratelimit::{Limiter, Quota, Standing};
use proptest::prelude::*;

use crate::{address, ms};

/// What the smallest table has room for: one set.
const ROOM: usize = 7;

/// One quota, in whole ticks of `tick` nanoseconds.
#[derive(Clone, Copy, Debug)]
struct Exact {
    tick: u128,
    interval: u128,
    burst: u128,
}

/// What is expected: the requests that are left, the time until whole, and the wait, in nanoseconds.
type Expected = (u128, u128, Option<u128>);

impl Exact {
    /// The smallest power of two of nanoseconds of which the whole quota is worth at most 2^34; the interval rounded up.
    fn of(limit: u32, window: Duration, burst: u32) -> Self {
        let mut tick = 1;
        loop {
            let interval = window.as_nanos().div_ceil(u128::from(limit) * tick);
            if interval * u128::from(burst) <= 1 << 34 {
                return Self { tick, interval, burst: burst.into() };
            }
            tick *= 2;
        }
    }

    /// Decides about a request at `now`, in nanoseconds. `whole_at` is in ticks.
    fn decide(self, whole_at: &mut u128, now: u128, cost: u32) -> Expected {
        let (now, full) = (now / self.tick, self.interval * self.burst);
        let debt = whole_at.saturating_sub(now);
        let charge = self.interval * u128::from(cost).min(self.burst);
        if debt + charge > full {
            return (0, debt * self.tick, Some((debt + charge - full) * self.tick));
        }
        if charge > 0 {
            *whole_at = now + debt + charge;
        }
        ((full - debt - charge) / self.interval, (debt + charge) * self.tick, None)
    }
}

fn told(standing: Standing) -> Expected {
    let Standing { remaining, reset, retry_after, .. } = standing;
    (remaining.into(), reset.as_nanos(), retry_after.map(|wait| wait.as_nanos()))
}

/// Quotas of nanoseconds and of months, with bursts of their own.
fn quotas() -> impl Strategy<Value = (u32, Duration, u32)> {
    let windows =
        prop_oneof![1_u64..1_000_000, 1_u64..100_000_000_000, 1_u64..2_000_000_000_000_000];
    let limits = prop_oneof![1_u32..20, 1_u32..100_000];
    let bursts = prop_oneof![1_u32..5, 1_u32..100_000];
    (limits, windows, bursts).prop_filter_map(
        "a rate that is too high",
        |(limit, window, burst)| {
            let window = Duration::from_nanos(window);
            let quota = Quota::new(limit, window).and_then(|quota| quota.allow_burst(burst));
            quota.is_ok().then_some((limit, window, burst))
        },
    )
}

/// Pauses, also some over which times in 40 bits come round.
fn pauses() -> impl Strategy<Value = u64> {
    prop_oneof![
        8 => 0_u64..1_000_000,
        4 => 0_u64..20_000_000_000,
        1 => (0_u64..9, 0_u64..3).prop_map(|(epochs, more)| (epochs << 38) + more),
        1 => 0_u64..10_000_000_000_000,
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn below_the_bound_every_key_is_answered_in_exact_arithmetic(
        (limit, window, burst) in quotas(),
        steps in prop::collection::vec((pauses(), 0_u32..12, 0_u32..7), 1..200),
    ) {
        let exact = Exact::of(limit, window, burst);
        let quota = Quota::new(limit, window).unwrap().allow_burst(burst).unwrap();
        let (limiter, clock) = (Limiter::with_capacity(quota, 1_000).unwrap(), ManualClock::new());
        let (mut states, mut now) = ([0_u128; 12], None);
        for (pause, key, cost) in steps {
            clock.advance(Duration::from_nanos(pause));
            // Ticks are counted from the first request on.
            let now = *now.insert(now.map_or(0, |before| before + u128::from(pause)));
            let state = states.get_mut(usize::try_from(key).unwrap()).unwrap();
            let looked = limiter.peek_cost(&address(key), clock.now(), cost);
            let counted = limiter.check_cost(&address(key), clock.now(), cost);
            prop_assert_eq!(looked, counted);
            prop_assert_eq!(told(counted), exact.decide(state, now, cost), "{:?}", exact);
        }
    }
}

struct Model {
    exact: Exact,
    states: Vec<(u32, u128)>,
    newcomers: u128,
}

impl Model {
    /// `None` where two keys are equally good to drop: the store may drop either.
    fn check(&mut self, key: u32, now: u128) -> Option<Expected> {
        let Exact { interval, burst, .. } = self.exact;
        if !self.states.iter().any(|(other, _)| *other == key) {
            if self.states.len() == ROOM {
                self.states.retain(|(_, whole_at)| *whole_at > now);
            }
            if self.states.len() == ROOM {
                let closest = self.states.iter().map(|(_, whole_at)| *whole_at).min()?;
                if closest > now + interval * (burst - 1) {
                    return Some(self.exact.decide(&mut self.newcomers, now, 1));
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
        Some(self.exact.decide(&mut state.1, now, 1))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn at_the_bound_and_beyond_it_the_store_answers_as_the_model_does(
        burst in 1_u32..5,
        steps in prop::collection::vec((0_u64..4_000, 0_u32..12), 1..200),
    ) {
        let window = Duration::from_nanos(10_007 * u64::from(burst));
        let limiter = Limiter::with_capacity(Quota::new(burst, window).unwrap(), 1).unwrap();
        let exact = Exact::of(burst, window, burst);
        let mut model = Model { exact, states: Vec::new(), newcomers: 0 };
        let (clock, mut now) = (ManualClock::new(), 0);
        for (pause, key) in steps {
            clock.advance(Duration::from_nanos(pause));
            now += u128::from(pause);
            let Some(expected) = model.check(key, now) else { break };
            prop_assert_eq!(told(limiter.check(&address(key), clock.now())), expected);
            prop_assert!(limiter.keys() <= ROOM);
        }
    }
}

#[test]
fn threads_at_many_keys_are_admitted_exactly_what_each_quota_holds_and_what_came_back() {
    const KEYS: u32 = 40;
    let (limiter, clock) = (Limiter::new(Quota::per_second(10).unwrap()), ManualClock::new());
    let admitted: Vec<AtomicU32> = (0..KEYS).map(|_| AtomicU32::new(0)).collect();
    let turn = Barrier::new(4);
    thread::scope(|scope| {
        for thread in 0..4_u32 {
            let (limiter, clock, admitted, turn) = (&limiter, &clock, &admitted, &turn);
            scope.spawn(move || {
                for round in 0..20 {
                    turn.wait();
                    for step in 0..KEYS * 30 {
                        // Each thread in an order of its own.
                        let key = (step * (2 * thread + 1) + round) % KEYS;
                        if !limiter.check(&address(key), clock.now()).is_refused() {
                            let count = admitted.get(usize::try_from(key).unwrap()).unwrap();
                            count.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                    // What comes back in 0.3 s: three.
                    if turn.wait().is_leader() {
                        clock.advance(ms(300));
                    }
                }
            });
        }
    });
    for count in admitted {
        assert_eq!(count.into_inner(), 10 + 19 * 3);
    }
}

#[test]
fn threads_with_new_keys_at_the_bound_never_free_one_that_is_being_refused() {
    let limiter = Limiter::with_capacity(Quota::per_hour(2).unwrap(), 200).unwrap();
    let clock = ManualClock::new();
    let over: Vec<u32> = (0..40).collect();
    for key in &over {
        for _ in 0..2 {
            assert!(!limiter.check(&address(*key), clock.now()).is_refused());
        }
    }
    thread::scope(|scope| {
        for thread in 0..4_u32 {
            let (limiter, clock, over) = (&limiter, &clock, &over);
            scope.spawn(move || {
                for number in 0..5_000 {
                    let _new =
                        limiter.check(&address(1_000 + thread * 10_000 + number), clock.now());
                    let known = over.get(usize::try_from(number % 40).unwrap()).unwrap();
                    assert!(limiter.check(&address(*known), clock.now()).is_refused());
                }
            });
        }
    });
}
