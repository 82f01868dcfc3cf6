//! A list of 100 000 networks: a stranger, and one who is on it.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up must fail")]

use std::{hint::black_box, net::Ipv4Addr};

use criterion::{Criterion, criterion_group, criterion_main};
use palisade::{blocklist::Blocklist, core::Clock};

fn blocklist(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("blocklist");
    let entries: Vec<String> = (0..100_000_u32)
        .map(|n| format!("\"{}/28\"", Ipv4Addr::from(0x0b00_0000 | (n << 5))))
        .collect();
    let list =
        Blocklist::parse(format!("{{\"blockedIPs\": [{}]}}", entries.join(",")), "bench").unwrap();
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

criterion_group!(benches, blocklist);
criterion_main!(benches);
