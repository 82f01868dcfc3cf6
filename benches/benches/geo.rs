//! Where an address is: what the path of a request pays for it.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up must fail")]

use std::{hint::black_box, net::Ipv4Addr, path::Path, thread};

use criterion::{Criterion, criterion_group, criterion_main};
use palisade::{
    core::{BoxFuture, Clock, Locate, Location, Whereabouts},
    geo::{Geo, LocationProvider, MaxmindFile, ProviderError},
};
use palisade_benches::draws;

/// Says the same of every address.
#[derive(Debug)]
struct Germany;

impl LocationProvider for Germany {
    fn ask(&self, _: std::net::IpAddr) -> BoxFuture<Result<Option<Location>, ProviderError>> {
        Box::pin(async { Ok(Some(Location::new().country("DE".parse().unwrap()).city("Köln"))) })
    }
}

/// How many addresses the cache holds.
const KNOWN: u32 = 1_024;

/// The address of this number.
fn address(number: u32) -> Ipv4Addr {
    Ipv4Addr::from_bits(0x2000_0000_u32.wrapping_add(number))
}

fn cached(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("geo");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_time()
        .build()
        .unwrap();
    let geo = {
        let _inside = runtime.enter();
        Geo::builder().provider(Germany).calls_per_minute(6_000).build().unwrap()
    };
    for number in 0..KNOWN {
        while geo.locate(address(number).into()) == Whereabouts::NotYet {
            thread::yield_now();
        }
    }
    let mut draw = draws();
    group.bench_function("cached", |bench| {
        bench.iter(|| geo.locate(black_box(address(draw(KNOWN)).into())));
    });
    // The budget is used up, or will be: what a flood of new addresses costs each request.
    let mut next = KNOWN;
    group.bench_function("unknown, beyond the budget", |bench| {
        bench.iter(|| {
            next = next.wrapping_add(1) & 0x07ff_ffff;
            geo.locate(black_box(address(next).into()))
        });
    });
    group.finish();
}

fn database(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("geo");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/geo/tests/data");
    let folder = std::env::temp_dir();
    let file = MaxmindFile::open(path.join("GeoIP2-City-Test.mmdb"), folder, Clock::system());
    let geo = Geo::builder().database(file.unwrap()).build().unwrap();
    let known = "81.2.69.142".parse().unwrap();
    assert!(matches!(geo.locate(known), Whereabouts::At(_)));
    group.bench_function("database, IPv4", |bench| bench.iter(|| geo.locate(black_box(known))));
    let known = "2001:218::1".parse().unwrap();
    group.bench_function("database, IPv6", |bench| bench.iter(|| geo.locate(black_box(known))));
    let nowhere = "8.8.8.8".parse().unwrap();
    group
        .bench_function("database, nowhere", |bench| bench.iter(|| geo.locate(black_box(nowhere))));
    group.finish();
}

criterion_group!(benches, cached, database);
criterion_main!(benches);
