//! The client's address: straight from the socket, and through two trusted proxies.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up must fail")]

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use http::HeaderValue;
use palisade::client_ip::{ClientIpPolicy, Trust};
use palisade_benches::{ask, gated, request};

fn client_ip(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("client-ip");
    group.bench_function("peer", |bench| {
        let mut service = gated(ClientIpPolicy::new());
        bench.iter_batched(
            || request("/"),
            |request| ask(&mut service, request),
            BatchSize::SmallInput,
        );
    });
    group.bench_function("x-forwarded-for through two proxies", |bench| {
        let trust = Trust::networks(["192.0.2.0/24", "10.0.0.0/8"]).unwrap();
        let mut service = gated(ClientIpPolicy::new().trust(trust));
        let forwarded = || {
            let mut request = request("/");
            request
                .headers_mut()
                .insert("x-forwarded-for", HeaderValue::from_static("203.0.113.9, 10.1.2.3"));
            request
        };
        bench.iter_batched(forwarded, |request| ask(&mut service, request), BatchSize::SmallInput);
    });
    group.finish();
}

criterion_group!(benches, client_ip);
criterion_main!(benches);
