//! Limits how often a client may ask: quotas per user or address, in bounded memory, told by `RateLimit` headers.
//!
//! A [`RateLimitPolicy`] holds limits, each with a [`Scope`]: a [`Quota`] by itself, a [`Limiter`], [`Plans`], or a [`Limit`] that
//! also says what a request costs. A quota is kept by the generic cell rate algorithm, which has no windows and so no edge
//! between two of them.
//!
//! # Rules
//!
//! 1. A limit applies to a request if its [`Scope`] covers the route. Custom limits come first, in the order they were added,
//!    then global ones. If none applies, the request passes and no header is written.
//! 2. The [`Key`] is the verified user if there is one, whatever the address; else the client's address, IPv6 by its
//!    network. It is never taken from a header. Where neither is known the answer is 500 `client-address-unknown`.
//! 3. Of [`Plans`] that one is asked which the verified identity names; the default, if it names none or nobody is signed in.
//! 4. A request costs 1, or what its [`Limit`] says; at most the burst, so that waiting always helps. One that costs 0 is not
//!    counted and never refused, not under a limit of 0 either.
//! 5. A limiter counts a request once, however many gates it stands behind, and in however many scopes of a policy: at the
//!    cost that the first of them says.
//! 6. If a limiter that applies is over its quota, the answer is 429 `quota-exceeded`. All that are over are named in
//!    `violated-policies`, `Retry-After` is the longest wait among them, and the request uses nothing up, of any of them.
//!    (Two requests at the same moment may both see room in the first limiter and find one left in the second; then one of
//!    them is refused and has used up one of the first.)
//! 7. Otherwise each counts the request, and it passes.
//! 8. With a [shared store](RateLimitBuilder::shared), the store counts instead, all limits of a request in one call. While it does
//!    not answer, each limit does what its [`Fallback`] says: counts here at its instance's share, lets pass, or refuses with
//!    503 `temporarily-unavailable`, which is no violation. If one refuses so, none counts. The security log says when that
//!    begins and ends, [`RateLimitPolicy::is_degraded`] whether it is so: from the first failure on, until the store was asked,
//!    answered, and failed nobody for five seconds. What it answers meanwhile holds.
//! 9. On the way out, passed or refused, the headers tell of the tightest limiter: the one with the fewest requests left,
//!    and among those the one with the longest wait.
//!
//! Beside it, [`ConcurrencyLimitPolicy`] limits how many requests of a client are under way at the same time. A request that it
//! refuses is no violation: nobody can know when there is room again.
//!
//! # What the headers promise
//!
//! - *Remaining* is what the client may send at once, now: requests that cost 1. *Limit* is what it may send at once with a
//!   whole quota.
//! - *Reset* is when the quota is whole if nothing more is sent; on a refusal it is the moment of `Retry-After`, when this
//!   request will pass. In whole seconds, rounded up.
//! - So a client that sends no more than *Remaining*, and waits for *Reset* or `Retry-After` when there is none, is never
//!   refused for its own doing.
//! - The *policy* is the rate, in whole seconds: 1 in 50 ms is `20;w=1`. It does not mean that 20 may come at once. Draft 6 forbids
//!   two policies with one quota value: of `10;w=60` and `10;w=3600` it tells the second, because who keeps to it keeps to both.
//! - A policy that stands in for a shared store that does not answer is marked: `25;w=60;palisade-degraded`. A limit that is
//!   open meanwhile is not told of.
//!
//! # Memory
//!
//! A limiter remembers a bounded number of keys in tables of 16 bytes for each, which are read and written without a lock;
//! [`Limiter`] says what happens at the bound. A key that asks no more is forgotten by itself: when its quota is whole, its
//! place is free. Times are kept in ticks, see [`Quota`].
//!
//! # Place in the stack
//!
//! Behind the layers that learn the client's address, the route, and the identity: a user is limited as a user only if he
//! is known by then. In front of everything that is dear.
//!
//! # Deployment caveat
//!
//! Without a shared store, state is in this process: `n` instances admit `n` times the quota. And behind a proxy that is not
//! declared as trusted all clients have one address, hence one quota.
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
//! With a quota for each plan, stricter limits on two routes, and the headers of two drafts:
//!
//! ```
//! use std::time::Duration;
//! use palisade_core::RouteTag;
//! use palisade_ratelimit::{Limit, Limiter, Plans, Quota, RateLimitPolicy, Scope};
//!
//! let plans = Plans::new(Quota::per_second(100)?.allow_burst(200)?).plan("pro", Quota::per_second(1_000)?);
//! let search = Limit::new(Quota::new(10, Duration::from_secs(60))?.named("search")?)
//!     .cost_of(|head, _| if head.uri.query().is_some_and(|query| query.contains("deep=1")) { 5 } else { 1 });
//! let policy = RateLimitPolicy::builder()
//!     .global(Scope::Tagged(RouteTag::API), plans)
//!     .custom(Scope::routes(["/api/search"]), search)
//!     .custom(Scope::routes(["/api/serving/site-info"]), Limiter::with_capacity(Quota::per_hour(50)?, 10_000)?)
//!     .headers("draft-6,draft-10".parse::<palisade_ratelimit::RateLimitHeaders>()?)
//!     .build()?;
//! # Ok::<_, palisade_core::ConfigError>(())
//! ```
//!
//! # Not done here
//!
//! - Counting violations: a refusal says that it is one, and whoever counts reads that.
//! - Taking back what a request that failed has used up. A request is counted before anybody knows how it ends, and stays
//!   counted, so nothing that is used up is ever less than nothing.
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
mod health;
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
