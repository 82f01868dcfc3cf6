//! The whole stack over a trivial service: admitted with a cached token, anonymous, and refused by three layers.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up must fail")]

use std::{convert::Infallible, time::Duration};

use bytes::Bytes;
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use http::{Request, Response};
use http_body_util::Full;
use palisade::{
    Stack,
    analytics::{Analytics, AnalyticsPolicy, Config},
    authn_jwt::{OptionalAuth, Verifier},
    autoban::AutoBan,
    blocklist::{Blocklist, SharedBlocklist},
    core::{Clock, RouteTag},
    ratelimit::{Quota, RateLimitPolicy, Scope},
    route_registry::Registry,
};
use palisade_authn_jwt::mint::DevIssuer;
use palisade_benches::{ask, bare, request};
use palisade_test_support::{Ask, Body};
use tower_layer::Layer;
use tower_service::Service;

/// 13 bytes, like the service that servers are compared with.
#[derive(Clone)]
struct Hello;

impl<B> Service<Request<B>> for Hello {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(
        &mut self,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), Infallible>> {
        std::task::Poll::Ready(Ok(()))
    }
    fn call(&mut self, _: Request<B>) -> Self::Future {
        std::future::ready(Ok(Response::new(Full::from("Hello, world!"))))
    }
}

fn stack(criterion: &mut Criterion) {
    let routes = Registry::builder()
        .public("/")
        .public("/api/feed")
        .admin("/api/admin/bans")
        .tag_prefix("/api/", RouteTag::API);
    let issuer = DevIssuer::hs256(b"a test secret of thirty-two bytes or more").unwrap();
    let auth = OptionalAuth::new(Verifier::new(issuer.issuer()).unwrap());
    let analytics = Analytics::start(Config::new()).unwrap();
    let list = Blocklist::parse("{\"blockedIPs\": [\"198.51.100.1\"]}", "bench").unwrap();
    let stack = Stack::new(routes.build().unwrap(), auth)
        .blocklist(SharedBlocklist::new(list))
        .auto_ban(AutoBan::builder().threshold(u32::MAX).build().unwrap())
        .analytics(AnalyticsPolicy::new(&analytics))
        .rate_limit(
            RateLimitPolicy::builder()
                .global(
                    Scope::Tagged(RouteTag::API),
                    Quota::new(1_000_000, Duration::from_millis(1)).unwrap(),
                )
                .build()
                .unwrap(),
        );
    let mut service = palisade::stack(stack).layer(Hello);
    let token = issuer
        .token("alice", &["admin"], Duration::from_secs(3600), Clock::system().now().wall())
        .unwrap();

    let mut group = criterion.benchmark_group("stack");
    let mut echo = bare();
    group.bench_function("no stack", |bench| {
        bench.iter_batched(
            || request("/api/feed"),
            |request| ask(&mut echo, request),
            BatchSize::SmallInput,
        );
    });
    let mut case = |name: &str, new: &dyn Fn() -> Request<Body>| {
        group.bench_function(name, |bench| {
            bench.iter_batched(new, |request| ask(&mut service, request), BatchSize::SmallInput);
        });
    };
    case("admitted, cached token", &|| Ask::get("/api/feed").bearer(&token).build());
    case("admitted, anonymous", &|| request("/api/feed"));
    case("refused, blocked address", &|| Ask::get("/").from("198.51.100.1").build());
    case("refused, no token", &|| request("/api/admin/bans"));
    case("refused, ambiguous path", &|| request("/a//b"));
    group.finish();
    analytics.shutdown();
}

criterion_group!(benches, stack);
criterion_main!(benches);
