//! Recording a request: what it costs on the request's own path.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up must fail")]

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use palisade::{
    analytics::{Analytics, AnalyticsPolicy, Config},
    client_ip::ClientIpPolicy,
    core::Policies,
};
use palisade_benches::{ask, gated, request};

fn analytics(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("analytics");
    let analytics = Analytics::start(Config::new()).unwrap();
    let mut service = gated(ClientIpPolicy::new().then(AnalyticsPolicy::new(&analytics)));
    group.bench_function("recorded", |bench| {
        bench.iter_batched(
            || request("/"),
            |request| ask(&mut service, request),
            BatchSize::SmallInput,
        );
    });
    group.bench_function("left out", |bench| {
        bench.iter_batched(
            || request("/style.css"),
            |request| ask(&mut service, request),
            BatchSize::SmallInput,
        );
    });
    group.finish();
    analytics.shutdown();
}

criterion_group!(benches, analytics);
criterion_main!(benches);
