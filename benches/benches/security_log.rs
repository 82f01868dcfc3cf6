//! The security log: what a refusal costs whom nobody listens to, what it costs to be folded away, and to be written.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up must fail")]

use std::{hint::black_box, io};

use criterion::{Criterion, criterion_group, criterion_main};
use palisade::{
    core::SECURITY_TARGET,
    security_log::{LogGuard, SecurityLog},
};
use palisade_benches::{Refuses, gated, request, send};
use tracing_subscriber::layer::SubscriberExt;

/// Nobody reads the log.
fn unheard(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("analytics");
    let mut service = gated(Refuses);
    group.bench_function("security event under flood", |bench| {
        send(bench, &mut service, || request("/"));
    });
    group.finish();
}

/// The log of the whole process from here on.
fn listen() -> LogGuard {
    let (log, guard) = SecurityLog::builder().stream(io::sink()).start().unwrap();
    let subscriber = tracing_subscriber::registry().with(log.layer());
    tracing::subscriber::set_global_default(subscriber).unwrap();
    guard
}

/// What a gate says, and nothing else.
fn say(client_ip: &str) {
    tracing::warn!(
        target: SECURITY_TARGET,
        event = "rate-limit.exceeded",
        code = "quota-exceeded",
        policy = "rate-limit",
        status = 429_u16,
        enforced = true,
        client_ip,
        method = "GET",
        path = "/api/feed",
        "refused"
    );
}

fn heard(criterion: &mut Criterion) {
    let guard = listen();
    let mut group = criterion.benchmark_group("security-log");
    group.bench_function("an event that is folded", |bench| {
        bench.iter(|| say(black_box("203.0.113.9")));
    });
    let mut number = 0_u32;
    // Of one name there are so many lines in a minute that these are beyond them.
    group.bench_function("an event of another client each time", |bench| {
        bench.iter(|| {
            number = number.wrapping_add(1);
            say(&format!("client-{number}"));
        });
    });
    group.bench_function("an event that is written", |bench| {
        bench.iter(|| {
            tracing::info!(target: SECURITY_TARGET, event = "admin.action", action = "ban.ip", user_id = "alice", on = "203.0.113.9", "an admin acted");
        });
    });
    let mut service = gated(Refuses);
    group.bench_function("a refusal that is folded: the whole gate", |bench| {
        send(bench, &mut service, || request("/"));
    });
    group.finish();
    drop(guard);
}

criterion_group!(benches, unheard, heard);
criterion_main!(benches);
