//! Limits how often a client may ask: quotas per user or address, in bounded memory, told by `RateLimit` headers.
//!
//! A [`RateLimitPolicy`] holds limiters, each with a [`Quota`] and a [`Scope`]. The quota is kept by the generic cell rate
//! algorithm (the crate `governor`), which has no windows and so no edge between two of them.
//!
//! # Rules
//!
//! 1. A limiter applies to a request if its [`Scope`] covers the route. Custom limiters come first, in the order they
//!    were added, then global ones. If none applies, the request passes and no header is written.
//! 2. The [`Key`] is the verified user if there is one, whatever the address; else the client's address, IPv6 by its
//!    network. It is never taken from a header. Where neither is known the answer is 500 `client-address-unknown`.
//! 3. A limiter counts a request once, however many gates it stands behind.
//! 4. If a limiter that applies is over its quota, the answer is 429 `quota-exceeded`. All that are over are named in
//!    `violated-policies`, `Retry-After` is the longest wait among them, and the request uses nothing up, of any of them.
//!    (Two requests at the same moment may both see room in the first limiter and find one left in the second; then one of
//!    them is refused and has used up one of the first.)
//! 5. Otherwise each counts one, and the request passes.
//! 6. On the way out, passed or refused, the headers tell of the tightest limiter: the one with the fewest requests left,
//!    and among those the one with the longest wait.
//!
//! # What the headers promise
//!
//! - *Remaining* is what the client may send at once, now. *Limit* is what it may send at once with a whole quota.
//! - *Reset* is when the quota is whole if nothing more is sent; on a refusal it is the moment of `Retry-After`, when one
//!   request will pass. In whole seconds, rounded up.
//! - So a client that sends no more than *Remaining*, and waits for *Reset* or `Retry-After` when there is none, is never
//!   refused for its own doing.
//! - The *policy* is the rate, in whole seconds: 1 in 50 ms is `20;w=1`. It does not mean that 20 may come at once.
//!
//! # Place in the stack
//!
//! Behind the layers that learn the client's address, the route, and the identity: a user is limited as a user only if he
//! is known by then. In front of everything that is dear.
//!
//! # Deployment caveat
//!
//! State is in this process: `n` instances admit `n` times the quota. And behind a proxy that is not declared as trusted
//! all clients have one address, hence one quota.
//!
//! # Example
//!
//! The documented default: 1 request in 50 ms for what is tagged as API.
//!
//! ```
//! use palisade_core::RouteTag;
//! use palisade_ratelimit::{Quota, RateLimitLayer, RateLimitPolicy, Scope};
//!
//! let policy = RateLimitPolicy::builder().global(Scope::Tagged(RouteTag::API), Quota::default()).build()?;
//! let layer = RateLimitLayer::new(policy);
//! # Ok::<_, palisade_core::ConfigError>(())
//! ```
//!
//! With a stricter limit on two routes, and the headers of two drafts:
//!
//! ```
//! use std::time::Duration;
//! use palisade_core::RouteTag;
//! use palisade_ratelimit::{Limiter, Quota, RateLimitPolicy, Scope};
//!
//! let policy = RateLimitPolicy::builder()
//!     .global(Scope::Tagged(RouteTag::API), Quota::per_second(100)?.allow_burst(200)?)
//!     .custom(Scope::routes(["/api/search"]), Quota::new(10, Duration::from_secs(60))?.named("search")?)
//!     .custom(Scope::routes(["/api/serving/site-info"]), Limiter::with_capacity(Quota::per_hour(50)?, 10_000)?)
//!     .headers("draft-6,draft-10".parse::<palisade_ratelimit::RateLimitHeaders>()?)
//!     .build()?;
//! # Ok::<_, palisade_core::ConfigError>(())
//! ```
//!
//! # Not done here
//!
//! - Counting violations: a refusal says that it is one, and whoever counts reads that.
//! - Quotas by plan, quotas that instances share, and limits on requests at the same time: not yet.
//! - Limits on the size of bodies: another resource, another layer.
//! - Reading a clock: the time of a request is its arrival, so that a whole stack decides by the same moment.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod clause;
mod concurrency;
mod config;
mod cost;
mod due;
mod gcra;
mod headers;
mod in_flight;
mod key;
mod limit;
mod limiter;
mod plans;
mod policy;
mod quota;
mod readings;
mod refusal;
mod rule;
mod scope;
mod shared;
mod sharing;
mod spelt;
mod store;
mod sync;
mod table;

pub use self::{
    concurrency::{ConcurrencyLimit, ConcurrencyLimitLayer, ConcurrencyLimitPolicy},
    config::RateLimitBuilder,
    headers::{HeaderDraft, RateLimitHeaders},
    key::Key,
    limit::Limit,
    limiter::{Limiter, Standing},
    plans::Plans,
    policy::{RateLimitLayer, RateLimitPolicy},
    quota::Quota,
    scope::Scope,
    shared::{Charge, Charged, Fallback, Outage, SharedStore},
};
