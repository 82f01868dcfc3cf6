//! A list of networks: members, strangers, neighbours, and a reload; a trie beside it.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up must fail")]

use std::{
    cell::LazyCell,
    fmt::Display,
    hint::black_box,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant, SystemTime},
};

use criterion::{Criterion, criterion_group, criterion_main};
use ipnet::{Ipv4Net, Ipv6Net};
use palisade::{
    blocklist::{Blocklist, SharedBlocklist},
    core::Clock,
};
use palisade_benches::{draws, most};
use prefix_trie::PrefixMap;

const ONE_MILLION: u32 = most(1_000_000);
/// Addresses that are looked up: the first half are members, and nearly all others are strangers.
const LOOKED_UP: u32 = ONE_MILLION.saturating_mul(2);

/// Number `n` of a sequence without order (splitmix64).
fn scattered(n: u32) -> u64 {
    let bits = u64::from(n).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// Anywhere.
fn v4_address(n: u32) -> Ipv4Addr {
    Ipv4Addr::from_bits(u32::try_from(scattered(n) >> 32).unwrap_or_default())
}

/// In 64 blocks of /16, as registries give them out.
fn v6_address(n: u32) -> Ipv6Addr {
    let bits = (u128::from(scattered(n)) << 64) | u128::from(scattered(!n));
    Ipv6Addr::from_bits((bits & (u128::MAX >> 10)) | (0x2400_u128 << 112))
}

/// The network around an address: a half of them are single addresses.
fn v4_network(n: u32) -> Ipv4Net {
    let prefix = match n & 3 {
        0 => 24,
        1 => 28,
        _ => 32,
    };
    Ipv4Net::new(v4_address(n), prefix).unwrap().trunc()
}

fn v6_network(n: u32) -> Ipv6Net {
    let prefix = match n & 3 {
        0 => 48,
        1 => 56,
        2 => 64,
        _ => 128,
    };
    Ipv6Net::new(v6_address(n), prefix).unwrap().trunc()
}

fn json(networks: impl Iterator<Item = impl Display>) -> String {
    let entries: Vec<String> = networks.map(|network| format!("\"{network}\"")).collect();
    format!("{{\"blockedIPs\": [{}]}}", entries.join(","))
}

fn hundred_thousand(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("blocklist");
    let network = |n: u32| format!("{}/28", Ipv4Addr::from(0x0b00_0000 | (n << 5)));
    let list = Blocklist::parse(json((0..100_000_u32).map(network)), "bench").unwrap();
    let now = Clock::system().now().wall();
    for (name, address) in
        [("stranger", "192.0.2.1"), ("member", "11.0.32.5"), ("neighbour", "11.0.32.17")]
    {
        let address = address.parse().unwrap();
        group.bench_function(format!("lookup among 100 000, {name}"), |bench| {
            bench.iter(|| list.blocked_ip(black_box(address), now).is_some());
        });
    }
    group.finish();
}

fn one_million(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("blocklist");
    let now = Clock::system().now().wall();
    // Drawn on from sample to sample, so that each asks for addresses that the one before did not.
    let mut draw = draws();
    let text = LazyCell::new(|| json((0..ONE_MILLION).map(v4_network)));
    let v4 = LazyCell::new(|| Blocklist::parse(text.as_bytes(), "bench").unwrap());
    group.bench_function("lookup among 1 M, IPv4", |bench| {
        let list: &Blocklist = &v4;
        bench.iter(|| list.blocked_ip(v4_address(draw(LOOKED_UP)).into(), now).is_some());
    });
    let v6 = LazyCell::new(|| {
        Blocklist::parse(json((0..ONE_MILLION).map(v6_network)), "bench").unwrap()
    });
    group.bench_function("lookup among 1 M, IPv6", |bench| {
        let list: &Blocklist = &v6;
        bench.iter(|| list.blocked_ip(v6_address(draw(LOOKED_UP)).into(), now).is_some());
    });
    let trie = LazyCell::new(|| {
        let mut trie: PrefixMap<Ipv4Net, u32> = PrefixMap::new();
        for n in 0..ONE_MILLION {
            trie.insert(v4_network(n), n);
        }
        trie
    });
    group.bench_function("peer: prefix-trie, 1 M, IPv4", |bench| {
        let trie: &PrefixMap<Ipv4Net, u32> = &trie;
        bench.iter(|| {
            let address = Ipv4Net::from(v4_address(draw(LOOKED_UP)));
            trie.get_lpm(&address).map(|(network, _)| network)
        });
    });
    drop(trie);
    let trie = LazyCell::new(|| {
        let mut trie: PrefixMap<Ipv6Net, u32> = PrefixMap::new();
        for n in 0..ONE_MILLION {
            trie.insert(v6_network(n), n);
        }
        trie
    });
    group.bench_function("peer: prefix-trie, 1 M, IPv6", |bench| {
        let trie: &PrefixMap<Ipv6Net, u32> = &trie;
        bench.iter(|| {
            let address = Ipv6Net::from(v6_address(draw(LOOKED_UP)));
            trie.get_lpm(&address).map(|(network, _)| network)
        });
    });
    group.finish();
}

fn reload(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("blocklist");
    let text = LazyCell::new(|| json((0..ONE_MILLION).map(v4_network)));
    // A tenth of a second each: ten are enough.
    group.sample_size(10);
    group.bench_function("reload 1 M from JSON", |bench| {
        let text: &str = &text;
        let shared = SharedBlocklist::default();
        bench.iter(|| shared.replace(Blocklist::parse(black_box(text), "bench").unwrap()));
    });
    let plain = LazyCell::new(|| {
        let lines: Vec<String> = (0..ONE_MILLION).map(|n| format!("{}\n", v4_network(n))).collect();
        lines.concat()
    });
    group.bench_function("reload 1 M from a plain list", |bench| {
        let text: &str = &plain;
        let shared = SharedBlocklist::default();
        bench.iter(|| shared.replace(Blocklist::parse_plain(black_box(text), "bench").unwrap()));
    });
    group.finish();
}

/// Lists that a person writes, beside the million.
fn small(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("blocklist");
    let now = Clock::system().now().wall();
    for (name, count) in [("1", 1), ("1 k", 1_000)] {
        let v4 = Blocklist::parse(json((0..count).map(v4_network)), "bench").unwrap();
        let mut draw = draws();
        group.bench_function(format!("lookup among {name}, IPv4"), |bench| {
            bench.iter(|| {
                v4.blocked_ip(v4_address(draw(count.saturating_mul(2))).into(), now).is_some()
            });
        });
        let v6 = Blocklist::parse(json((0..count).map(v6_network)), "bench").unwrap();
        group.bench_function(format!("lookup among {name}, IPv6"), |bench| {
            bench.iter(|| {
                v6.blocked_ip(v6_address(draw(count.saturating_mul(2))).into(), now).is_some()
            });
        });
    }
    group.finish();
}

/// The slowest of many lookups, with and without a reload that runs all the time. The machine interrupts us as well: the
/// difference is what a reload costs a request.
fn during_reload(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("blocklist");
    group.sample_size(10).measurement_time(Duration::from_secs(5));
    let text = LazyCell::new(|| json((0..ONE_MILLION).map(v4_network)));
    let now = Clock::system().now().wall();
    group.bench_function("slowest of 20 000 lookups, at rest", |bench| {
        let shared = SharedBlocklist::new(Blocklist::parse(text.as_bytes(), "bench").unwrap());
        bench.iter_custom(|times| (0..times).map(|_| slowest(&shared, now)).sum());
    });
    group.bench_function("slowest of 20 000 lookups, during reloads of 1 M", |bench| {
        let text: &str = &text;
        let shared = SharedBlocklist::new(Blocklist::parse(text, "bench").unwrap());
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    shared.replace(Blocklist::parse(text, "bench").unwrap());
                }
            });
            bench.iter_custom(|times| (0..times).map(|_| slowest(&shared, now)).sum());
            stop.store(true, Ordering::Relaxed);
        });
    });
    group.finish();
}

/// The time of the slowest of 20 000 lookups, each of which takes the list in force anew, as a request does.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn slowest(shared: &SharedBlocklist, now: SystemTime) -> Duration {
    let mut draw = draws();
    let time = |_| {
        let address = IpAddr::V4(v4_address(draw(LOOKED_UP)));
        let begun = Instant::now();
        black_box(shared.list().blocked_ip(address, now).is_some());
        begun.elapsed()
    };
    (0..20_000).map(time).max().unwrap_or_default()
}

criterion_group!(benches, small, hundred_thousand, one_million, reload, during_reload);
criterion_main!(benches);
