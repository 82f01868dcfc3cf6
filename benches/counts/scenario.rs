//! What is counted: one request, in front of the same 13 bytes, with and without the stack.

use std::{convert::Infallible, time::Duration};

use axum::routing::get;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response};
use http_body_util::Full;
use palisade::{
    Stack, StackLayer,
    analytics::{Analytics, AnalyticsPolicy, Config},
    authn_jwt::{OptionalAuth, Verifier},
    autoban::{AutoBan, BanOrder},
    blocklist::{Blocklist, SharedBlocklist},
    client_ip::ClientIpPolicy,
    core::{Clock, PeerAddr, RouteTag},
    ratelimit::{Quota, RateLimitPolicy, Scope},
    route_registry::Registry,
};
use palisade_authn_jwt::mint::DevIssuer;
use tower_layer::Layer;
use tower_service::Service;

use crate::drive::{Drive, connect};

/// A case to count.
pub(crate) struct Scenario {
    /// Its name in tables and in the baseline.
    pub(crate) name: &'static str,
    /// What it is compared with.
    pub(crate) beyond: Option<&'static str>,
    /// The most instructions and allocations it may cost beyond that.
    pub(crate) bar: Option<(u64, u64)>,
    /// How its answers must begin.
    pub(crate) status: &'static str,
    pub(crate) make: fn() -> Box<dyn Drive>,
}

pub(crate) const SCENARIOS: [Scenario; 7] = [
    Scenario { name: "hyper", beyond: None, bar: None, status: "200", make: hyper_bare },
    Scenario {
        name: "hyper + the same headers",
        beyond: Some("hyper"),
        bar: None,
        status: "200",
        make: hyper_headers,
    },
    Scenario {
        name: "hyper + stack, admitted",
        beyond: Some("hyper"),
        bar: Some((12_500, 14)),
        status: "200",
        make: admitted,
    },
    Scenario {
        name: "hyper + stack, 429",
        beyond: Some("hyper"),
        bar: Some((3_500, 14)),
        status: "429",
        make: limited,
    },
    Scenario {
        name: "hyper + stack, 403",
        beyond: Some("hyper"),
        bar: Some((1_200, 14)),
        status: "403",
        make: banned,
    },
    Scenario { name: "axum", beyond: None, bar: None, status: "200", make: axum_bare },
    Scenario {
        name: "axum + stack, admitted",
        beyond: Some("axum"),
        bar: Some((12_500, 14)),
        status: "200",
        make: axum_admitted,
    },
];

/// A test key.
const SECRET: &[u8] = b"a test secret of thirty-two bytes or more";

/// 13 bytes.
#[derive(Clone, Default)]
struct Hello {
    headers: Vec<(HeaderName, HeaderValue)>,
}

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
        let mut answer = Response::new(Full::new(Bytes::from_static(b"Hello, world!")));
        if !self.headers.is_empty() {
            answer.headers_mut().reserve(self.headers.len() + 2);
            for (name, value) in &self.headers {
                answer.headers_mut().append(name, value.clone());
            }
        }
        std::future::ready(Ok(answer))
    }
}

/// Says whose the connection is, as a server does.
#[derive(Clone)]
struct Named<S> {
    inner: S,
    peer: PeerAddr,
}

impl<S: Service<Request<B>>, B> Service<Request<B>> for Named<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(
        &mut self,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        request.extensions_mut().insert(self.peer);
        self.inner.call(request)
    }
}

fn named<S>(inner: S, address: [u8; 4]) -> Named<S> {
    Named { inner, peer: PeerAddr((address, 4711).into()) }
}

fn request() -> Bytes {
    let life = Duration::from_secs(3600);
    let token = issuer().token("alice", &["user"], life, Clock::system().now().wall()).unwrap();
    format!(
        "GET /api/feed HTTP/1.1\r\nHost: 127.0.0.1:3000\r\nAuthorization: Bearer {token}\r\n\r\n"
    )
    .into()
}

fn issuer() -> DevIssuer {
    DevIssuer::hs256(SECRET).unwrap()
}

/// All that the document asks for; 198.51.100.2 is banned.
fn stack(quota: Quota) -> StackLayer {
    let routes = Registry::builder()
        .public("/")
        .public("/post/{id}")
        .public("/api/feed")
        .admin("/api/admin/{*rest}")
        .tag_prefix("/api/", RouteTag::API)
        .build()
        .unwrap();
    let auth = OptionalAuth::new(Verifier::new(issuer().issuer()).unwrap());
    let analytics = Analytics::start(Config::new()).unwrap();
    let list = Blocklist::parse(r#"{"blockedIPs": ["198.51.100.1"]}"#, "counts").unwrap();
    let auto_ban = AutoBan::builder().threshold(u32::MAX).build().unwrap();
    auto_ban.ban_ip("198.51.100.2", BanOrder::by("counts")).unwrap();
    let limits =
        RateLimitPolicy::builder().global(Scope::Tagged(RouteTag::API), quota).build().unwrap();
    let stack = Stack::new(routes, auth)
        .client_ip(ClientIpPolicy::new())
        .blocklist(SharedBlocklist::new(list))
        .auto_ban(auto_ban)
        .analytics(AnalyticsPolicy::new(&analytics))
        .rate_limit(limits);
    // The thread of the analytics lives as long as the process.
    std::mem::forget(analytics);
    palisade::stack(stack)
}

fn generous() -> Quota {
    Quota::new(1_000_000, Duration::from_secs(1)).unwrap()
}

fn hyper_bare() -> Box<dyn Drive> {
    connect(named(Hello::default(), [192, 0, 2, 1]), request())
}

fn admitted() -> Box<dyn Drive> {
    connect(named(stack(generous()).layer(Hello::default()), [192, 0, 2, 1]), request())
}

fn limited() -> Box<dyn Drive> {
    let quota = Quota::new(1, Duration::from_secs(3600)).unwrap();
    connect(named(stack(quota).layer(Hello::default()), [192, 0, 2, 1]), request())
}

fn banned() -> Box<dyn Drive> {
    connect(named(stack(generous()).layer(Hello::default()), [198, 51, 100, 2]), request())
}

fn axum_app() -> axum::Router {
    axum::Router::new().route("/api/feed", get(async || "Hello, world!"))
}

fn axum_bare() -> Box<dyn Drive> {
    connect(named(axum_app(), [192, 0, 2, 1]), request())
}

fn axum_admitted() -> Box<dyn Drive> {
    connect(named(axum_app().layer(stack(generous())), [192, 0, 2, 1]), request())
}

/// What the stack's answers carry, and nothing else: the price of the headers alone.
fn hyper_headers() -> Box<dyn Drive> {
    let mut sample = admitted();
    sample.drive(2);
    let head = sample.last();
    let headers = head
        .lines()
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_once(": "))
        .filter(|(name, _)| !matches!(*name, "date" | "content-length"))
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
        .collect();
    connect(named(Hello { headers }, [192, 0, 2, 1]), request())
}
