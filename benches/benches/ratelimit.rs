//! The limiter: a hot key, keys at random among many, refusals, and new keys at the bound; governor's own keyed limiter beside
//! it. Ten million keys are filled in check by check, and what must hold of them is asserted.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up must fail")]

use std::{
    cell::LazyCell,
    fs,
    hint::black_box,
    net::{IpAddr, Ipv4Addr},
    num::NonZeroU32,
    ops::Range,
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

/// A quota that one request uses up for as long as it is measured.
fn narrow() -> Quota {
    Quota::new(1, Duration::from_secs(3600)).unwrap()
}

/// A limiter that knows `keys` keys.
fn filled(keys: u32, now: Moment) -> Limiter {
    filled_with(wide(), keys, now)
}

fn filled_with(quota: Quota, keys: u32, now: Moment) -> Limiter {
    let limiter = Limiter::with_capacity(quota, usize::try_from(keys).unwrap()).unwrap();
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
    drop((one_million, ten_million));
    let refusing = Limiter::new(narrow());
    refusing.check(&key(1), now);
    group.bench_function("refused", |bench| {
        let key = key(1);
        bench.iter(|| refusing.check(black_box(&key), now).is_refused());
    });
    group.finish();
}

/// Fewer keys, refusals among many, and new keys where there is room for none.
fn ratelimit_at_sizes(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ratelimit");
    let (now, mut draw) = (Clock::system().now(), draws());
    let one_thousand = LazyCell::new(|| filled(1_000, now));
    group.bench_function("1 k keys at random", |bench| {
        let limiter: &Limiter = &one_thousand;
        bench.iter(|| limiter.check(&key(draw(1_000)), now).is_refused());
    });
    let refusing = LazyCell::new(|| filled_with(narrow(), ONE_MILLION, now));
    group.bench_function("refused, 1 M keys at random", |bench| {
        let limiter: &Limiter = &refusing;
        bench.iter(|| limiter.check(&key(draw(ONE_MILLION)), now).is_refused());
    });
    let full = LazyCell::new(|| {
        let limiter = filled(ONE_MILLION, now);
        for n in ONE_MILLION..most(3_000_000) {
            limiter.check(&key(n), now);
        }
        limiter
    });
    let mut new = most(3_000_000);
    group.bench_function("a new key each time, at the bound of 1 M", |bench| {
        let limiter: &Limiter = &full;
        bench.iter(|| {
            new = new.wrapping_add(1);
            limiter.check(&key(new), now).is_refused()
        });
    });
    group.finish();
}

/// Ten million addresses, each of which uses up its quota, and as many again for which there is no room.
#[expect(clippy::print_stderr, reason = "what criterion has no form for")]
fn ten_million_once(_criterion: &mut Criterion) {
    let (clock, before) = (Clock::system(), resident());
    let limiter = Limiter::with_capacity(narrow(), usize::try_from(TEN_MILLION).unwrap()).unwrap();
    let now = clock.now();
    let each = |keys: Range<u32>| {
        let mut longest = Duration::ZERO;
        let mut admitted = 0_u32;
        for n in keys {
            let started = clock.now();
            admitted =
                admitted.saturating_add(u32::from(!limiter.check(&key(n), now).is_refused()));
            longest = longest.max(clock.since(started));
        }
        (longest, admitted)
    };
    let idle = (0..TEN_MILLION).map(|_| clock.since(clock.now())).max().unwrap_or_default();
    let (filling, admitted) = each(0..TEN_MILLION);
    assert!(admitted > TEN_MILLION - 100, "nearly all had a quota of their own: {admitted}");
    let bytes = resident().saturating_sub(before).div_ceil(u64::from(TEN_MILLION));
    let (beyond, _) = each(TEN_MILLION..2 * TEN_MILLION);
    let (again, freed) = each(0..TEN_MILLION);
    assert_eq!(freed, 0, "no key that is being refused is set free");
    assert!(bytes <= 32 || cfg!(debug_assertions), "{bytes} bytes a key");
    eprintln!(
        "ratelimit: {TEN_MILLION} keys take {bytes} bytes each; longest check {filling:?} while they come, {beyond:?} while as \
         many again do, {again:?} of a refusal; {idle:?} of nothing at all, which is the machine's"
    );
}

/// The memory of this process, in bytes.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    let kib: u64 = line.trim().trim_end_matches(" kB").parse().unwrap_or_default();
    kib.saturating_mul(1024)
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

criterion_group!(benches, ten_million_once, ratelimit, ratelimit_at_sizes, peers);
criterion_main!(benches);
