//! The limiter: one hot key, 100 000 keys in turn, and a refusal.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up must fail")]

use std::{hint::black_box, net::Ipv4Addr, time::Duration};

use criterion::{Criterion, criterion_group, criterion_main};
use palisade::{
    core::{Clock, IpKey, Ipv6Prefix},
    ratelimit::{Key, Limiter, Quota},
};

fn key(n: u32) -> Key<'static> {
    Key::Address(IpKey::new(Ipv4Addr::from(n).into(), Ipv6Prefix::default()))
}

fn ratelimit(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ratelimit");
    let now = Clock::system().now();
    let wide =
        Limiter::with_capacity(Quota::new(1_000_000, Duration::from_millis(1)).unwrap(), 200_000)
            .unwrap();
    group.bench_function("one hot key", |bench| {
        let key = key(1);
        bench.iter(|| wide.check(black_box(&key), now).is_refused());
    });
    group.bench_function("100 000 keys in turn", |bench| {
        let mut n: u32 = 0;
        bench.iter(|| {
            n = if n == 100_000 { 0 } else { n.saturating_add(1) };
            wide.check(black_box(&key(n)), now).is_refused()
        });
    });
    let narrow = Limiter::new(Quota::new(1, Duration::from_secs(3600)).unwrap());
    group.bench_function("refused", |bench| {
        let key = key(1);
        bench.iter(|| narrow.check(black_box(&key), now).is_refused());
    });
    group.finish();
}

criterion_group!(benches, ratelimit);
criterion_main!(benches);
