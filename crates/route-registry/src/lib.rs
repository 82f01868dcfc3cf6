//! Declares who may ask a route together with the route, and refuses paths that two parsers could read differently.
//!
//! The documented `Public(route)` and `Admin(route)` are declarations in one [`Registry`]; [`RoutePolicy`] finds the
//! route of a request and leaves it in the security context, where authentication, limits, headers and analytics read it.
//! With the feature `axum`, `AccessRouter` declares access with the handler, and the same lookup decides and dispatches.
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
//!    strictest access declared there.
//! 5. A path that no pattern matches is `unmatched` and [`Access::Protected`](palisade_core::Access): not being declared
//!    opens nothing. If it would match but for letter case or a `/` at the end, it is at least as strict as that route.
//! 6. Every path under a tagged prefix carries its tag, matched or not.
//! 7. An escape that hides the literal text of another route (`/%40me` beside a route `/@me`) is refused as in rule 1.
//!
//! Two declarations for one path and method, and a pattern that nothing can reach, are errors when the registry is built.
//! A lookup takes at most [`Registry::most_steps`] steps whatever the path, and a literal route costs no allocation.
//!
//! # Place in the stack
//!
//! Outside everything that asks for the route: authentication, blocklist and bans by route, limits, analytics. Inside
//! the client address, so that a refusal has one.
//!
//! # Deployment caveat
//!
//! The path that is checked must be the path that is served. Put nothing behind this layer that rewrites it, and prefer
//! `AccessRouter`. In front of another router, check that it chooses by path first and by method second, as axum does,
//! and that it matches the undecoded path. Under `Enforce::ReportOnly` an ambiguous path goes on as `unmatched`.
//!
//! # Example
//!
//! A few routes, everything else protected:
//!
//! ```
//! use palisade_core::{Access, GateLayer};
//! use palisade_route_registry::{Registry, RoutePolicy};
//! # use http::Method;
//!
//! let registry = Registry::builder()
//!     .public("/feed.xml")
//!     .public("/post/:id.xhtml")
//!     .admin("/api/admin/bans")
//!     .build()?;
//!
//! let found = registry.resolve(&Method::GET, "/post/7.xhtml");
//! assert_eq!(found.access(), Access::Public);
//! assert_eq!(found.params().get("id"), Some("7"));
//! assert_eq!(registry.resolve(&Method::GET, "/post/7.xml").access(), Access::Protected);
//!
//! let layer = GateLayer::new(RoutePolicy::new(registry));
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
//!     .declare(Declare::authenticated("/api/posts/:id").methods([Method::PUT]))
//!     .declare(Declare::public("/api/posts/:id").methods([Method::GET]))
//!     .declare(Declare::admin("/api/analytics/stream").tag(RouteTag::STREAM))
//!     .tag_prefix("/api/", RouteTag::API)
//!     .build()?;
//!
//! assert_eq!(registry.resolve(&Method::HEAD, "/api/posts/7").access(), Access::Public);
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
//! - Deciding who gets in: this crate says which class a route is of, the authentication policies act on it.
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
mod literals;
mod params;
mod path;
mod pattern;
mod policy;
mod registry;
mod trie;
mod zone;

#[cfg(feature = "axum")]
pub use self::axum::{AccessRouter, Dispatch, DispatchFuture};
pub use self::{
    builder::RegistryBuilder,
    declare::{Declare, Declared},
    params::PathParams,
    path::{PathError, check_path},
    pattern::Pattern,
    policy::{RouteLayer, RoutePolicy},
    registry::{Match, Registry},
};
