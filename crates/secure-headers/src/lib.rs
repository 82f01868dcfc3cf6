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
//! 4. Each header is written in a fixed order. One that the handler set itself stays ([`Handler::Keep`]), in all its lines,
//!    because who answers knows his page best. Two are written over it ([`Handler::Override`]): `Strict-Transport-Security`,
//!    which speaks for the whole host and not for one page; and `X-Content-Type-Options`, where any second value is a
//!    mistake. [`HeaderSet::handler`] changes either.
//! 5. `Strict-Transport-Security` is written where the request is known to have come over TLS, by the service's own socket or
//!    by the word of a trusted proxy ([`Transport`](palisade_core::Transport)). On the others it is taken away.
//! 6. A CSP with a nonce is not written on a 304: a cache would put it onto the page it kept, whose scripts carry
//!    the nonce of then.
//! 7. `Cache-Control: private, no-store` is written where the answer is for one person alone: a page under a set that uses a
//!    nonce, whatever its status and method; an answer to a credential, or to a proven identity; an answer that sets a
//!    cookie. A page is `text/html`, `application/xhtml+xml`, `image/svg+xml`, and what has content of no type where nobody
//!    says `nosniff`. A handler's own `Cache-Control` stays, but for the preset `strict`, where no page with a nonce is kept
//!    whatever its handler says.
//!
//! # Place in the stack
//!
//! Outside of everything that refuses, and of CORS and compression: 401, 403, 413 and 429 carry these headers too. Inside
//! of whatever stores answers, so that a page is never stored with its nonce. The route and the transport are learnt further
//! in, and read on the way out.
//!
//! # Deployment caveat
//!
//! - Behind a proxy that ends TLS, `Strict-Transport-Security` is sent where the proxy is trusted and says so, by
//!   `X-Forwarded-Proto` or `Forwarded`. Where it cannot say so, [`HstsWhen::Always`] sends it on every answer.
//! - Reports and `Clear-Site-Data` are for TLS too: a browser reads `Reporting-Endpoints` nowhere else but on loopback.
//! - A proxy in front that adds a CSP of its own makes two, and a browser obeys both.
//! - A response cache behind this layer must not keep a page with its nonce: the header would hold the next one.
//! - A page whose handler has it kept (`Cache-Control: public`) is kept with its nonce, but for `strict`: who finds a way to
//!   write into it later knows the nonce. [Hashes](Csp::allow_inline) are for such pages.
//! - An answer that comes to be without the gate, when the inner service fails with an error of its own, has no header of ours.
//!
//! # Presets
//!
//! `polymech` is the documented table as it stands, for sites on its content networks. `strict` passes OWASP ASVS 5 level 2
//! (chapter 3.4) and more of level 3, scores what MDN Observatory has to give to a host that is not on the preload list, has
//! no finding of csp-evaluator at all, and every header of OWASP Secure Headers. It fits a site that loads all of its own
//! from itself. `strict_static` is the same without a nonce, for pages that caches keep. `api` is for data.
//!
//! | header | `polymech` | `strict` | `api` | why |
//! |---|---|---|---|---|
//! | `Strict-Transport-Security` | 1 year, subdomains | 2 years, subdomains | 1 year, subdomains | ASVS 3.4.1 and OWASP Secure Headers ask for 1 year; 2 are what preload lists and Mozilla recommend. No `preload`: it takes months to get off that list |
//! | `X-Frame-Options` | `SAMEORIGIN` | `DENY` | `DENY` | for browsers without `frame-ancestors` |
//! | `Referrer-Policy` | `strict-origin-when-cross-origin` | `no-referrer` | `no-referrer` | ASVS 3.4.5: no path and no query to others. With `no-referrer` the `Origin` of a form that is posted is `null`: where one is checked, take `strict-origin` |
//! | `Permissions-Policy` | four features | 30 features denied | | what no page asks for, no injected script gets; not `bluetooth` and `web-share`, of which Chromium on Linux warns on every page; [allowed by name](HeaderSet::change_permissions_policy) |
//! | `Cross-Origin-Resource-Policy` | | `same-origin` | `same-origin` | no other site loads what is ours into its process |
//! | `Cross-Origin-Embedder-Policy` | | `require-corp` | | we load nothing that did not agree; costs nothing where all comes from `'self'` |
//! | `Cross-Origin-Opener-Policy` | | `same-origin` | | ASVS 3.4.8: no window that others opened holds us. Sign-in by pop-up of another site needs `same-origin-allow-popups` |
//! | `X-Permitted-Cross-Domain-Policies`, `X-DNS-Prefetch-Control` | | `none`, `off` | | OWASP Secure Headers; a host's name in an injected link leaks |
//! | `X-Content-Type-Options` | `nosniff` | `nosniff` | `nosniff` | ASVS 3.4.4 |
//! | `Cache-Control` | where private | where private, over a handler's | where private | rule 7 |
//! | CSP `default-src` | `'self'` | `'none'` | `'none'` | what is not named is not loaded |
//! | CSP `script-src` | `'self' 'nonce'` and a host | `'nonce' 'strict-dynamic'` | | a host that serves a gadget runs it; a nonce names the script. No `https:` and `'unsafe-inline'` for browsers that know no nonce: they are a handful, run no script, and scanners read the words as they stand |
//! | CSP `style-src` | `'unsafe-inline'` and hosts | `'self' 'nonce'` | | |
//! | CSP `require-trusted-types-for`, `trusted-types` | | `'script'`, `'none'` | | text becomes no script by `innerHTML`. A site that means to names its policy: `change_csp(..)` with `Directive::TrustedTypes` and `["app"]` |
//! | CSP `object-src`, `base-uri` | `'none'`, `'self'` | `'none'`, `'none'` | by default, `'none'` | ASVS 3.4.3: neither plug-ins nor another base for relative scripts |
//! | CSP `form-action` | | `'self'` | `'none'` | an injected form sends nothing away |
//! | CSP `frame-ancestors` | `'self'`, on embed routes `*` | `'none'` | `'none'` | ASVS 3.4.6 |
//!
//! There is no `upgrade-insecure-requests` in `strict`: everything is `'self'`, so over TLS there is nothing to upgrade.
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
//! assert!(!answer.headers().contains_key("strict-transport-security"), "nobody said it was TLS");
//! assert!(answer.headers()["content-security-policy"].to_str().unwrap().contains("'nonce-"));
//! # });
//! # fn block_on(future: impl Future<Output = ()>) {
//! #     let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
//! #     assert!(std::pin::pin!(future).poll(&mut cx).is_ready());
//! # }
//! ```
//!
//! One image host more, no frames but for one page, a stricter policy to try out, and reports of both:
//!
//! ```
//! use palisade_secure_headers::{
//!     Directive, FrameOptions, RouteMatch, SecureHeadersLayer, SecureHeadersPolicy,
//! };
//!
//! let policy = SecureHeadersPolicy::polymech()
//!     .change(|headers| {
//!         headers
//!             .frame_options(FrameOptions::Deny)
//!             .change_csp(|csp| {
//!                 csp.allow(Directive::ImgSrc, "images.example.org")?.directive(Directive::FrameAncestors, ["'none'"])
//!             })?
//!             .csp_twin(|csp| csp.directive(Directive::StyleSrc, ["'self'", "'nonce'"]))?
//!             .report_csp("csp", "/api/csp-reports")
//!     })?
//!     .override_for(RouteMatch::Id("player".into()), |headers| Ok(headers.embeddable()))?;
//! let layer = SecureHeadersLayer::new(policy);
//! # Ok::<_, palisade_core::ConfigError>(())
//! ```
//!
//! Pages that caches may keep, beside pages with a nonce: their inline script is allowed by its text.
//!
//! ```
//! use palisade_secure_headers::{Directive, HeaderSet, RouteMatch, SecureHeadersPolicy};
//!
//! const SCRIPT: &str = "document.documentElement.dataset.js = 'yes'";
//!
//! let policy = SecureHeadersPolicy::strict().override_for(RouteMatch::Id("about".into()), |_| {
//!     HeaderSet::strict_static().change_csp(|csp| csp.allow_inline(Directive::ScriptSrc, SCRIPT))
//! })?;
//! // The handler: format!("<script>{SCRIPT}</script>"), with `Cache-Control: public, max-age=600`.
//! # Ok::<_, palisade_core::ConfigError>(())
//! ```
//!
//! # Features
//!
//! - `axum`: [`CspNonce`] is an argument of axum handlers, [`ClearSiteData`] a part of their answers.
//! - `askama`, `minijinja`: [`CspNonce`] is a value in templates.
//! - `reports`: `Reports` reads what browsers send to a `report-uri` or an endpoint of [`ReportingEndpoints`], within bounds.
//! - `audit`: a module that grades an answer as the MDN HTTP Observatory, the OWASP ASVS and the OWASP Secure Headers Project would, and
//!   `assert_grade!`, which does so in a test.
//!
//! # Not done here
//!
//! - CORS: it answers questions and decides by the request; these headers only tell.
//! - Reading pages for their inline scripts: who renders a page knows them, and [allows each by its text](Csp::allow_inline).
//! - Receiving reports: this crate says where they go, and reads them with the feature `reports`; a handler takes them in.
//! - `X-XSS-Protection`: what it turned off is in no browser of today. `Origin-Agent-Cluster`: neither ASVS nor OWASP Secure
//!   Headers ask for it. `Expect-CT`, `Public-Key-Pins`: withdrawn.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "askama")]
mod askama;
#[cfg(feature = "audit")]
#[cfg_attr(docsrs, doc(cfg(feature = "audit")))]
pub mod audit;
#[cfg(feature = "axum")]
mod axum;
mod base64;
mod cache_control;
mod clear_site_data;
mod compiled;
mod content_type_options;
mod cross_origin;
mod csp;
#[cfg(any(feature = "audit", feature = "reports"))]
mod deceit;
mod dns_prefetch_control;
mod frame_options;
mod header;
mod header_set;
mod hsts;
mod keyword;
#[cfg(feature = "minijinja")]
mod minijinja;
mod nonce;
mod permissions_policy;
mod permitted_cross_domain_policies;
mod policy;
mod presets;
mod referrer_policy;
mod reporting_endpoints;
#[cfg(feature = "reports")]
mod reports;
mod route_match;

#[cfg(feature = "reports")]
pub use self::reports::{Disposition, Report, ReportKind, Reports, Unreadable};
pub use self::{
    cache_control::CacheControl,
    clear_site_data::{ClearSiteData, SiteData},
    content_type_options::ContentTypeOptions,
    cross_origin::{CrossOriginEmbedderPolicy, CrossOriginOpenerPolicy, CrossOriginResourcePolicy},
    csp::{Csp, Directive, Source},
    dns_prefetch_control::DnsPrefetchControl,
    frame_options::FrameOptions,
    header::{Handler, Header},
    header_set::HeaderSet,
    hsts::{Hsts, HstsWhen},
    nonce::CspNonce,
    permissions_policy::PermissionsPolicy,
    permitted_cross_domain_policies::PermittedCrossDomainPolicies,
    policy::SecureHeadersPolicy,
    referrer_policy::ReferrerPolicy,
    reporting_endpoints::ReportingEndpoints,
    route_match::RouteMatch,
};

/// Puts a [`SecureHeadersPolicy`] in front of a service. See the [crate docs](crate) for an example.
pub type SecureHeadersLayer = palisade_core::GateLayer<SecureHeadersPolicy>;
