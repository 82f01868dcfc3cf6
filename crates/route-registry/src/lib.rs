//! Declares who may ask a route together with the route, and refuses paths that two parsers could read differently.
//!
//! The documented `Public(route)` and `Admin(route)` are declarations in one [`Registry`]; [`RoutePolicy`] finds the
//! route of a request and leaves it in the security context, where authentication, limits, headers and analytics read it.
//! With the feature `axum`, `AccessRouter` declares access with the handler, and the same lookup decides and dispatches;
//! inside of axum's own router, with the feature `matched-path`, the policy decides on the route that it matched.
//!
//! # Rules
//!
//! 1. A path that layers and a router could read differently is refused: 400 `ambiguous-path`, with the check behind a
//!    dot ([`PathError`] lists them). Traversal counts as a violation; a `//` or a broken escape does not.
//! 2. Patterns are anchored and matched segment by segment; a dot is a dot, and a parameter is never empty. The query
//!    takes no part. See [`Pattern`].
//! 3. From left to right, literal text wins over text around a parameter (more text first, then more of it in front),
//!    that over a plain parameter, that over a catch-all. A choice that leads nowhere is taken back.
//! 4. Only then the method counts. HEAD follows GET. A method that is not declared where a pattern matches gets the
//!    strictest access declared there, and [`Access::Protected`](palisade_core::Access) at least, and needs all scopes
//!    that are declared there. OPTIONS is a method as any: preflights are answered by CORS, further out.
//! 5. A path that no pattern matches is `unmatched` and [`Access::Protected`](palisade_core::Access): not being declared
//!    opens nothing.
//! 6. A path that would be for a stricter route but for letter case, a `/` at the end or escapes is as strict as that
//!    route, if no pattern matches it, or if one with a parameter does and the router behind is not known to be exact
//!    (`AccessRouter` and axum's are). So `/ADMIN` is not open beside a public `/:page`. A router may ignore one of the three
//!    and not another, in paths and in patterns, so each that could find something else is asked. A path that is declared
//!    as it stands has no other spelling, and a parameter may be in capitals: `/posts/ABC` is of its own route.
//! 7. Every path under a tagged prefix carries its tag, matched or not. Of a prefix that a path would be under as in rule 6
//!    it carries [`RouteTag::API`](palisade_core::RouteTag) alone, which asks for more: `/API/feed` has its limit.
//! 8. An escape that hides the literal text of another route or prefix (`/%40me` beside a route `/@me`) is refused as in
//!    rule 1.
//! 9. Scopes are needed beside the class, all of them: 403 `insufficient-scope`. See [`Declare::scope`].
//! 10. The first policy that a request meets decides on its route. One further in checks the path, and no more: a second
//!     opinion would come too late for the layers between. So declare the routes of nested services in one registry.
//!
//! Two declarations for one path and method, and a pattern that nothing can reach, are errors when the registry is built,
//! with stable codes: see [`RegistryError`]. A lookup takes a bounded number of steps whatever the path
//! ([`Registry::most_steps`]), and a literal route costs no allocation.
//!
//! # Place in the stack
//!
//! Outside everything that asks for the route: authentication, blocklist and bans by route, limits, analytics. Inside
//! the client address, so that a refusal has one. [`ScopePolicy`] stands behind the authentication.
//!
//! # Deployment caveat
//!
//! The path that is checked must be the path that is served. Put nothing behind this layer that rewrites it, and prefer
//! `AccessRouter`. In front of another router, check that it chooses by path first and by method second, as axum does,
//! that it matches the undecoded path, and that it cuts nothing from it, such as the `.json` of `/admin.json`. A catch-all
//! takes one segment or more: where the router takes `/admin` or `/admin/` for a part of `/admin/{*rest}`, declare these
//! two as well. Under `Enforce::ReportOnly` an ambiguous path goes on as `unmatched`.
//!
//! # Example
//!
//! A few routes, everything else protected:
//!
//! ```
//! use palisade_route_registry::{Registry, RouteLayer, RoutePolicy};
//!
//! let routes = Registry::builder().public("/post/:id.xhtml").admin("/api/admin/bans").build()?;
//! let layer = RouteLayer::new(RoutePolicy::new(routes));
//! # Ok::<(), palisade_core::ConfigError>(())
//! ```
//!
//! With the feature `axum`, access is declared with the handler:
//!
//! ```
//! # #[cfg(feature = "axum")] {
//! use axum::routing::get;
//! use palisade_route_registry::{AccessRouter, PathParams, RouteLayer, RoutePolicy};
//! use tower_layer::Layer;
//!
//! let (routes, dispatch) = AccessRouter::new()
//!     .public("/post/:id.xhtml", get(async |params: PathParams| params.parse::<String>("id")))
//!     .admin("/api/admin/bans", get(async || "[]"))
//!     .into_parts()?;
//! let service = RouteLayer::new(RoutePolicy::new(routes)).layer(dispatch);
//! # }
//! # Ok::<(), palisade_core::ConfigError>(())
//! ```
//!
//! Access per method, tags and ids:
//!
//! ```
//! use http::Method;
//! use palisade_core::{Access, RouteTag};
//! use palisade_route_registry::{Declare, Registry, RouteLayer, RoutePolicy};
//!
//! let registry = Registry::builder()
//!     .declare(Declare::public("/embed/:id").tag(RouteTag::EMBED).id("embed"))
//!     .declare(Declare::authenticated("/api/posts/:id").methods([Method::PUT]).scope("posts:write"))
//!     .declare(Declare::public("/api/posts/:id").methods([Method::GET]))
//!     .declare(Declare::admin("/api/analytics/stream").tag(RouteTag::STREAM))
//!     .tag_prefix("/api/", RouteTag::API)
//!     .build()?;
//!
//! let found = registry.resolve(&Method::HEAD, "/api/posts/7");
//! assert_eq!((found.access(), found.params().get("id")), (Access::Public, Some("7")));
//! assert_eq!(registry.resolve(&Method::PATCH, "/api/posts/7").access(), Access::Authenticated);
//! assert!(registry.resolve(&Method::GET, "/api/nothing").route().has_tag(RouteTag::API));
//! assert_eq!(registry.resolve(&Method::GET, "/embed/7").route().id(), "embed");
//!
//! let layer = RouteLayer::new(RoutePolicy::new(registry));
//! # Ok::<(), palisade_core::ConfigError>(())
//! ```
//!
//! # Not done here
//!
//! - Deciding who gets in: this crate says which class a route is of, the authentication policies act on it. Scopes are
//!   the exception, because nobody else knows which a route needs.
//! - Normalising a path: two layers that normalise are two chances to differ. What is not canonical is refused.
//! - Regular expressions in patterns, optional parameters, two parameters in a segment: a reader could not tell what is
//!   open. Text outside of ASCII and a `:` in literal text are not taken either; a parameter matches both.
//! - axum's `Path` extractor: only axum's own router can fill it. `PathParams` takes its place.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "axum")]
mod axum;
mod builder;
mod captures;
mod declare;
mod endpoint;
mod error;
mod fold;
mod literals;
#[cfg(feature = "openapi")]
mod openapi;
mod params;
mod path;
mod pattern;
mod policy;
mod registry;
mod router;
mod scope;
mod trie;
mod twins;
mod zone;

#[cfg(feature = "axum")]
pub use self::axum::{AccessRouter, Dispatch, DispatchFuture};
pub use self::{
    builder::RegistryBuilder,
    declare::{Declare, Declared},
    error::RegistryError,
    params::PathParams,
    path::{PathError, check_path},
    pattern::Pattern,
    policy::{RouteLayer, RoutePolicy},
    registry::{Match, Registry},
    scope::ScopePolicy,
};
