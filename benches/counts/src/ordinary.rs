//! The ordinary axum stack: what a team puts together from well-known parts, with the duties of the documented chain.
//!
//! It does a little less than ours: no nonce in its CSP, no strict paths, no violations that lead to bans.

use std::{
    collections::HashSet,
    net::IpAddr,
    sync::{Arc, RwLock, mpsc},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use axum_helmet::{
    ContentSecurityPolicy, CrossOriginOpenerPolicy, CrossOriginResourcePolicy, Helmet, HelmetLayer,
    ReferrerPolicy, StrictTransportSecurity, XContentTypeOptions, XFrameOptions, XXSSProtection,
};
use http::{HeaderValue, StatusCode, header};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use moka::sync::Cache;
use palisade::core::PeerAddr;
use serde::Deserialize;
use tower::ServiceBuilder;
use tower_governor::{
    GovernorError, GovernorLayer, governor::GovernorConfigBuilder, key_extractor::KeyExtractor,
};
use tower_http::{compression::CompressionLayer, cors::CorsLayer, limit::RequestBodyLimitLayer};

use crate::hello;

/// What its requests share.
#[derive(Clone)]
struct Shared {
    blocked: Arc<RwLock<HashSet<IpAddr>>>,
    banned: Arc<RwLock<HashSet<IpAddr>>>,
    tokens: Cache<String, Arc<Claims>>,
    key: Arc<DecodingKey>,
    validation: Arc<Validation>,
    records: mpsc::SyncSender<Record>,
}

#[derive(Clone, Debug, Deserialize)]
struct Claims {
    sub: String,
}

/// What it keeps of a request.
#[expect(dead_code, reason = "only written")]
struct Record {
    method: String,
    path: String,
    address: Option<IpAddr>,
    agent: Option<String>,
    status: u16,
    time: Duration,
}

/// Counts by user, else by address.
#[derive(Clone)]
struct UserOrAddress;

impl KeyExtractor for UserOrAddress {
    type Key = String;

    fn extract<T>(&self, request: &http::Request<T>) -> Result<String, GovernorError> {
        let user = request.extensions().get::<Arc<Claims>>().map(|claims| claims.sub.clone());
        let address = || address(request.extensions()).map(|address| address.to_string());
        user.or_else(address).ok_or(GovernorError::UnableToExtractKey)
    }
}

/// The stack with every layer put on the router by itself, as its documentation shows.
pub(crate) fn chained(secret: &[u8], burst: u32) -> Router {
    let shared = shared(secret);
    hello::app()
        .layer(RequestBodyLimitLayer::new(10 * 1024 * 1024))
        .layer(limit(burst))
        .layer(from_fn_with_state(shared.clone(), authenticate))
        .layer(from_fn_with_state(shared.clone(), record))
        .layer(from_fn_with_state(shared.clone(), ban))
        .layer(from_fn_with_state(shared, block))
        .layer(CorsLayer::permissive())
        .layer(CompressionLayer::new())
        .layer(helmet())
        .layer(axum::middleware::from_fn(name))
}

/// The same as one layer: axum clones and boxes it once.
pub(crate) fn as_one_layer(secret: &[u8], burst: u32) -> Router {
    let shared = shared(secret);
    let stack = ServiceBuilder::new()
        .layer(axum::middleware::from_fn(name))
        .layer(CompressionLayer::new())
        .layer(helmet())
        .layer(CorsLayer::permissive())
        .layer(from_fn_with_state(shared.clone(), block))
        .layer(from_fn_with_state(shared.clone(), ban))
        .layer(from_fn_with_state(shared.clone(), record))
        .layer(from_fn_with_state(shared, authenticate))
        .layer(limit(burst))
        .layer(DefaultBodyLimit::max(10 * 1024 * 1024));
    hello::app().layer(stack)
}

fn shared(secret: &[u8]) -> Shared {
    let (records, received) = mpsc::sync_channel(8192);
    std::thread::spawn(move || received.iter().for_each(drop));
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_aud = false;
    Shared {
        blocked: Arc::new(RwLock::new([[198, 51, 100, 1].into()].into())),
        banned: Arc::new(RwLock::new([[198, 51, 100, 2].into()].into())),
        tokens: Cache::new(10_000),
        key: Arc::new(DecodingKey::from_secret(secret)),
        validation: Arc::new(validation),
        records,
    }
}

fn limit(
    burst: u32,
) -> GovernorLayer<UserOrAddress, governor::middleware::StateInformationMiddleware, Body> {
    let config = GovernorConfigBuilder::default()
        .per_second(if burst == 1 { 3600 } else { 1 })
        .burst_size(burst)
        .key_extractor(UserOrAddress)
        .use_headers()
        .finish()
        .expect("a quota");
    GovernorLayer::new(config)
}

fn helmet() -> HelmetLayer {
    let csp = ContentSecurityPolicy::new()
        .default_src(vec!["'self'"])
        .script_src(vec!["'self'"])
        .style_src(vec!["'self'", "'unsafe-inline'"])
        .img_src(vec!["'self'", "data:", "https:"])
        .object_src(vec!["'none'"])
        .base_uri(vec!["'self'"])
        .frame_ancestors(vec!["'self'"]);
    Helmet::new()
        .add(csp)
        .add(StrictTransportSecurity::new().max_age(31_536_000).include_sub_domains())
        .add(XFrameOptions::same_origin())
        .add(XContentTypeOptions::nosniff())
        .add(XXSSProtection::off())
        .add(ReferrerPolicy::strict_origin_when_cross_origin())
        .add(CrossOriginOpenerPolicy::same_origin())
        .add(CrossOriginResourcePolicy::cross_origin())
        .try_into()
        .expect("headers")
}

fn address(extensions: &http::Extensions) -> Option<IpAddr> {
    extensions.get::<PeerAddr>().map(|peer| peer.0.ip())
}

async fn name(request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    let id = format!("{:032x}", rand::random::<u128>());
    answer.headers_mut().insert("x-request-id", HeaderValue::try_from(id).expect("digits"));
    answer
}

async fn block(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let address = address(request.extensions());
    if address.is_some_and(|address| shared.blocked.read().expect("a lock").contains(&address)) {
        return StatusCode::FORBIDDEN.into_response();
    }
    next.run(request).await
}

async fn ban(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let address = address(request.extensions());
    if address.is_some_and(|address| shared.banned.read().expect("a lock").contains(&address)) {
        return StatusCode::FORBIDDEN.into_response();
    }
    next.run(request).await
}

async fn record(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
    let agent = request.headers().get(header::USER_AGENT);
    let agent = agent.and_then(|agent| agent.to_str().ok()).map(str::to_owned);
    let address = address(request.extensions());
    let answer = next.run(request).await;
    let (status, time) = (answer.status().as_u16(), began.elapsed());
    drop(shared.records.try_send(Record { method, path, address, agent, status, time }));
    answer
}

async fn authenticate(State(shared): State<Shared>, mut request: Request, next: Next) -> Response {
    let value = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(token) = value.and_then(|value| value.strip_prefix("Bearer ")) else {
        return next.run(request).await;
    };
    let claims = shared.tokens.get(token).or_else(|| {
        let data = jsonwebtoken::decode::<Claims>(token, &shared.key, &shared.validation).ok()?;
        let claims = Arc::new(data.claims);
        shared.tokens.insert(token.to_owned(), Arc::clone(&claims));
        Some(claims)
    });
    let Some(claims) = claims else { return StatusCode::UNAUTHORIZED.into_response() };
    request.extensions_mut().insert(claims);
    next.run(request).await
}
