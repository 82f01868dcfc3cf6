//! Recording a request: what it costs on the request's own path.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up must fail")]

use std::{
    sync::{Arc, Mutex},
    thread,
};

use criterion::{Criterion, criterion_group, criterion_main};
use palisade::analytics::{Analytics, AnalyticsPolicy, Config, Filter, Record};
use palisade_benches::{ask, decide, gated, request, stored};

fn analytics(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("analytics");
    let analytics = Analytics::start(Config::new()).unwrap();
    let policy = AnalyticsPolicy::new(&analytics);
    group.bench_function("recorded", |bench| {
        decide(bench, &policy, stored(&analytics, || request("/")));
    });
    let without = AnalyticsPolicy::new(&analytics).without_sessions();
    group.bench_function("recorded, without a session", |bench| {
        decide(bench, &without, stored(&analytics, || request("/")));
    });
    group.bench_function("left out", |bench| decide(bench, &policy, || request("/style.css")));
    group.finish();
    analytics.shutdown();
}

fn queue_full(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("analytics");
    let sleeper = Arc::new(Mutex::new(()));
    let asleep = sleeper.lock().unwrap();
    // Until the lock is free, the thread that shows records stores nothing.
    let waits = Arc::clone(&sleeper);
    let observer = Arc::new(move |_: &[Arc<Record>]| drop(waits.lock()));
    let analytics = Analytics::start(Config::new().queue(64).observer(observer)).unwrap();
    let policy = AnalyticsPolicy::new(&analytics);
    let mut service = gated(AnalyticsPolicy::new(&analytics));
    // Once the first record is stored, the thread waits for the lock, and takes nothing more.
    ask(&mut service, request("/"));
    let stored = || analytics.store().summary(&Filter::new()).unwrap().requests;
    while stored() == 0 {
        thread::yield_now();
    }
    while analytics.dropped() == 0 {
        ask(&mut service, request("/"));
    }
    group.bench_function("queue full", |bench| decide(bench, &policy, || request("/")));
    group.finish();
    drop(asleep);
    analytics.shutdown();
}

criterion_group!(benches, analytics, queue_full);
criterion_main!(benches);
