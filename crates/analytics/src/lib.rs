//! Records what was asked, by whom, with which answer and how fast, without making a request wait.
//!
//! [`Analytics`] is the handle: a background thread with a bounded queue before it, the latest records, exact counts,
//! and a live stream. [`AnalyticsPolicy`] is the layer that records into it. Of a request it keeps the method, the path,
//! the route, the client's address and country, the user agent, the session, the user, the status, the code of a
//! refusal, the time and how long the answer took: see [`Record`].
//!
//! # Rules
//!
//! 1. What the [`Exclusions`] cover is not recorded and gets no session. By default: static files, documentation UIs,
//!    widgets, and routes with [`RouteTag::UNTRACKED`](palisade_core::RouteTag::UNTRACKED).
//! 2. On the way in it takes notes and passes. It never refuses and never waits.
//! 3. On the way out it reads what layers further in learnt: identity, route, country, the status, and the refusal.
//! 4. A browser that navigates (`Sec-Fetch-Mode: navigate`, or `Accept: text/html` if it does not say) gets the session
//!    cookie: the one it presents, or a new one, for another 30 minutes. A client of the API gets none; if it presents one, it is
//!    recorded. A cookie that is no session of ours is ignored.
//! 5. No cookie is set on an answer that a shared cache may keep: it would hand one session to everybody.
//! 6. The query, credentials, other headers and bodies are not recorded. Path, user agent and user are cut to a length.
//! 7. A record goes into the queue. If that is full it is dropped and counted.
//! 8. The thread stores and counts it, then sends it to those who watch. This happens milliseconds later.
//!
//! # Place in the stack
//!
//! Once, behind the layers that learn the client's address and the route and those that refuse addresses; before all
//! that authenticate and limit, since what they learn and refuse is read on the way out. An address that no layer learnt
//! is not recorded: this one does not guess.
//!
//! # Deployment caveat
//!
//! - Who ends a path in `.png` or starts it with `/static/` is not recorded. Refusals are in the security log
//!   nonetheless, and bans do not depend on analytics.
//! - An answer whose service failed, or whose client went away before the head was there, is not recorded. The time of a
//!   stream is the time until it began.
//! - Behind a proxy that ends TLS and that no layer trusts to say so, name the cookie: [`CookieSecurity::Secure`].
//! - Records are personal data. [`Addresses::Network`] cuts addresses; [`Analytics::delete`] forgets.
//!
//! # Example
//!
//! With the defaults:
//!
//! ```
//! use http::{Request, Response};
//! use palisade_analytics::{Analytics, AnalyticsLayer, AnalyticsPolicy, Config, Dimension, Filter};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let analytics = Analytics::start(Config::new())?;
//! let service = ServiceBuilder::new()
//!     .layer(AnalyticsLayer::new(AnalyticsPolicy::new(&analytics)))
//!     .service(service_fn(|_: Request<String>| async { Ok::<_, std::convert::Infallible>(Response::new(String::new())) }));
//!
//! let request = Request::get("/api/feed?page=2").body(String::new()).unwrap();
//! service.oneshot(request).await.unwrap();
//!
//! analytics.flush();
//! let store = analytics.store();
//! assert_eq!(&*store.page(&Filter::new(), None, 10)?.records[0].path, "/api/feed");
//! assert_eq!(store.count_by(&Filter::new(), Dimension::Status, 10)?.rows, [("200".to_owned(), 1)]);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! Configured, and watched live:
//!
//! ```
//! use palisade_analytics::{Addresses, Analytics, AnalyticsLayer, AnalyticsPolicy, Config, CookieSecurity, Exclusions};
//!
//! let config = Config::new().keep(10_000).subscribers(8).addresses(Addresses::Network);
//! let analytics = Analytics::start(config)?;
//! let policy = AnalyticsPolicy::new(&analytics)
//!     .cookie_security(CookieSecurity::Secure)
//!     .exclusions(Exclusions::default().prefix("/healthz")?.prefix("/readyz")?);
//! let layer = AnalyticsLayer::new(policy);
//!
//! let mut live = analytics.subscribe().expect("the first of eight");
//! analytics.shutdown();
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! assert!(live.next().await.is_none());
//! # });
//! # Ok::<(), palisade_core::ConfigError>(())
//! ```
//!
//! # Not done here
//!
//! - Finding the country: who knows it tells the context; what that knows at the end of the request is recorded.
//! - Server-sent events, keep-alives and closing idle readers: that is the transport of [`Subscription`].
//! - Encoding for HTML: a page that shows a path or a user agent must encode it, as it must any text.
//! - Keeping records over a restart.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod address;
mod analytics;
mod config;
mod cookie;
mod draft;
mod exclusions;
mod live;
mod memory_store;
mod page;
mod policy;
mod queue;
mod record;
mod session;
mod store;
mod text;

pub use self::{
    address::RecordedAddress,
    analytics::Analytics,
    config::{Addresses, Config, Observer},
    cookie::CookieSecurity,
    exclusions::Exclusions,
    live::{Event, SubscribeError, Subscription},
    memory_store::MemoryStore,
    page::{Cursor, Dimension, Filter, Page},
    policy::AnalyticsPolicy,
    record::Record,
    session::SessionId,
    store::{Counts, Step, Store, StoreError, Summary},
};

/// Puts an [`AnalyticsPolicy`] in front of a service.
pub type AnalyticsLayer = palisade_core::GateLayer<AnalyticsPolicy>;
