//! The whole stack over a trivial service: admitted with a cached token, anonymous, and refused by three layers.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up must fail")]

use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use http::Request;
use palisade::{
    Stack, StackLayer,
    analytics::{Analytics, AnalyticsPolicy, Config},
    authn_jwt::{OptionalAuth, Verifier},
    autoban::AutoBan,
    blocklist::{Blocklist, SharedBlocklist},
    core::{Clock, RouteTag},
    ratelimit::{Quota, RateLimitPolicy, Scope},
    route_registry::Registry,
    secure_headers::SecureHeadersPolicy,
};
use palisade_authn_jwt::mint::DevIssuer;
use palisade_benches::{bare, over_tls, request, send, stored};
use palisade_test_support::{Ask, Body};
use tower_layer::Layer;

/// All that the document asks for; 198.51.100.1 is blocked.
fn layers(issuer: &DevIssuer, analytics: &Analytics) -> StackLayer {
    let routes = Registry::builder()
        .public("/")
        .public("/api/feed")
        .admin("/api/admin/bans")
        .tag_prefix("/api/", RouteTag::API);
    let auth = OptionalAuth::new(Verifier::new(issuer.issuer()).unwrap());
    let list = Blocklist::parse("{\"blockedIPs\": [\"198.51.100.1\"]}", "bench").unwrap();
    let quota = Quota::new(1_000_000, Duration::from_millis(1)).unwrap();
    let limits = RateLimitPolicy::builder().global(Scope::Tagged(RouteTag::API), quota);
    let stack = Stack::new(routes.build().unwrap(), auth)
        .headers(over_tls(SecureHeadersPolicy::polymech(), 31_536_000))
        .blocklist(SharedBlocklist::new(list))
        .auto_ban(AutoBan::builder().threshold(u32::MAX).build().unwrap())
        .analytics(AnalyticsPolicy::new(analytics))
        .rate_limit(limits.build().unwrap());
    palisade::stack(stack)
}

fn stack(criterion: &mut Criterion) {
    let issuer = DevIssuer::hs256(b"a test secret of thirty-two bytes or more").unwrap();
    let analytics = Analytics::start(Config::new()).unwrap();
    let mut service = layers(&issuer, &analytics).layer(bare());
    let token = issuer
        .token("alice", &["admin"], Duration::from_secs(3600), Clock::system().now().wall())
        .unwrap();

    let mut group = criterion.benchmark_group("stack");
    group.bench_function("no stack", |bench| {
        send(bench, &mut bare(), || request("/api/feed"));
    });
    let mut case = |name: &str, new: &dyn Fn() -> Request<Body>| {
        group.bench_function(name, |bench| send(bench, &mut service, stored(&analytics, new)));
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
