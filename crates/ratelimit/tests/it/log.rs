//! What the security log says of a store that does not answer: that it begins and that it ends, not every request.

use std::{
    future::ready,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use palisade_core::{ManualClock, Moment};
use palisade_ratelimit::{
    Charge, Charged, Outage, Quota, RateLimitPolicy, Scope, SharedStore, Standing,
};
use palisade_test_support::SecurityLog;

use crate::{from, ms, status};

#[derive(Debug, Default)]
struct Broken(AtomicBool);

impl SharedStore for Broken {
    fn charge(&self, charges: &[Charge<'_>], _arrived: Moment) -> Charged {
        if self.0.load(Ordering::Relaxed) {
            return Charged::Now(Err(Outage::new("connection-refused")));
        }
        let said = Ok(charges.iter().map(|_| Standing::admitted(1, ms(1))).collect());
        Charged::Later(Box::pin(ready(said)))
    }
}

/// A request for each element, at a store that fails those that are true, with so much time between two. For each line of
/// the log, whether it tells of a beginning.
fn lines(requests: impl Iterator<Item = bool>, pause: u64) -> Vec<bool> {
    let (log, store, clock) = (SecurityLog::start(), Arc::<Broken>::default(), ManualClock::new());
    let policy = RateLimitPolicy::builder()
        .global(Scope::Everything, Quota::per_hour(1_000).unwrap())
        .shared(Arc::<Broken>::clone(&store))
        .build()
        .unwrap();
    for broken in requests {
        store.0.store(broken, Ordering::Relaxed);
        assert_eq!(status(&policy, &from("192.0.2.1", &clock)), 200);
        clock.advance(ms(pause));
    }
    let told = |line: &String| {
        let degraded = line.starts_with("ERROR ") && line.contains("event=\"rate-limit.degraded\"");
        let recovered =
            line.starts_with("WARN ") && line.contains("event=\"rate-limit.recovered\"");
        assert!(degraded != recovered, "{line}");
        assert!(recovered || line.contains("reason=\"connection-refused\""), "{line}");
        degraded
    };
    log.lines().iter().map(told).collect()
}

#[test]
fn l3_an_outage_is_logged_when_it_begins_and_when_it_ends() {
    let phases = [false, true, false, true];
    let requests = phases.into_iter().flat_map(|broken| [broken; 20]);
    assert_eq!(lines(requests, 400), [true, false, true]);
}

#[test]
fn l3_a_store_of_which_every_other_call_fails_has_one_outage_and_not_a_hundred() {
    assert_eq!(lines((0..200).map(|number| number % 2 == 0), 5), [true]);
}
