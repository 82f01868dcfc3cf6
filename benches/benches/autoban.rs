//! Bans: a stranger among 10 000 banned, one of them, counting a violation, and all of that where there are many.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up must fail")]

use std::{
    hint::black_box,
    net::{IpAddr, Ipv4Addr},
};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use palisade::{
    autoban::{AutoBan, AutoBanPolicy, BanOrder, Signatures, SuspiciousPolicy},
    client_ip::ClientIpPolicy,
    core::{
        ClientIp, ClientIpSource, Clock, Ipv6Prefix, ManualClock, Policies, Policy,
        SecurityContext, ViolationKind,
    },
};
use palisade_benches::{context, gated, request, send};
use palisade_test_support::{Ask, head};

/// The first of the banned addresses: they follow each other.
const BANNED: u32 = 0x0b00_0000;

fn bans(count: u32) -> AutoBan {
    // A million bans fit into the file that the bound is made for, if each is as short as can be.
    let bans = AutoBan::builder().clock(ManualClock::new().clock()).build().unwrap();
    for n in 0..count {
        bans.ban_ip(&Ipv4Addr::from(BANNED | n).to_string(), BanOrder::by("b")).unwrap();
    }
    bans
}

/// The context of a client nobody saw before.
fn stranger(number: &mut u32, clock: &Clock) -> SecurityContext {
    *number = number.wrapping_add(1);
    let context = SecurityContext::new(clock.now());
    let addr = IpAddr::V4(Ipv4Addr::from(number.wrapping_mul(0x9e37_79b1)));
    context.learn_client_ip(ClientIp::new(addr, ClientIpSource::Peer, Ipv6Prefix::default()));
    context
}

fn autoban(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("autoban");
    let mut service = gated(ClientIpPolicy::new().then(AutoBanPolicy::new(bans(10_000))));
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

/// The policy alone, without a gate.
fn lookups(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("autoban");
    let clock = Clock::system();
    for (count, name) in [(1, "1"), (1000, "1 000"), (1_000_000, "1 000 000")] {
        let policy = AutoBanPolicy::new(bans(count));
        let mut head = head("/");
        let mut number = 0_u32;
        group.bench_function(format!("check of a stranger among {name}"), |bench| {
            bench.iter_batched_ref(
                || stranger(&mut number, &clock),
                |context| policy.check(&mut head, context),
                BatchSize::SmallInput,
            );
        });
        let mut number = 0_u32;
        let mut banned = || {
            number = number.wrapping_add(7919).checked_rem(count).unwrap_or(0);
            let context = SecurityContext::new(clock.now());
            let addr = IpAddr::V4(Ipv4Addr::from(BANNED | number));
            let client = ClientIp::new(addr, ClientIpSource::Peer, Ipv6Prefix::default());
            context.learn_client_ip(client);
            context
        };
        group.bench_function(format!("check of one banned among {name}"), |bench| {
            bench.iter_batched_ref(
                &mut banned,
                |context| policy.check(&mut head, context),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

/// Violations by a new address each time. At the bound somebody is forgotten for each.
fn flood(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("autoban");
    let clock = Clock::system();
    let mut number = 0_u32;
    for (keys, name) in [
        (20_000_000, "a violation by a new address"),
        (100_000, "a violation by a new address at the bound"),
    ] {
        let auto_ban = AutoBan::builder().max_keys(keys).build().unwrap();
        let at_the_bound = keys == 100_000;
        for _ in 0..if at_the_bound { keys } else { 0 } {
            auto_ban.report(&stranger(&mut number, &clock), ViolationKind::Suspicious);
        }
        group.bench_function(name, |bench| {
            bench.iter_batched_ref(
                || stranger(&mut number, &clock),
                |context| auto_ban.report(context, ViolationKind::Suspicious),
                BatchSize::SmallInput,
            );
        });
    }
    // Ten samples at least are ten million addresses: the last million must cost what the first did.
    let auto_ban = AutoBan::builder().build().unwrap();
    group.sample_size(10).throughput(Throughput::Elements(1_000_000));
    group.bench_function("a million violations by new addresses", |bench| {
        bench.iter(|| {
            for _ in 0..1_000_000 {
                auto_ban.report(&stranger(&mut number, &clock), ViolationKind::Suspicious);
            }
        });
    });
    group.finish();
}

fn suspicious(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("autoban");
    let auto_ban = AutoBan::builder().threshold(u32::MAX).build().unwrap();
    let policy = SuspiciousPolicy::new(auto_ban, Signatures::documented()).unwrap();
    let context = context();
    for (name, target) in [
        ("an ordinary request looked at", "/api/posts/4711?lang=en&page=2".to_owned()),
        ("one with an encoded query looked at", "/search?q=rock+%26+roll+%C3%A4".to_owned()),
        ("one of 16 KiB looked at", format!("/{0}?{0}", "a%20".repeat(2048))),
    ] {
        let mut head = head(&target);
        group.bench_function(name, |bench| bench.iter(|| policy.check(&mut head, &context)));
    }
    group.finish();
}

criterion_group!(benches, autoban, lookups, flood, suspicious);
criterion_main!(benches);
