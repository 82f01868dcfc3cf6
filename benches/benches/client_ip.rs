//! The client's address: straight from the socket, and through two trusted proxies.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up must fail")]

use criterion::{Criterion, criterion_group, criterion_main};
use http::HeaderValue;
use palisade::client_ip::{ClientIpPolicy, Trust};
use palisade_benches::{gated, request, send};

fn client_ip(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("client-ip");
    let mut direct = gated(ClientIpPolicy::new());
    group.bench_function("peer", |bench| send(bench, &mut direct, || request("/")));
    let trust = Trust::networks(["192.0.2.0/24", "10.0.0.0/8"]).unwrap();
    let mut behind = gated(ClientIpPolicy::new().trust(trust));
    let forwarded = || {
        let mut request = request("/");
        request
            .headers_mut()
            .insert("x-forwarded-for", HeaderValue::from_static("203.0.113.9, 10.1.2.3"));
        request
    };
    group.bench_function("x-forwarded-for through two proxies", |bench| {
        send(bench, &mut behind, forwarded);
    });
    group.finish();
}

criterion_group!(benches, client_ip);
criterion_main!(benches);
