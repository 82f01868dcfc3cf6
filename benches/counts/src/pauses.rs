//! The longest that anybody waits: for a limiter that fills and overflows, for a list while it is loaded again.

use std::{
    net::Ipv4Addr,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use palisade::{
    blocklist::{Blocklist, SharedBlocklist},
    core::{Clock, IpKey, Ipv6Prefix},
    ratelimit::{Key, Limiter},
};

use crate::ours::generous;

/// Runs that are compared: what the machine did in between meets another check in each, what the limiter did the same.
const RUNS: usize = 4;

/// So long lookups are timed, with and without a reload.
const WATCHED: Duration = Duration::from_secs(4);

/// The longest check in nanoseconds among 12 million new keys in a limiter for 10 million: first it fills, then it is at
/// its bound.
pub(crate) fn of_limiter() -> f64 {
    let mut shortest = vec![u32::MAX; 12_000_000];
    for _ in 0..RUNS {
        let limiter = Limiter::with_capacity(generous(), 10_000_000).unwrap();
        let clock = Clock::system();
        for (number, shortest) in (0_u32..).zip(&mut shortest) {
            let address = Ipv4Addr::from_bits(number.wrapping_mul(2_654_435_769)).into();
            let key = Key::Address(IpKey::new(address, Ipv6Prefix::default()));
            let now = clock.now();
            let begun = Instant::now();
            limiter.check(&key, now);
            let nanos = u32::try_from(begun.elapsed().as_nanos()).unwrap_or(u32::MAX);
            *shortest = nanos.min(*shortest);
        }
    }
    let longest = shortest.into_iter().max().unwrap_or_default();
    f64::from(longest)
}

/// The time in nanoseconds within which all but one of 100 000 lookups are answered: while nothing else happens, and
/// while a list of a million networks is loaded again and again beside them.
pub(crate) fn of_reload(text: &str) -> [f64; 2] {
    let shared = SharedBlocklist::new(Blocklist::parse(text, "counts").unwrap());
    let quiet = lookups(&shared);
    let stop = AtomicBool::new(false);
    let loud = thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                shared.replace(Blocklist::parse(text, "counts").unwrap());
            }
        });
        let loud = lookups(&shared);
        stop.store(true, Ordering::Relaxed);
        loud
    });
    [quiet, loud]
}

fn lookups(shared: &SharedBlocklist) -> f64 {
    let now = Clock::system().now().wall();
    let mut times = Vec::new();
    let begun = Instant::now();
    let mut number = 0_u32;
    while begun.elapsed() < WATCHED {
        number = number.wrapping_add(2_654_435_769);
        let address = Ipv4Addr::from_bits(number).into();
        let asked = Instant::now();
        let found = shared.list().blocked_ip(address, now).is_some();
        let nanos = asked.elapsed().as_nanos();
        std::hint::black_box(found);
        times.push(u32::try_from(nanos).unwrap_or(u32::MAX));
    }
    times.sort_unstable();
    let place = times.len() - times.len() / 100_000 - 1;
    f64::from(times[place])
}
