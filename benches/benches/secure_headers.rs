//! The documented headers with a nonce.

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use palisade::secure_headers::{CspNonce, SecureHeadersPolicy};
use palisade_benches::{ask, gated, request};

fn secure_headers(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("secure-headers");
    group.bench_function("a nonce", |bench| bench.iter(CspNonce::random));
    for (name, policy) in
        [("polymech", SecureHeadersPolicy::polymech()), ("api", SecureHeadersPolicy::api())]
    {
        let mut service = gated(policy);
        group.bench_function(name, |bench| {
            bench.iter_batched(
                || request("/"),
                |request| ask(&mut service, request),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, secure_headers);
criterion_main!(benches);
