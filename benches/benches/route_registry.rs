//! Strict path and route class over 200 routes and one that is literal.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up must fail")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use http::Method;
use palisade::route_registry::{Registry, check_path};

fn registry() -> Registry {
    let mut registry = Registry::builder()
        .public("/api/feed")
        .public("/post/:id.xhtml")
        .public("/user/:id/pages/:slug.email.html");
    for index in 0..198 {
        registry = registry.admin(format!("/api/part-{index}/:id/detail"));
    }
    registry.build().unwrap()
}

fn route_registry(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("route-registry");
    let (registry, method) = (registry(), Method::GET);
    for (name, path) in [
        ("literal", "/api/feed"),
        ("suffix", "/post/17.xhtml"),
        ("deep", "/user/alice/pages/about.email.html"),
        ("one of 198", "/api/part-150/7/detail"),
        ("unmatched", "/nothing/of/this"),
    ] {
        group.bench_function(format!("check and resolve, {name}"), |bench| {
            bench.iter(|| {
                let (method, path) = (black_box(&method), black_box(path));
                (check_path(path).is_ok(), registry.resolve(method, path).access())
            });
        });
    }
    group.finish();
}

criterion_group!(benches, route_registry);
criterion_main!(benches);
