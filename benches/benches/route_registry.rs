//! Strict path and route class over 200 routes and one that is literal; the matcher of axum beside it.
//!
//! The peer matches alone: it checks no path, knows no class and no method, and has no suffixes behind parameters.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up must fail")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use http::Method;
use matchit::Router;
use palisade::route_registry::{Registry, RegistryBuilder, check_path};

const PATHS: [(&str, &str); 5] = [
    ("literal", "/api/feed"),
    ("suffix", "/post/17.xhtml"),
    ("deep", "/user/alice/pages/about.email.html"),
    ("one of 198", "/api/part-150/7/detail"),
    ("unmatched", "/nothing/of/this"),
];

/// The patterns of 198 routes.
fn parts() -> impl Iterator<Item = String> {
    (0..198).map(|index| format!("/api/part-{index}/{{id}}/detail"))
}

fn registry() -> Registry {
    let registry = Registry::builder()
        .public("/api/feed")
        .public("/post/{id}.xhtml")
        .public("/user/{id}/pages/{slug}.email.html");
    parts().fold(registry, RegistryBuilder::admin).build().unwrap()
}

fn peer() -> Router<bool> {
    let mut router = Router::new();
    for public in ["/api/feed", "/post/{id}", "/user/{id}/pages/{slug}"] {
        router.insert(public, true).unwrap();
    }
    for part in parts() {
        router.insert(part, false).unwrap();
    }
    router
}

fn route_registry(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("route-registry");
    let (registry, peer, method) = (registry(), peer(), Method::GET);
    for (name, path) in PATHS {
        group.bench_function(format!("check and resolve, {name}"), |bench| {
            bench.iter(|| {
                let (method, path) = (black_box(&method), black_box(path));
                (check_path(path).is_ok(), registry.resolve(method, path).access())
            });
        });
        group.bench_function(format!("peer: matchit, {name}"), |bench| {
            bench.iter(|| peer.at(black_box(path)).map(|found| *found.value).ok());
        });
    }
    group.finish();
}

criterion_group!(benches, route_registry);
criterion_main!(benches);
