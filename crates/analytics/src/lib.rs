//! Records what was asked, by whom, with which answer and how fast, without making a request wait.
//!
//! [`Analytics`] is the handle: a background thread with a bounded queue before it, a store of records, and observers.
//! [`AnalyticsPolicy`] records into it. Of a request it keeps the method, the path, the route, the client's address and
//! location, the user agent, the session, the user, the status, the code of a refusal, the time, how long the answer took to its
//! last byte, how many bytes it had, and whether they were all sent: see [`Record`].
//!
//! # Rules
//!
//! 1. What the [`Exclusions`] cover is not recorded and gets no session. By default: static files, documentation UIs,
//!    widgets, and routes with [`RouteTag::UNTRACKED`](palisade_core::RouteTag::UNTRACKED).
//! 2. On the way in it takes notes and passes. It never refuses and never waits.
//! 3. On the way out it reads what layers further in learnt: identity, route, country, and the refusal.
//! 4. A browser that navigates (`Sec-Fetch-Mode: navigate`, or `Accept: text/html` if it does not say) gets the session
//!    cookie: the one it presents, or a new one, for another 30 minutes. A client of the API gets none; if it presents one, it is
//!    recorded. A cookie that is no session of ours is ignored.
//! 5. No cookie is set on an answer that a shared cache may keep: it would hand one session to everybody.
//! 6. The query, credentials, other headers and bodies are not recorded. Path, user agent and user are cut to a length.
//! 7. A record is made when the request ended: after the last byte of the answer, or when the client has gone or the service
//!    failed. So it knows the time to the last byte, the bytes as they travelled, and how far it came ([`Record::ended`]). A
//!    stream is recorded when it ends; a connection that changes its protocol, when it does (101).
//! 8. It goes into the queue. If that is full it is dropped and counted.
//! 9. The thread asks where the client is ([`Config::locator`]), cuts or replaces the address ([`Addresses`]), stores the record,
//!    and shows it to observers. This happens milliseconds later. A location that comes later still is added to what is stored.
//! 10. Records that the store does not take are lost and counted, but where the reason passes ([`StoreError::passing`]): then they
//!     are given to it again, up to 16 384 of them. The security log says `analytics.degraded` when that begins,
//!     `analytics.recovered` when it ends ([`Analytics::status`]).
//!
//! # Place in the stack
//!
//! Once, behind the layers that learn the client's address and the route and those that refuse addresses; before all
//! that authenticate and limit, since what they learn and refuse is read on the way out. An address that no layer learnt
//! is not recorded: this one does not guess. Where the problem layer is outermost it follows the answer, so that a status or a
//! body of any layer further out is recorded as it went out; alone, [`AnalyticsLayer`] follows by itself.
//!
//! # Deployment caveat
//!
//! - Who ends a path in `.png` or starts it with `/static/` is not recorded. Refusals are in the security log
//!   nonetheless, and bans do not depend on analytics.
//! - Bytes are counted, and the last one is timed, when they are handed to the transport: what its buffers hold is on its way,
//!   and may not arrive. Bytes of heads, of trailers, and of what follows a change of protocol do not count.
//! - Behind a proxy that ends TLS and that no layer trusts to say so, name the cookie: [`CookieSecurity::Secure`].
//! - Records are personal data. [`Addresses::Network`] cuts addresses, [`Addresses::DailyHash`] makes pseudonyms of them;
//!   [`Analytics::delete`] forgets.
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
//! let answer = service.oneshot(request).await.unwrap();
//! drop(answer); // as a server does once it has sent the body
//!
//! analytics.flush();
//! let store = analytics.store();
//! assert_eq!(&*store.page(&Filter::new(), None, 10)?.records[0].path, "/api/feed");
//! assert_eq!(store.count_by(&Filter::new(), Dimension::Status, 10)?.rows, [("200".to_owned(), 1)]);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! Configured, and watched:
//!
//! ```
//! use std::sync::{Arc, atomic::{AtomicUsize, Ordering}};
//! use palisade_analytics::{Addresses, Analytics, AnalyticsLayer, AnalyticsPolicy, Config, CookieSecurity, Exclusions};
//!
//! let seen = Arc::new(AtomicUsize::new(0));
//! let counter = Arc::clone(&seen);
//! let config = Config::new()
//!     .keep(10_000)
//!     .addresses(Addresses::DailyHash)
//!     .observer(Arc::new(move |records| { counter.fetch_add(records.len(), Ordering::Relaxed); }));
//! let analytics = Analytics::start(config)?;
//! let policy = AnalyticsPolicy::new(&analytics)
//!     .cookie_security(CookieSecurity::Secure)
//!     .exclusions(Exclusions::parse("default, /healthz, /readyz, /internal/**")?);
//! let layer = AnalyticsLayer::new(policy);
//!
//! assert!(analytics.status().healthy);
//! analytics.shutdown();
//! # Ok::<(), palisade_core::ConfigError>(())
//! ```
//!
//! # Not done here
//!
//! - Finding out where an address is: a [`Locate`](palisade_core::Locate) does.
//! - Streams of records as they come: an observer publishes them in `palisade-live`, say.
//! - Encoding for HTML: a page that shows a path or a user agent must encode it, as it must any text.
//! - Keeping records over a restart: a [`Store`] may.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod address;
mod analytics;
mod config;
mod cookie;
mod draft;
mod exclusions;
mod health;
mod keeper;
mod kept_back;
mod layer;
mod locating;
mod memory_store;
mod page;
mod pattern;
mod policy;
mod queue;
mod record;
mod recorder;
mod session;
mod store;
mod text;
mod work;

pub use self::{
    address::RecordedAddress,
    analytics::Analytics,
    config::{Addresses, Config, Observer},
    cookie::CookieSecurity,
    exclusions::Exclusions,
    health::Status,
    layer::AnalyticsLayer,
    memory_store::MemoryStore,
    page::{Cursor, Dimension, Filter, Page},
    policy::AnalyticsPolicy,
    record::Record,
    session::SessionId,
    store::{Counts, Step, Store, StoreError, Summary},
};
