//! A small site behind the whole stack.

use std::{convert::Infallible, time::Duration};

use axum::routing::{get, post};
use http::{Request, Response, header};
use http_body_util::BodyExt;
use palisade::{
    Cors, Stack, StackLayer,
    analytics::{Analytics, AnalyticsPolicy, Config},
    authn_api_key::{ApiKeyAuth, ApiKeys, KeyFormat},
    authn_jwt::{OptionalAuth, Verifier},
    autoban::{AutoBan, BanOrder, Signatures, SuspiciousPolicy},
    blocklist::{Blocklist, SharedBlocklist},
    core::{ManualClock, RouteTag, Transport},
    ratelimit::{ConcurrencyLimit, Quota, RateLimitPolicy, Scope},
    route_registry::{AccessRouter, Declare, Dispatch},
    users::{
        KnownUsersPolicy, Revocations, RevokedTokensPolicy, StreamTickets, TicketPolicy, User,
        UserId, Users,
    },
};
use palisade_authn_jwt::mint::DevIssuer;
use palisade_test_support::{Ask, Body};
use serde_json::Value;
use tower::Service;
use tower_layer::Layer;

pub(crate) const HOST: &str = "api.example";
pub(crate) const ORIGIN: &str = "https://app.example";
/// Whose tokens count.
const ISSUER: &str = "https://id.example";
/// A test key.
const SECRET: &[u8] = b"a test secret of thirty-two bytes or more";

/// The site, and what a test asks of its parts.
pub(crate) struct Site {
    layer: StackLayer,
    dispatch: Dispatch,
    issuer: DevIssuer,
    pub(crate) time: ManualClock,
    pub(crate) auto_ban: AutoBan,
    pub(crate) analytics: Analytics,
    pub(crate) api_keys: ApiKeys,
    pub(crate) revocations: Revocations,
    pub(crate) users: Users,
}

/// An answer with its body read.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) head: http::response::Parts,
    pub(crate) body: Vec<u8>,
}

/// What becomes of an order: long enough to be worth a coding.
pub(crate) const DONE: &str = "The order was carried out, and written down. Who gave it, when and from where stands in the book of \
    orders; so does what became of it, and whether it was taken back. The book is kept in the hall, where anyone may read it who has a \
    key to the hall; the key hangs beside the door. Whoever takes it writes his name down.";

impl Site {
    /// One request a minute on `/api/*`, two at the same time; 198.51.100.1 and the user mallory are blocked, 198.51.100.2 and the user moe banned.
    /// Users are those two, alice, who is an admin, and bob; exporter owns API keys.
    pub(crate) fn new() -> Self {
        let time = ManualClock::new();
        let (registry, dispatch) = AccessRouter::new()
            .public("/", get(async || "hello"))
            .public("/api/feed", get(async || "[]").post(async |body: String| body))
            .authenticated("/api/me", get(async || "me"))
            .admin("/api/admin/bans", get(async || DONE).post(async || DONE))
            .route(Declare::authenticated("/api/export").scope("posts:read"), get(async || "[]"))
            .route(Declare::public("/events").tag(RouteTag::STREAM), get(async || "events"))
            .public("/upload", post(async |body: axum::body::Bytes| body.len().to_string()))
            .tag_prefix("/api/", RouteTag::API)
            .into_parts()
            .unwrap();
        let issuer = DevIssuer::hs256(SECRET).unwrap().name(ISSUER);
        let auth = OptionalAuth::new(Verifier::new(issuer.issuer()).unwrap());
        let list = r#"{"blockedIPs": ["198.51.100.1"], "blockedUserIds": ["mallory"]}"#;
        let list = SharedBlocklist::new(Blocklist::parse(list, "test").unwrap());
        let auto_ban = AutoBan::builder().clock(time.clock()).build().unwrap();
        auto_ban.ban_ip("198.51.100.2", BanOrder::by("test")).unwrap();
        auto_ban.ban_user("moe", BanOrder::by("test")).unwrap();
        let analytics = Analytics::start(Config::new()).unwrap();
        let format = KeyFormat::new("acme", "test").unwrap();
        let api_keys = ApiKeys::builder(format).clock(time.clock()).build().unwrap();
        let revocations = Revocations::builder().clock(time.clock()).build().unwrap();
        let users = users(&revocations);
        let quota = Quota::new(1, Duration::from_secs(60)).unwrap();
        let stack = Stack::new(registry, auth)
            .clock(time.clock())
            .cors(Cors::origins([ORIGIN]).unwrap())
            .blocklist(list)
            .auto_ban(auto_ban.clone())
            .analytics(AnalyticsPolicy::new(&analytics).clock(time.clock()))
            .tickets(TicketPolicy::new(StreamTickets::new()))
            .api_keys(ApiKeyAuth::new(api_keys.clone()))
            .revocations(RevokedTokensPolicy::new(revocations.clone()))
            .users(KnownUsersPolicy::new(users.clone()))
            .rate_limit(
                RateLimitPolicy::builder()
                    .global(Scope::Tagged(RouteTag::API), quota)
                    .build()
                    .unwrap(),
            )
            .suspicious(SuspiciousPolicy::new(auto_ban.clone(), Signatures::documented()).unwrap())
            .concurrency_limit(ConcurrencyLimit::per_client(2).build().unwrap())
            .body_limit(10);
        let layer = palisade::stack(stack);
        Self { layer, dispatch, issuer, time, auto_ban, analytics, api_keys, revocations, users }
    }

    pub(crate) fn token(&self, user: &str, roles: &[&str]) -> String {
        self.issuer.token(user, roles, Duration::from_secs(3600), self.time.now().wall()).unwrap()
    }

    /// Asks as a page of the allowed origin does, over TLS.
    pub(crate) fn ask(&self, ask: Ask) -> Answer {
        self.send(ask.header("origin", ORIGIN).over(Transport::Secure))
    }

    /// Asks as any program does, without an origin.
    pub(crate) fn send(&self, ask: Ask) -> Answer {
        self.exactly(ask.header("host", HOST))
    }

    /// Asks as it is, without a host.
    pub(crate) fn exactly(&self, ask: Ask) -> Answer {
        read(ask.send(&mut self.service()))
    }

    /// Asks, and does not read the body.
    pub(crate) fn begin(&self, ask: Ask) -> Response<impl Sized> {
        ask.header("host", HOST).send(&mut self.service())
    }

    pub(crate) fn service<B>(
        &self,
    ) -> impl Service<
        Request<B>,
        Response = Response<
            impl http_body_util::BodyExt<Data = bytes::Bytes, Error: std::fmt::Debug>,
        >,
        Error = Infallible,
    >
    where
        B: http_body_util::BodyExt<Data = bytes::Bytes> + Send + 'static,
        B::Error: Into<axum::BoxError>,
    {
        self.layer.layer(self.dispatch.clone())
    }
}

/// The user of our issuer with this subject.
pub(crate) fn user(subject: &str) -> UserId {
    UserId::new(subject).issued_by(ISSUER)
}

fn users(revocations: &Revocations) -> Users {
    let users = Users::new(revocations.clone());
    users.put(&user("alice"), User::new().role("admin")).unwrap();
    for subject in ["bob", "mallory", "moe"] {
        users.put(&user(subject), User::new()).unwrap();
    }
    // Nobody vouches for who has a key.
    users.put(&UserId::new("exporter"), User::new()).unwrap();
    users
}

/// Reads the body, which must be there already.
pub(crate) fn read(
    answer: Response<impl BodyExt<Data = bytes::Bytes, Error: std::fmt::Debug>>,
) -> Answer {
    let (head, body) = answer.into_parts();
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(body.collect()).poll(&mut cx) {
        std::task::Poll::Ready(body) => Answer { head, body: body.unwrap().to_bytes().to_vec() },
        std::task::Poll::Pending => panic!("the body waits"),
    }
}

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.head.status.as_u16()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The problem's code.
    pub(crate) fn code(&self) -> String {
        assert_eq!(
            self.header(header::CONTENT_TYPE.as_str()),
            Some("application/problem+json"),
            "{self:?}"
        );
        let body: Value = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(body["instance"].as_str(), self.header("x-request-id"));
        assert_eq!(body["status"], self.status());
        body["code"].as_str().unwrap().to_owned()
    }
}

/// The body that requests of tests have.
pub(crate) type RequestBody = Body;
