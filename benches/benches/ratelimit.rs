//! The limiter: a hot key, keys at random among many, and a refusal; governor's own keyed limiter beside it.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up must fail")]

use std::{
    cell::LazyCell,
    hint::black_box,
    net::{IpAddr, Ipv4Addr},
    num::NonZeroU32,
    time::Duration,
};

use criterion::{Criterion, criterion_group, criterion_main};
use governor::{DefaultKeyedRateLimiter, RateLimiter};
use palisade::{
    core::{Clock, IpKey, Ipv6Prefix, Moment},
    ratelimit::{Key, Limiter, Quota},
};
use palisade_benches::{draws, most};

const ONE_MILLION: u32 = most(1_000_000);
const TEN_MILLION: u32 = most(10_000_000);

fn address(n: u32) -> IpAddr {
    Ipv4Addr::from(n).into()
}

fn key(n: u32) -> Key<'static> {
    Key::Address(IpKey::new(address(n), Ipv6Prefix::default()))
}

/// A quota that is not used up while it is measured, although every request arrives at the same moment.
fn wide() -> Quota {
    Quota::new(u32::MAX, Duration::from_secs(10)).unwrap()
}

/// A limiter that knows `keys` keys.
fn filled(keys: u32, now: Moment) -> Limiter {
    let limiter = Limiter::with_capacity(wide(), usize::try_from(keys).unwrap()).unwrap();
    for n in 0..keys {
        limiter.check(&key(n), now);
    }
    limiter
}

/// The same of governor. It reads its own clock for every check, as it is meant to be used.
fn peer_filled(keys: u32) -> DefaultKeyedRateLimiter<IpAddr> {
    let quota = governor::Quota::with_period(Duration::from_nanos(1)).unwrap();
    let limiter: DefaultKeyedRateLimiter<IpAddr> =
        RateLimiter::keyed(quota.allow_burst(NonZeroU32::MAX));
    for n in 0..keys {
        limiter.check_key(&address(n)).unwrap();
    }
    limiter
}

fn ratelimit(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ratelimit");
    let now = Clock::system().now();
    let few = filled(1, now);
    group.bench_function("one hot key", |bench| {
        let key = key(0);
        bench.iter(|| few.check(black_box(&key), now).is_refused());
    });
    let some = LazyCell::new(|| filled(most(100_000), now));
    group.bench_function("100 000 keys in turn", |bench| {
        let limiter: &Limiter = &some;
        let mut n: u32 = 0;
        bench.iter(|| {
            n = n.saturating_add(1);
            if n == most(100_000) {
                n = 0;
            }
            limiter.check(&key(n), now).is_refused()
        });
    });
    // Drawn on from sample to sample, so that each finds keys that the one before did not.
    let mut draw = draws();
    let one_million = LazyCell::new(|| filled(ONE_MILLION, now));
    group.bench_function("1 M keys at random", |bench| {
        let limiter: &Limiter = &one_million;
        bench.iter(|| limiter.check(&key(draw(ONE_MILLION)), now).is_refused());
    });
    let ten_million = LazyCell::new(|| filled(TEN_MILLION, now));
    group.bench_function("10 M keys at random", |bench| {
        let limiter: &Limiter = &ten_million;
        bench.iter(|| limiter.check(&key(draw(TEN_MILLION)), now).is_refused());
    });
    let narrow = Limiter::new(Quota::new(1, Duration::from_secs(3600)).unwrap());
    narrow.check(&key(1), now);
    group.bench_function("refused", |bench| {
        let key = key(1);
        bench.iter(|| narrow.check(black_box(&key), now).is_refused());
    });
    group.finish();
}

fn peers(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ratelimit");
    let few = peer_filled(1);
    group.bench_function("peer: governor, one hot key", |bench| {
        let address = address(0);
        bench.iter(|| few.check_key(black_box(&address)).is_ok());
    });
    let mut draw = draws();
    let one_million = LazyCell::new(|| peer_filled(ONE_MILLION));
    group.bench_function("peer: governor, 1 M keys at random", |bench| {
        let limiter: &DefaultKeyedRateLimiter<IpAddr> = &one_million;
        bench.iter(|| limiter.check_key(&address(draw(ONE_MILLION))).is_ok());
    });
    group.finish();
}

criterion_group!(benches, ratelimit, peers);
criterion_main!(benches);
