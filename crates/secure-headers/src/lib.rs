//! Writes security headers on every answer: a CSP with a nonce per answer, a value per header, overrides per route.
//!
//! Every value is typed and checked when it is built: a keyword without its quotes, a `;` in a source or a line break in an
//! origin is a [`ConfigError`](palisade_core::ConfigError) that names the mistake and what was probably meant.
//!
//! # Rules
//!
//! 1. On the way in a [`CspNonce`] is drawn and attached to the context, if a header of any route uses one. Nothing is
//!    ever refused.
//! 2. On the way out, for answers and for refusals of layers further in, the route says which headers are written: those
//!    of an override for its id, else of the first override for a tag of it, else the usual ones. Where the route is not
//!    known, because the request was refused before it was, the usual ones.
//! 3. `Server` and `X-Powered-By` are taken away, and each header the set [strips](HeaderSet::strip).
//! 4. Each header is written in a fixed order. One that the handler set itself stays ([`Handler::Keep`]), because who
//!    answers knows his page best. Two are written over it ([`Handler::Override`]): `Strict-Transport-Security`, which
//!    speaks for the whole host and not for one page; and `X-Content-Type-Options`, where any second value is a mistake.
//!    [`HeaderSet::handler`] changes either.
//! 5. A CSP with a nonce is not written on a 304: a cache would put it onto the page it kept, whose scripts carry
//!    the nonce of then.
//! 6. `Cache-Control: private, no-store` is written where the answer is for one person alone: a page (`text/html`,
//!    `application/xhtml+xml`) under a set that uses a nonce, and an answer to a credential, or to a proven identity.
//!    A handler's own `Cache-Control` stays.
//!
//! # Place in the stack
//!
//! Outside of everything that refuses, and of CORS and compression: 401, 403, 413 and 429 carry these headers too. Inside
//! of whatever stores answers, so that a page is never stored with its nonce. The route is learnt further in, and read on the
//! way out.
//!
//! # Deployment caveat
//!
//! - `Strict-Transport-Security` is sent on every answer, as documented, also over plain HTTP, where browsers ignore it
//!   (RFC 6797 section 8.1). [`HstsWhen::SecureTransport`] sends it over TLS alone, if the context knows: see
//!   [`Transport`](palisade_core::Transport).
//! - A proxy in front that adds a CSP of its own makes two, and a browser obeys both.
//! - A response cache behind this layer must not keep a page with its nonce: the header would hold the next one.
//! - An answer that comes to be without the gate, when the inner service fails with an error of its own, has no header of ours.
//!
//! # Example
//!
//! The documented headers, as they are:
//!
//! ```
//! use http::{Request, Response};
//! use palisade_core::SecurityContext;
//! use palisade_secure_headers::{CspNonce, SecureHeadersLayer, SecureHeadersPolicy};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//!
//! # block_on(async {
//! let service = ServiceBuilder::new()
//!     .layer(SecureHeadersLayer::new(SecureHeadersPolicy::polymech()))
//!     .service(service_fn(|request: Request<String>| async move {
//!         let context = request.extensions().get::<SecurityContext>().unwrap();
//!         let nonce = context.attached::<CspNonce>().unwrap();
//!         Ok::<_, std::convert::Infallible>(Response::new(format!("<script nonce=\"{nonce}\">…</script>")))
//!     }));
//!
//! let answer = service.oneshot(Request::new(String::new())).await.unwrap();
//! assert_eq!(answer.headers()["x-frame-options"], "SAMEORIGIN");
//! assert!(answer.headers()["content-security-policy"].to_str().unwrap().contains("'nonce-"));
//! # });
//! # fn block_on(future: impl Future<Output = ()>) {
//! #     let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
//! #     assert!(std::pin::pin!(future).poll(&mut cx).is_ready());
//! # }
//! ```
//!
//! One image host more, no frames but for one page, HSTS over TLS alone, and a policy to try out:
//!
//! ```
//! use std::time::Duration;
//! use palisade_secure_headers::{
//!     Directive, FrameOptions, HeaderSet, Hsts, HstsWhen, RouteMatch, SecureHeadersLayer, SecureHeadersPolicy,
//! };
//!
//! let two_years = Duration::from_secs(63_072_000);
//! let policy = SecureHeadersPolicy::polymech()
//!     .change(|headers| {
//!         headers
//!             .hsts(Hsts::including_subdomains(two_years).when(HstsWhen::SecureTransport))
//!             .frame_options(FrameOptions::Deny)
//!             .csp_report_only("default-src 'self'; script-src 'nonce' 'strict-dynamic'".parse()?)
//!             .change_csp(|csp| {
//!                 csp.allow(Directive::ImgSrc, "images.example.org")?.directive(Directive::FrameAncestors, ["'none'"])
//!             })
//!     })?
//!     .override_for(RouteMatch::Id("player".into()), |headers| Ok(headers.embeddable()))?;
//! let layer = SecureHeadersLayer::new(policy);
//! # Ok::<_, palisade_core::ConfigError>(())
//! ```
//!
//! # Grades
//!
//! The module `audit`, behind the feature of that name, grades an answer as the MDN HTTP Observatory, the OWASP ASVS and the OWASP
//! Secure Headers Project would; `assert_grade!` does so in a test.
//!
//! # Not done here
//!
//! - CORS: it answers questions and decides by the request; these headers only tell.
//! - Hashes of inline scripts: whoever renders the page knows them. They are accepted as sources.
//! - `Clear-Site-Data`: it belongs to one answer, the one that logs out.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "audit")]
#[cfg_attr(docsrs, doc(cfg(feature = "audit")))]
pub mod audit;
#[cfg(feature = "axum")]
mod axum;
mod cache_control;
mod compiled;
mod content_type_options;
mod cross_origin;
mod csp;
mod frame_options;
mod header;
mod header_set;
mod hsts;
mod keyword;
mod nonce;
mod permissions_policy;
mod policy;
mod presets;
mod referrer_policy;
mod route_match;

pub use self::{
    cache_control::CacheControl,
    content_type_options::ContentTypeOptions,
    cross_origin::{CrossOriginEmbedderPolicy, CrossOriginOpenerPolicy, CrossOriginResourcePolicy},
    csp::{Csp, Directive, Source},
    frame_options::FrameOptions,
    header::{Handler, Header},
    header_set::HeaderSet,
    hsts::{Hsts, HstsWhen},
    nonce::CspNonce,
    permissions_policy::PermissionsPolicy,
    policy::SecureHeadersPolicy,
    referrer_policy::ReferrerPolicy,
    route_match::RouteMatch,
};

/// Puts a [`SecureHeadersPolicy`] in front of a service. See the [crate docs](crate) for an example.
pub type SecureHeadersLayer = palisade_core::GateLayer<SecureHeadersPolicy>;
