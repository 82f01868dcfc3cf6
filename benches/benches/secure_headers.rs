//! The documented headers with a nonce; as many headers without one, by another layer, beside them.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up must fail")]

use axum_helmet::{
    ContentSecurityPolicy, Helmet, HelmetLayer, ReferrerPolicy, StrictTransportSecurity,
    XContentTypeOptions, XFrameOptions, XXSSProtection,
};
use criterion::{Criterion, criterion_group, criterion_main};
use palisade::secure_headers::{CspNonce, SecureHeadersPolicy};
use palisade_benches::{bare, decide, gated, request, send};
use tower_layer::Layer;

/// Six headers, made once.
fn helmet() -> HelmetLayer {
    let csp = ContentSecurityPolicy::new()
        .default_src(vec!["'self'"])
        .script_src(vec!["'self'", "cdn.jsdelivr.net"])
        .style_src(vec!["'self'", "'unsafe-inline'", "fonts.googleapis.com", "cdn.jsdelivr.net"])
        .font_src(vec!["'self'", "fonts.gstatic.com", "cdn.jsdelivr.net", "fonts.scalar.com"])
        .img_src(vec!["'self'", "data:", "blob:", "*.supabase.co", "*.polymech.info"])
        .frame_ancestors(vec!["'self'"])
        .object_src(vec!["'none'"])
        .base_uri(vec!["'self'"]);
    Helmet::new()
        .add(csp)
        .add(StrictTransportSecurity::new().max_age(31_536_000).include_sub_domains())
        .add(XFrameOptions::same_origin())
        .add(XContentTypeOptions::nosniff())
        .add(XXSSProtection::off())
        .add(ReferrerPolicy::strict_origin_when_cross_origin())
        .into_layer()
        .unwrap()
}

fn secure_headers(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("secure-headers");
    group.bench_function("a nonce", |bench| bench.iter(CspNonce::random));
    let documented = SecureHeadersPolicy::polymech();
    group.bench_function("documented headers with a nonce", |bench| {
        decide(bench, &documented, || request("/"));
    });
    group.bench_function("no headers", |bench| send(bench, &mut bare(), || request("/")));
    for (name, policy) in
        [("polymech", SecureHeadersPolicy::polymech()), ("api", SecureHeadersPolicy::api())]
    {
        let mut service = gated(policy);
        group.bench_function(name, |bench| send(bench, &mut service, || request("/")));
    }
    let mut peer = helmet().layer(bare());
    group.bench_function("peer: axum-helmet", |bench| send(bench, &mut peer, || request("/")));
    group.finish();
}

criterion_group!(benches, secure_headers);
criterion_main!(benches);
