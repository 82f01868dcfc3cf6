//! The documented headers and the strict ones, with a nonce and without; as many headers without one, by another layer,
//! beside them.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up must fail")]

use axum_helmet::{
    ContentSecurityPolicy, Helmet, HelmetLayer, ReferrerPolicy, StrictTransportSecurity,
    XContentTypeOptions, XFrameOptions, XXSSProtection,
};
use criterion::{Criterion, criterion_group, criterion_main};
use palisade::secure_headers::{CspNonce, Directive, HeaderSet, SecureHeadersPolicy};
use palisade_benches::{bare, decide, gated, over_tls, request, send};
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

/// As many headers, and a policy that is the same on every answer.
fn without_nonce(headers: SecureHeadersPolicy) -> SecureHeadersPolicy {
    let changed = headers.change(|headers| {
        headers
            .change_csp(|csp| csp.directive(Directive::ScriptSrc, ["'self'", "cdn.jsdelivr.net"]))
    });
    changed.unwrap()
}

fn secure_headers(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("secure-headers");
    group.bench_function("a nonce", |bench| bench.iter(CspNonce::random));
    let documented = || over_tls(SecureHeadersPolicy::polymech(), 31_536_000);
    let strict = || over_tls(SecureHeadersPolicy::strict(), 63_072_000);
    let mut alone = |name, policy: SecureHeadersPolicy| {
        group.bench_function(name, |bench| decide(bench, &policy, || request("/")));
    };
    alone("documented headers with a nonce", documented());
    alone("documented headers without a nonce", without_nonce(documented()));
    alone("strict headers with a nonce", strict());
    alone(
        "strict headers without a nonce",
        over_tls(SecureHeadersPolicy::new(HeaderSet::strict_static()), 63_072_000),
    );
    group.bench_function("no headers", |bench| send(bench, &mut bare(), || request("/")));
    let api = over_tls(SecureHeadersPolicy::api(), 31_536_000);
    for (name, policy) in [("polymech", documented()), ("strict", strict()), ("api", api)] {
        let mut service = gated(policy);
        group.bench_function(name, |bench| send(bench, &mut service, || request("/")));
    }
    let mut peer = helmet().layer(bare());
    group.bench_function("peer: axum-helmet", |bench| send(bench, &mut peer, || request("/")));
    group.finish();
}

criterion_group!(benches, secure_headers);
criterion_main!(benches);
