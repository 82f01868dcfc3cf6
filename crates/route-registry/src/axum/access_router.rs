//! Declares access with the handler.

use std::fmt;

use ::axum::{
    handler::Handler,
    routing::{MethodRouter, any},
};
use palisade_core::RouteTag;

use crate::{Declare, Dispatch, Registry, RegistryBuilder, RegistryError};

/// Routes with their handlers and with who may ask them, in one place.
///
/// The [`Registry`] it makes decides about access and finds the handler, once per request: gate and router cannot
/// disagree about a path.
///
/// ```
/// use axum::routing::{get, post};
/// use palisade_core::{GateLayer, RouteTag};
/// use palisade_route_registry::{AccessRouter, Declare, PathParams, RoutePolicy};
/// use tower_layer::Layer;
///
/// async fn embed(params: PathParams) -> String {
///     params.get("id").unwrap_or_default().to_owned()
/// }
///
/// let embeds = AccessRouter::new().route(Declare::public("/embed/:id").tag(RouteTag::EMBED), get(embed));
/// let (registry, dispatch) = AccessRouter::new()
///     .public("/feed.xml", get(|| async { "<feed/>" }))
///     .admin("/api/flush-cache", post(|| async { "done" }))
///     .merge(embeds)
///     .tag_prefix("/api/", RouteTag::API)
///     .into_parts()?;
/// let service = GateLayer::new(RoutePolicy::new(registry)).layer(dispatch);
/// # Ok::<(), palisade_core::ConfigError>(())
/// ```
#[must_use]
pub struct AccessRouter<S = ()> {
    registry: RegistryBuilder,
    handlers: Vec<MethodRouter<S>>,
    fallbacks: Vec<MethodRouter<S>>,
}

// === impl AccessRouter ===

impl<S: Clone + Send + Sync + 'static> AccessRouter<S> {
    /// Starts without routes.
    pub fn new() -> Self {
        Self {
            registry: Registry::builder().dispatches(),
            handlers: Vec::new(),
            fallbacks: Vec::new(),
        }
    }

    /// Adds a route that anyone may ask.
    pub fn public(self, pattern: impl Into<Box<str>>, handler: MethodRouter<S>) -> Self {
        self.route(Declare::public(pattern), handler)
    }

    /// Adds a route for whoever the service's default lets in.
    pub fn protected(self, pattern: impl Into<Box<str>>, handler: MethodRouter<S>) -> Self {
        self.route(Declare::protected(pattern), handler)
    }

    /// Adds a route for whoever has an identity.
    pub fn authenticated(self, pattern: impl Into<Box<str>>, handler: MethodRouter<S>) -> Self {
        self.route(Declare::authenticated(pattern), handler)
    }

    /// Adds a route for whoever has the admin role.
    pub fn admin(self, pattern: impl Into<Box<str>>, handler: MethodRouter<S>) -> Self {
        self.route(Declare::admin(pattern), handler)
    }

    /// Adds a route as it is declared.
    ///
    /// Without [`Declare::methods`] the access holds for every method, and the `MethodRouter` answers 405 to those it has
    /// no handler for. For an access per method, declare the pattern once for each.
    pub fn route(mut self, declaration: Declare, handler: MethodRouter<S>) -> Self {
        self.registry = self.registry.declare(declaration);
        self.handlers.push(handler);
        self
    }

    /// Tags every path under `prefix`: see [`RegistryBuilder::tag_prefix`].
    pub fn tag_prefix(mut self, prefix: impl Into<Box<str>>, tag: RouteTag) -> Self {
        self.registry = self.registry.tag_prefix(prefix, tag);
        self
    }

    /// Answers what no pattern matches, behind the gate as [`Access::Protected`](palisade_core::Access::Protected).
    /// Default: 404 `not-found`.
    pub fn fallback<H, T>(mut self, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.fallbacks.push(any(handler));
        self
    }

    /// Adds the routes of `other`, its tags by prefix and its fallback.
    pub fn merge(mut self, other: Self) -> Self {
        self.registry = self.registry.merge(other.registry);
        self.handlers.extend(other.handlers);
        self.fallbacks.extend(other.fallbacks);
        self
    }

    /// Gives the handlers their state.
    pub fn with_state<S2>(self, state: S) -> AccessRouter<S2> {
        let give = |handlers: Vec<MethodRouter<S>>| {
            handlers.into_iter().map(|handler| handler.with_state(state.clone())).collect()
        };
        AccessRouter {
            registry: self.registry,
            handlers: give(self.handlers),
            fallbacks: give(self.fallbacks),
        }
    }
}

impl AccessRouter {
    /// The registry, for [`RoutePolicy`](crate::RoutePolicy), and the service behind the policy.
    ///
    /// # Errors
    ///
    /// As [`RegistryBuilder::build`]; and if two merged routers have a fallback each.
    pub fn into_parts(self) -> Result<(Registry, Dispatch), RegistryError> {
        let Self { registry, handlers, mut fallbacks } = self;
        let registry = registry.build()?;
        let fallback = fallbacks.pop();
        if !fallbacks.is_empty() {
            let expected = "one fallback in all";
            return Err(RegistryError::new(
                "route-fallback",
                "second fallback",
                "fallback",
                expected,
            ));
        }
        Ok((registry.clone(), Dispatch::new(registry, handlers, fallback)))
    }
}

impl<S: Clone + Send + Sync + 'static> Default for AccessRouter<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> fmt::Debug for AccessRouter<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessRouter").field("registry", &self.registry).finish_non_exhaustive()
    }
}
