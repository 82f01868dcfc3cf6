//! Recording a request, and a refusal in the security log: what they cost on the request's own path.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up must fail")]

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use criterion::{BatchSize, Bencher, Criterion, criterion_group, criterion_main};
use http::{Request, Response};
use palisade::{
    analytics::{Analytics, AnalyticsPolicy, Config, Record},
    core::{Policy, Tail},
};
use palisade_benches::{Refuses, context, gated, request, send, stored};
use palisade_test_support::Body;

/// Measures what recording takes of a request: on the way in, on the way out, and at its end.
fn record(
    bench: &mut Bencher<'_>,
    policy: &AnalyticsPolicy,
    mut new: impl FnMut() -> Request<Body>,
) {
    let made = || {
        let (head, _) = new().into_parts();
        let context = context();
        let tail = Tail::follow(context.clone());
        (head, context, tail, Response::new(()).into_parts().0)
    };
    let recorded =
        |(mut head, context, mut tail, mut answer): (_, _, Tail, http::response::Parts)| {
            let verdict = policy.check(&mut head, &context);
            policy.finish(&context, &mut answer);
            tail.answered(answer.status, Some(0));
            drop(tail);
            (head, context, answer, verdict)
        };
    bench.iter_batched(made, recorded, BatchSize::NumIterations(64));
}

fn analytics(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("analytics");
    let analytics = Analytics::start(Config::new()).unwrap();
    let policy = AnalyticsPolicy::new(&analytics);
    group.bench_function("recorded", |bench| {
        record(bench, &policy, stored(&analytics, || request("/")));
    });
    let without = AnalyticsPolicy::new(&analytics).without_sessions();
    group.bench_function("recorded, without a session", |bench| {
        record(bench, &without, stored(&analytics, || request("/")));
    });
    group.bench_function("left out", |bench| record(bench, &policy, || request("/style.css")));
    group.finish();
    analytics.shutdown();
}

fn queue_full(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("analytics");
    // Once the first record is stored, the thread waits for this lock, and takes nothing more.
    let (lock, hanging) = (Arc::new(Mutex::new(())), Arc::new(AtomicBool::new(false)));
    let guard = lock.lock().unwrap();
    let (waits, says) = (Arc::clone(&lock), Arc::clone(&hanging));
    let observer = move |_: &[Arc<Record>]| {
        says.store(true, Ordering::SeqCst);
        drop(waits.lock().unwrap_or_else(PoisonError::into_inner));
    };
    let config = Config::new().queue(64).observer(Arc::new(observer));
    let analytics = Analytics::start(config).unwrap();
    let policy = AnalyticsPolicy::new(&analytics);
    let ask = || {
        let (mut head, _) = request("/").into_parts();
        let context = context();
        let tail = Tail::follow(context.clone());
        drop(policy.check(&mut head, &context));
        policy.finish(&context, &mut Response::new(()).into_parts().0);
        drop(tail);
    };
    ask();
    while !hanging.load(Ordering::SeqCst) {
        thread::yield_now();
    }
    while analytics.dropped() == 0 {
        ask();
    }
    group.bench_function("queue full", |bench| record(bench, &policy, || request("/")));
    group.finish();
    drop(guard);
    analytics.shutdown();
}

/// Nobody reads the log.
fn security_log(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("analytics");
    let mut service = gated(Refuses);
    group.bench_function("security event under flood", |bench| {
        send(bench, &mut service, || request("/"));
    });
    group.finish();
}

criterion_group!(benches, analytics, queue_full, security_log);
criterion_main!(benches);
