//! Recording a request: what it costs on the request's own path.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up must fail")]

use std::{
    pin::pin,
    sync::{Arc, Mutex},
    task::{Context, Wake, Waker},
    thread,
};

use criterion::{Criterion, criterion_group, criterion_main};
use palisade::analytics::{Analytics, AnalyticsPolicy, Config, Filter};
use palisade_benches::{ask, decide, gated, request, stored};

/// A reader who wakes only when the lock is free. Until then the thread that wakes him stores nothing.
struct DeepSleeper(Mutex<()>);

impl Wake for DeepSleeper {
    fn wake(self: Arc<Self>) {
        drop(self.0.lock());
    }
}

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
    let analytics = Analytics::start(Config::new().queue(64)).unwrap();
    let policy = AnalyticsPolicy::new(&analytics);
    let mut service = gated(AnalyticsPolicy::new(&analytics));
    let reader = Arc::new(DeepSleeper(Mutex::new(())));
    let asleep = reader.0.lock().unwrap();
    let mut live = analytics.subscribe().unwrap();
    let mut next = pin!(live.next());
    let waker = Waker::from(Arc::clone(&reader));
    assert!(next.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    // Once the first record is stored, the thread waits for the reader, and takes nothing more.
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
