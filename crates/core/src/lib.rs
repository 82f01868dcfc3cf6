//! Decides about HTTP requests behind one tower gate: policies, refusals as values, one security context.
//!
//! A middleware is a [`Policy`] put behind a [`Gate`]. The policy decides from the request's head alone; the gate does
//! the tower plumbing, once, for all. This crate is the floor of Palisade: every other layer of the family is a policy
//! of this trait, and so is every layer you write yourself.
//!
//! # Rules
//!
//! 1. The gate takes the [`SecurityContext`] of the request, or makes one if no gate further out did.
//! 2. Policies of a [`Chain`] are asked in order. The first that refuses ends the request; nothing behind it runs.
//! 3. A policy that says [`Verdict::Wait`] is waited for (the slow path; the only boxed future), then the chain goes on.
//! 4. A request that passed is handed to the *readied* inner service with its body untouched and of the same type.
//! 5. On the way out [`Policy::finish`] runs in reverse order for every policy that passed, whether the answer came
//!    from the handler or from a refusal further in.
//! 6. A refusal is a [`Rejection`]: the gate answers its status and headers with an empty body and leaves the value in
//!    the answer's extensions, where an outer layer renders it and others count it.
//! 7. Under [`Enforce::ReportOnly`] a refusal is recorded in the [`trail`](SecurityContext::trail), counted and logged,
//!    and the request goes on.
//!
//! # Place in the stack
//!
//! Anywhere. The outermost gate makes the context; gates further in share it.
//!
//! # Deployment caveat
//!
//! A policy sees the head, never the body: what must read bytes (a signature over the body, a body limit) is a layer of
//! its own. And a policy sees what outer layers left of the head: put nothing outside that rewrites the path.
//!
//! # Example
//!
//! A policy of one's own, alone in front of a service:
//!
//! ```
//! use http::{Request, Response, request::Parts};
//! use palisade_core::{Code, GateLayer, Policy, Rejection, RejectionKind, SecurityContext, Verdict};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//!
//! /// Refuses what is not asked over the name we serve.
//! #[derive(Debug)]
//! struct OnlyHost(&'static str);
//!
//! const WRONG_HOST: Code = Code::new("wrong-host", "This host is not served here");
//!
//! impl Policy for OnlyHost {
//!     fn name(&self) -> &'static str {
//!         "only-host"
//!     }
//!     fn check(&self, head: &mut Parts, _context: &SecurityContext) -> Verdict {
//!         match head.headers.get(http::header::HOST) {
//!             Some(host) if host == self.0 => Verdict::Pass,
//!             _ => Rejection::new(RejectionKind::Malformed, WRONG_HOST).into(),
//!         }
//!     }
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let service = ServiceBuilder::new()
//!     .layer(GateLayer::new(OnlyHost("example.org")))
//!     .service(service_fn(|_: Request<String>| async { Ok::<_, std::convert::Infallible>(Response::new(String::new())) }));
//!
//! let answer = service.oneshot(Request::new(String::new())).await.unwrap();
//! assert_eq!(answer.status(), 400);
//! assert_eq!(answer.extensions().get::<Rejection>().unwrap().code().as_str(), "wrong-host");
//! # });
//! ```
//!
//! Several policies behind one gate, the second one only watched:
//!
//! ```
//! # use http::request::Parts;
//! # use palisade_core::{Chain, GateLayer, Policy, SecurityContext, Verdict};
//! # #[derive(Debug)] struct First;
//! # impl Policy for First {
//! #     fn name(&self) -> &'static str { "first" }
//! #     fn check(&self, _: &mut Parts, _: &SecurityContext) -> Verdict { Verdict::Pass }
//! # }
//! # #[derive(Debug)] struct Second;
//! # impl Policy for Second {
//! #     fn name(&self) -> &'static str { "second" }
//! #     fn check(&self, _: &mut Parts, _: &SecurityContext) -> Verdict { Verdict::Pass }
//! # }
//! use palisade_core::{Enforce, Policies};
//! let layer = GateLayer::new(First.then(Second.enforce(Enforce::ReportOnly)));
//! ```
//!
//! # Not done here
//!
//! - Rendering a refusal's body: `palisade-problem` does it at the edge, so that no layer needs to know a body type.
//! - Reading the environment or a clock behind the caller's back: time comes from a [`Clock`] given at build.

#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod atomic_file;
mod attached;
#[cfg(feature = "axum")]
mod axum;
mod chain;
mod client_ip;
mod clock;
mod code;
mod config_error;
mod context;
mod country;
mod credential;
mod ending;
mod enforce;
mod follow;
mod future;
mod gate;
pub mod header;
mod identity;
mod keyed_hash;
mod limit_report;
mod location;
mod one_line;
mod policy;
mod realm;
mod rejection;
mod request_id;
#[cfg(feature = "rfc3339")]
pub mod rfc3339;
mod route;
mod security_log;
mod striped;
mod trail;
mod trail_record;
mod transport;
mod violation;

pub use self::{
    chain::{Chain, Enforced, Policies, Progress, Run, Waiting},
    client_ip::{ClientIp, ClientIpSource, IpKey, IpKeyError, Ipv6Prefix, PeerAddr},
    clock::{Clock, ManualClock, Moment},
    code::Code,
    config_error::ConfigError,
    context::SecurityContext,
    country::Country,
    credential::{Credential, CredentialKind, CredentialPlace, Presented, Token, TokenDigest},
    ending::{AtEnd, End, Ended, Tail},
    enforce::Enforce,
    follow::{Follow, FollowFuture, FollowLayer, FollowedBody},
    future::ResponseFuture,
    gate::{Gate, GateLayer},
    identity::{Identity, IdentityKind},
    keyed_hash::KeyedHash,
    limit_report::LimitReport,
    location::{Locate, Location, Whereabouts},
    one_line::OneLine,
    policy::{BoxFuture, Policy, Verdict},
    realm::Realm,
    rejection::{Rejection, RejectionKind},
    request_id::RequestId,
    route::{Access, Route, RouteTag},
    security_log::SECURITY_TARGET,
    striped::Striped,
    trail::{Decision, Outcome, Trail},
    transport::Transport,
    violation::ViolationKind,
};
