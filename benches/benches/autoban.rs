//! Bans: a stranger among 10 000 banned, one of them, and counting a violation.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up must fail")]

use std::{hint::black_box, net::Ipv4Addr};

use criterion::{Criterion, criterion_group, criterion_main};
use palisade::{
    autoban::{AutoBan, AutoBanPolicy, BanOrder},
    client_ip::ClientIpPolicy,
    core::{Policies, ViolationKind},
};
use palisade_benches::{context, gated, request, send};
use palisade_test_support::Ask;

fn autoban(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("autoban");
    let bans = AutoBan::builder().build().unwrap();
    for n in 0..10_000_u32 {
        bans.ban_ip(&Ipv4Addr::from(0x0b00_0000 | n).to_string(), BanOrder::by("bench")).unwrap();
    }
    let mut service = gated(ClientIpPolicy::new().then(AutoBanPolicy::new(bans)));
    group.bench_function("stranger among 10 000", |bench| {
        send(bench, &mut service, || request("/"));
    });
    group.bench_function("banned", |bench| {
        send(bench, &mut service, || Ask::get("/").from("11.0.0.7").build());
    });
    let patient = AutoBan::builder().threshold(u32::MAX).build().unwrap();
    let context = context();
    group.bench_function("a violation", |bench| {
        bench.iter(|| patient.report(black_box(&context), ViolationKind::Suspicious));
    });
    group.finish();
}

criterion_group!(benches, autoban);
criterion_main!(benches);
