//! Our stack as it is measured, and the request that comes to it.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use palisade::{
    Stack, StackLayer,
    analytics::{Analytics, AnalyticsPolicy, Config},
    authn_jwt::{OptionalAuth, Verifier},
    autoban::{AutoBan, BanOrder, Signatures, SuspiciousPolicy},
    blocklist::{Blocklist, SharedBlocklist},
    client_ip::ClientIpPolicy,
    core::{Clock, RouteTag},
    ratelimit::{Quota, RateLimitPolicy, Scope},
    route_registry::Registry,
    secure_headers::{Hsts, HstsWhen, SecureHeadersPolicy},
};
use palisade_authn_jwt::mint::DevIssuer;

use crate::{
    connection::InMemory,
    server::{self, Host},
};

/// A test key.
pub(crate) const SECRET: &[u8] = b"a test secret of thirty-two bytes or more";

/// What a client sends.
pub(crate) fn request(user: &str) -> Bytes {
    let token = token(user);
    format!(
        "GET /api/feed HTTP/1.1\r\nHost: 127.0.0.1:3000\r\nAuthorization: Bearer {token}\r\n\r\n"
    )
    .into()
}

/// The token of a user.
pub(crate) fn token(user: &str) -> String {
    let life = Duration::from_secs(3600);
    issuer().token(user, &["user"], life, Clock::system().now().wall()).unwrap()
}

fn issuer() -> DevIssuer {
    DevIssuer::hs256(SECRET).unwrap()
}

pub(crate) fn routes() -> Registry {
    Registry::builder()
        .public("/")
        .public("/post/{id}")
        .public("/api/feed")
        .admin("/api/admin/{*rest}")
        .tag_prefix("/api/", RouteTag::API)
        .build()
        .unwrap()
}

pub(crate) fn auth() -> OptionalAuth {
    OptionalAuth::new(Verifier::new(issuer().issuer()).unwrap())
}

pub(crate) fn blocklist() -> SharedBlocklist {
    let list = r#"{"blockedIPs": ["198.51.100.1"]}"#;
    SharedBlocklist::new(Blocklist::parse(list, "counts").unwrap())
}

/// 198.51.100.2 is banned.
pub(crate) fn auto_ban() -> AutoBan {
    let auto_ban = AutoBan::builder().threshold(u32::MAX).build().unwrap();
    auto_ban.ban_ip("198.51.100.2", BanOrder::by("counts")).unwrap();
    auto_ban
}

pub(crate) fn analytics() -> AnalyticsPolicy {
    let analytics = Analytics::start(Config::new()).unwrap();
    let policy = AnalyticsPolicy::new(&analytics);
    // The thread of the analytics lives as long as the process.
    std::mem::forget(analytics);
    policy
}

pub(crate) fn rate_limit(quota: Quota) -> RateLimitPolicy {
    RateLimitPolicy::builder().global(Scope::Tagged(RouteTag::API), quota).build().unwrap()
}

/// The documented headers.
pub(crate) fn documented() -> SecureHeadersPolicy {
    over_tls(SecureHeadersPolicy::polymech(), 31_536_000)
}

/// The same headers as over TLS, for what is measured without it.
pub(crate) fn over_tls(headers: SecureHeadersPolicy, max_age: u64) -> SecureHeadersPolicy {
    let hsts = Hsts::including_subdomains(Duration::from_secs(max_age)).when(HstsWhen::Always);
    headers.change(|headers| Ok(headers.hsts(hsts))).unwrap()
}

/// All that the document asks for.
pub(crate) fn stack(quota: Quota, clock: &Clock) -> StackLayer {
    let auto_ban = auto_ban();
    let stack = Stack::new(routes(), auth())
        .clock(clock.clone())
        .headers(documented())
        .client_ip(ClientIpPolicy::new())
        .blocklist(blocklist())
        .auto_ban(auto_ban.clone())
        .suspicious(SuspiciousPolicy::new(auto_ban, Signatures::documented()).unwrap())
        .analytics(analytics())
        .rate_limit(rate_limit(quota));
    palisade::stack(stack)
}

/// Nobody uses it up.
pub(crate) fn generous() -> Quota {
    Quota::new(1_000_000, Duration::from_secs(1)).unwrap()
}

/// Used up by the first request.
pub(crate) fn one_request() -> Quota {
    Quota::new(1, Duration::from_secs(3600)).unwrap()
}

/// What the stack's answers carry: the price of the headers alone.
pub(crate) fn headers() -> Vec<(HeaderName, HeaderValue)> {
    let name = "hyper + stack, admitted";
    let host = Sample { peer: server::peer(name), request: request("alice") };
    let head = server::put(name, &Clock::system(), host);
    head.lines()
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_once(": "))
        .filter(|(name, _)| !matches!(*name, "date" | "content-length"))
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
        .collect()
}

/// Takes one answer.
struct Sample {
    peer: std::net::SocketAddr,
    request: Bytes,
}

impl Host for Sample {
    type Hosted = String;

    fn host<S: server::Serve<B>, B: server::Body>(self, service: S) -> String {
        let mut connection = InMemory { peer: self.peer, request: self.request }.host(service);
        connection.drive(2);
        connection.last()
    }
}
