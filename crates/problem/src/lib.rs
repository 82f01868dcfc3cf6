//! Renders refusals at the edge as RFC 9457 problem details, and names every answer by its request id.
//!
//! A layer that refuses decides *that* and *why*; it never writes a body. The refusal travels outwards as a
//! [`Rejection`](palisade_core::Rejection) in the answer's extensions, past everything that counts and logs by it, and
//! becomes bytes here, once, in one format.
//!
//! # Rules
//!
//! 1. The request gets its [`SecurityContext`](palisade_core::SecurityContext), unless it has one.
//! 2. An answer that carries a [`Rejection`](palisade_core::Rejection) is rendered, by default as
//!    [`application/problem+json`](ProblemJson). Of the refusal, what it says in `code`, `detail` and headers is shown; its
//!    private reason never.
//! 3. A [bare error](BareErrors), as routers, extractors and body limits make them, is rendered as the problem of its
//!    status. Its text is discarded.
//! 4. Headers that are on the answer stay: `WWW-Authenticate`, `Retry-After`, `Allow`, CORS, security headers. Those that
//!    describe the replaced content go. `Cache-Control: no-store` is added unless there is another.
//! 5. HEAD gets the headers that GET would get, and no body.
//! 6. Every answer, also one that passed, gets `X-Request-Id`, equal to the problem's `instance`. A value that is there
//!    already is replaced: one request has one name.
//! 7. Of two problem layers the inner one renders.
//! 8. The body of the answer keeps the context of the request until it is dropped, and with it what layers attached: a place
//!    among the requests that run at the same time, for one.
//! 9. What a handler refuses is one event of the security log, with its private reason. No gate sees it; what a gate refused
//!    was told there, and that there is nothing (404, 405) is told nowhere.
//!
//! # Place in the stack
//!
//! Outermost: it renders what all others refuse, and its request id names what all others log.
//!
//! # Deployment caveat
//!
//! What is refused before the first layer is not rendered: a request that the server cannot parse, and a connection it
//! does not accept.
//!
//! # Example
//!
//! ```
//! use http::{Request, Response};
//! use palisade_core::{Code, Rejection, RejectionKind};
//! use palisade_problem::ProblemLayer;
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//! # use http_body_util::{BodyExt, Full};
//! # use bytes::Bytes;
//!
//! # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
//! let closed = Code::new("closed", "We are closed");
//! let service = ServiceBuilder::new().layer(ProblemLayer::new()).service(service_fn(move |_: Request<()>| {
//!     let rejection = Rejection::new(RejectionKind::Forbidden, closed).reason("holidays of the operator");
//!     std::future::ready(Ok::<Response<Full<Bytes>>, std::convert::Infallible>(rejection.into_answer()))
//! }));
//!
//! let answer = service.oneshot(Request::new(())).await.unwrap();
//! assert_eq!(answer.status(), 403);
//! assert_eq!(answer.headers()["content-type"], "application/problem+json");
//! let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
//! let body = answer.into_body().collect().await.unwrap().to_bytes();
//! assert_eq!(body, format!(
//!     r#"{{"type":"https://palisade-rs.github.io/problems#closed","title":"We are closed","status":403,"code":"closed","instance":"{id}"}}"#
//! ));
//! # });
//! ```
//!
//! With the problems documented on one's own site, and the errors of helpers left alone:
//!
//! ```
//! use palisade_problem::{BareErrors, ProblemLayer};
//! let layer = ProblemLayer::new()
//!     .documented_at("https://api.example/problems")?
//!     .bare_errors(BareErrors::Keep);
//! # Ok::<_, palisade_core::ConfigError>(())
//! ```
//!
//! # Not done here
//!
//! - Errors of the inner *service*, as opposed to answers: `S::Error` passes through. Turn it into an answer where it is
//!   known what it means.
//! - Another format by `Accept`: RFC 9457 may be sent whatever is accepted, and a [`Render`] of one's own can do it.
//! - gRPC-Web: its clients understand the status of HTTP.
//! - Taking over a client's `X-Request-Id`: it would let two requests share a name in the log.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod bare;
mod body;
mod edge;
mod future;
#[cfg(feature = "grpc")]
mod grpc;
mod json;
mod layer;
mod object;
mod render;

pub use self::{
    bare::BareErrors,
    body::ProblemBody,
    future::ResponseFuture,
    json::ProblemJson,
    layer::{Problem, ProblemLayer},
    render::Render,
};
