//! Counts requests and decisions, and writes them down as Prometheus reads them.
//!
//! # Rules
//!
//! 1. A request is counted once, when it is over: the last byte of its answer was handed to the transport, or its client went away.
//! 2. It is counted by the access class of its route, its method, the first digit of its status, and how it ended. Never by a path, a
//!    user, an address or anything else that clients choose: what they send adds no label.
//! 3. A refusal is counted by the policy that decided and its code: one that ended the request as `refused`, one that was only
//!    [reported](palisade_core::Enforce::ReportOnly) as `would-refuse`. Passes are not counted one by one: they are the rest.
//! 4. The time of a request is counted up to the last byte. That of a stream is not: it says how long somebody listened.
//! 5. Every number is there once for each core, and added up by who reads it. So to count writes nothing that another core writes, takes
//!    no lock of its own, and waits for nobody; to read stops nobody.
//! 6. Memory is fixed when it is made: 1 200 sets of labels, 256 pairs of a policy and a code. Pairs beyond are counted as `other`.
//! 7. A [page](Exposition) that is written cannot be one that readers refuse: names are checked at build, values of labels are escaped,
//!    and a family stands there once.
//!
//! # Place in the stack
//!
//! Outermost of the policies that decide, so that it sees what all of them refuse. What ends further out is not counted: preflights that
//! CORS answers. The layer that renders problems stands around all, and tells when an answer is over; without it, and without any
//! that does so, requests count with the outcome `unknown`, at the time when their context is dropped.
//!
//! # Deployment caveat
//!
//! What is counted tells a stranger how much traffic there is, who is being attacked and by what: show it to admins, or on an address
//! that only the collector reaches. Numbers begin at 0 with the process, and are its own: add up instances where they are collected.
//!
//! # Example
//!
//! ```
//! use http::{Request, Response};
//! use palisade_core::GateLayer;
//! use palisade_metrics::{Exposition, Format, Metrics, MetricsPolicy};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let metrics = Metrics::new();
//! let service = ServiceBuilder::new()
//!     .layer(GateLayer::new(MetricsPolicy::new(&metrics)))
//!     .service(service_fn(|_: Request<String>| async { Ok::<_, std::convert::Infallible>(Response::new(String::new())) }));
//! service.oneshot(Request::new(String::new())).await.unwrap();
//!
//! let mut page = Exposition::new(Format::Text);
//! metrics.write(&mut page);
//! assert!(page.finish().contains("method=\"GET\",status_class=\"2xx\""));
//! # });
//! ```
//!
//! With another clock, and families of one's own on the same page:
//!
//! ```
//! use palisade_core::{Clock, GateLayer};
//! use palisade_metrics::{Exposition, Family, Format, Metrics, MetricsPolicy};
//!
//! const WAITING: Family<1> = Family::gauge("jobs_waiting", "Jobs that wait.", ["queue"]);
//!
//! let (metrics, clock) = (Metrics::new(), Clock::system());
//! let layer = GateLayer::new(MetricsPolicy::new(&metrics).clock(clock.clone())).clock(clock);
//!
//! let headers = http::HeaderMap::new(); // those of the request for the page
//! let format = Format::wanted(&headers);
//! let mut page = Exposition::new(format);
//! metrics.write(&mut page);
//! page.family(&WAITING).add(["mail"], 3_u64);
//! let (content_type, body) = (format.content_type(), page.finish());
//! # assert_eq!(content_type, "text/plain; version=0.0.4; charset=utf-8");
//! # assert!(body.ends_with("jobs_waiting{queue=\"mail\"} 3\n"));
//! ```
//!
//! # Not done here
//!
//! - Answering `GET /metrics`: who may read it, and on which address, is the server's to say.
//! - Figures of other layers: they tell them by their own `status()`, and who assembles a server writes them onto the page.
//! - Protobuf, exemplars, timestamps, summaries: no reader needs them.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod decisions;
mod durations;
mod exposition;
mod family;
mod format;
mod labels;
mod metrics;
mod policy;
mod traffic;
mod value;

pub use self::{
    exposition::{Described, Exposition, Histograms, Samples, Spread},
    family::{Family, FamilyKind, HistogramFamily},
    format::Format,
    metrics::Metrics,
    policy::MetricsPolicy,
    value::Value,
};
