//! Puts the documented security stack in front of a tower service: every layer of Palisade, in one function.
//!
//! Take one layer by its feature, or all of them by the feature `stack` and [`stack()`], which is the only place where
//! their order exists.
//!
//! # Rules
//!
//! The order of [`stack()`], from the outside in, and what each layer answers when it refuses:
//!
//! 1. request id, and problem details for whatever is refused below;
//! 2. security headers, also on refusals;
//! 3. CORS: a browser must be able to read a refusal; a preflight for one host ends here, by a grant or by 403 `cors.origin`, `cors.method`, `cors.header`;
//! 4. client address; from here on violations are counted, and requests that probe for holes among them;
//! 5. one host, said clearly: 400 `malformed-header.host`; strict path and route class: 400 `ambiguous-path`;
//! 6. the country, and 403 `blocked.unknown-country` where that was asked for; blocklist: 403 `blocked`;
//! 7. auto-ban: 403 `banned`;
//! 8. analytics;
//! 9. one-time tickets, on streams: 401 `invalid-token.ticket`;
//! 10. API keys: 401 `invalid-api-key`;
//! 11. optional authentication: 401 `invalid-token…`, `credentials-required`;
//! 12. tokens that were taken back, then users who are unknown or disabled: 401 `invalid-token.revoked`,
//!     `invalid-token.unknown-user`; then blocked and banned users: 403;
//! 13. admin check: 401, 403 `insufficient-role`; then the scopes that a route declares: 403 `insufficient-scope`;
//! 14. rate limit: 429 `quota-exceeded`; then the requests of one client at the same time: likewise;
//! 15. compression, never of refusals, streams or small bodies, nor of what is for one person beside what somebody else may have put there;
//! 16. bodies: 413 `content-too-large`, 415 `unsupported-content-coding`; 408 `request-timeout` where a [`Timer`] was given.
//!
//! What a [`Stack`] was not given is left out and costs nothing: country, blocklist, auto-ban, probes, analytics, tickets, API keys,
//! revocations, users, limits. Routes and authentication are always there.
//!
//! # Features
//!
//! None is on by default. Those from `axum` on add to the layers that are on, and turn none on.
//!
//! | feature | what it brings |
//! |---|---|
//! | `analytics`, `authn-api-key`, `authn-jwt`, `autoban`, `blocklist`, `client-ip`, `geo`, `live`, `metrics`, `problem`, `ratelimit`, `route-registry`, `secure-headers`, `security-log`, `users`, `vfs-acl` | one layer each, as the module of its name |
//! | `stack` | [`stack()`] and all layers in it: those above but `live`, `security-log` and `vfs-acl` |
//! | `full` | all of these, and `axum` |
//! | `axum` | extractors for handlers, `AccessRouter`, and the peer's address from `ConnectInfo` |
//! | `matched-path` | `axum`, and `RegistryBuilder::inside_axum`: decides on the route that axum's own router matched |
//! | `openapi` | `Registry::assert_covers`: finds operations of an `OpenAPI` description that nobody declared |
//! | `askama`, `minijinja` | `CspNonce` as a value of these templates, written as it is |
//! | `bigdatacloud`, `maxmind` | where `geo` asks: an HTTP API, a database file |
//! | `audit` | grades of answers by the rules of others: `secure_headers::audit` |
//! | `vault` | values that are kept encrypted, as the module `vault`; with aws-lc, whose C has to be built |
//! | `remote` | keys of issuers that are fetched, and issuers that are asked about each token; on tokio |
//! | `aws-lc-rs`, `rust-crypto` | the cryptography behind tokens: exactly one of the two, chosen by the binary |
//!
//! # Place in the stack
//!
//! It is the stack. Put nothing outside that rewrites the path, the method or the peer's address.
//!
//! # Deployment caveat
//!
//! Behind a proxy, tell the stack which networks it may believe (`palisade::client_ip::Trust`); otherwise every client
//! has the proxy's address, and shares its limits and its bans.
//!
//! # Example
//!
//! With the features `axum`, `rust-crypto` and `stack`:
//!
//! ```
//! # #[cfg(feature = "stack")] {
//! use axum::{Router, routing::get};
//! use palisade::{
//!     Stack,
//!     authn_jwt::{Issuer, Keys, OptionalAuth, Verifier},
//!     client_ip::ClientIpPolicy,
//!     route_registry::Registry,
//! };
//!
//! # fn app() -> Result<Router, palisade::core::ConfigError> {
//! let routes = Registry::builder().public("/").admin("/api/admin/{*rest}").build()?;
//! let keys = Keys::hs256(b"a secret of thirty-two bytes, at the least")?;
//! let auth = OptionalAuth::new(Verifier::new(Issuer::new("https://issuer.example", keys).audience("api"))?);
//! let stack = Stack::new(routes, auth)
//!     .client_ip(ClientIpPolicy::new().peer_from(palisade::peer_of_connect_info));
//! let app: Router = Router::new().route("/", get(async || "hello")).layer(palisade::stack(stack));
//! # Ok(app) }
//! # app().unwrap();
//! # }
//! ```
//!
//! # Not done here
//!
//! - Reading the environment, opening sockets, TLS: the reference server shows how.
//! - Rendering HTML: a handler takes the `CspNonce` and does it.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "stack")]
mod body;
#[cfg(feature = "stack")]
mod compression;
#[cfg(feature = "axum")]
mod connect_info;
#[cfg(feature = "stack")]
mod cors;
#[cfg(feature = "stack")]
mod decisions;
#[cfg(feature = "stack")]
mod host;
#[cfg(feature = "stack")]
mod patience;
#[cfg(feature = "stack")]
mod stack;
#[cfg(feature = "stack")]
mod vary;

#[cfg(feature = "analytics")]
pub use palisade_analytics as analytics;
#[cfg(feature = "authn-api-key")]
pub use palisade_authn_api_key as authn_api_key;
#[cfg(feature = "authn-jwt")]
pub use palisade_authn_jwt as authn_jwt;
#[cfg(feature = "autoban")]
pub use palisade_autoban as autoban;
#[cfg(feature = "blocklist")]
pub use palisade_blocklist as blocklist;
#[cfg(feature = "client-ip")]
pub use palisade_client_ip as client_ip;
pub use palisade_core as core;
#[cfg(feature = "geo")]
pub use palisade_geo as geo;
#[cfg(feature = "live")]
pub use palisade_live as live;
#[cfg(feature = "metrics")]
pub use palisade_metrics as metrics;
#[cfg(feature = "problem")]
pub use palisade_problem as problem;
#[cfg(feature = "ratelimit")]
pub use palisade_ratelimit as ratelimit;
#[cfg(feature = "route-registry")]
pub use palisade_route_registry as route_registry;
#[cfg(feature = "secure-headers")]
pub use palisade_secure_headers as secure_headers;
#[cfg(feature = "security-log")]
pub use palisade_security_log as security_log;
#[cfg(feature = "users")]
pub use palisade_users as users;
#[cfg(feature = "vault")]
pub use palisade_vault as vault;
#[cfg(feature = "vfs-acl")]
pub use palisade_vfs_acl as vfs_acl;

#[cfg(feature = "axum")]
pub use self::connect_info::peer_of_connect_info;
#[cfg(feature = "stack")]
pub use self::{
    body::{
        BodyError, BodyFuture, BodyLayer, BodyLimitPolicy, BodyLimits, BodyService, LimitedBody,
        RequestCodings, Timer,
    },
    compression::{
        Compression, CompressionBody, CompressionFuture, CompressionLayer, CompressionService,
        HoldsNoSecret, NeverCompress,
    },
    cors::{Cors, CorsFuture, CorsLayer, CorsService},
    decisions::Decisions,
    host::HostPolicy,
    patience::Patience,
    stack::{Stack, StackLayer, stack},
};
