//! Collects declarations and finds their mistakes before a request comes.

use std::sync::Arc;

use palisade_core::{Access, Route, RouteTag};

use crate::{
    Declare, Declared, Registry, RegistryError, endpoint::Endpoint, literals::Literals,
    registry::Inner, router::Router, trie::Trie, twins::Twins, zone::Zones,
};

/// A [`Registry`] in the making.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct RegistryBuilder {
    declarations: Vec<Declare>,
    prefixes: Vec<(Box<str>, RouteTag)>,
    router: Router,
}

// === impl RegistryBuilder ===

impl RegistryBuilder {
    /// Declares a route.
    pub fn declare(mut self, declaration: Declare) -> Self {
        self.declarations.push(declaration);
        self
    }

    /// Declares a route that anyone may ask.
    pub fn public(self, pattern: impl Into<Box<str>>) -> Self {
        self.declare(Declare::public(pattern))
    }

    /// Declares a route for whoever the service's default lets in.
    pub fn protected(self, pattern: impl Into<Box<str>>) -> Self {
        self.declare(Declare::protected(pattern))
    }

    /// Declares a route for whoever has an identity.
    pub fn authenticated(self, pattern: impl Into<Box<str>>) -> Self {
        self.declare(Declare::authenticated(pattern))
    }

    /// Declares a route for whoever has the admin role.
    pub fn admin(self, pattern: impl Into<Box<str>>) -> Self {
        self.declare(Declare::admin(pattern))
    }

    /// Tags every path under `prefix`, also those that no pattern matches. The prefix ends with a `/`.
    pub fn tag_prefix(mut self, prefix: impl Into<Box<str>>, tag: RouteTag) -> Self {
        self.prefixes.push((prefix.into(), tag));
        self
    }

    /// Adds the declarations of `other`, its tags by prefix, and what it says of where the policy stands.
    pub fn merge(mut self, other: Self) -> Self {
        self.router = self.router.or(other.router);
        self.declarations.extend(other.declarations);
        self.prefixes.extend(other.prefixes);
        self
    }

    /// Builds the registry.
    ///
    /// # Errors
    ///
    /// The first of the mistakes that [`lint`](Self::lint) finds.
    pub fn build(self) -> Result<Registry, RegistryError> {
        let (registry, mistakes) = self.assemble();
        mistakes.into_iter().next().map_or(Ok(registry), Err)
    }

    /// Finds all mistakes: malformed patterns and prefixes, two declarations for one path and method, patterns that no
    /// path can reach.
    #[must_use]
    pub fn lint(&self) -> Vec<RegistryError> {
        self.clone().assemble().1
    }

    /// Says that the policy stands inside of an axum `Router`, in one of its layers: the route is then the one that the
    /// router matched (axum's `MatchedPath`), and the registry says who may ask it.
    ///
    /// A path that the router matched otherwise than the registry would gets the stricter of the two. Its fallback, a
    /// service it nests and a route that is not declared here are [unmatched](Registry::UNMATCHED).
    ///
    /// ```
    /// use axum::{Router, routing::get};
    /// use palisade_core::GateLayer;
    /// use palisade_route_registry::{Registry, RoutePolicy};
    ///
    /// let registry = Registry::builder().public("/post/{id}").inside_axum().build()?;
    /// let app: Router = Router::new()
    ///     .route("/post/{id}", get(async || "a post"))
    ///     .layer(GateLayer::new(RoutePolicy::new(registry)));
    /// # Ok::<(), palisade_core::ConfigError>(())
    /// ```
    #[cfg(feature = "matched-path")]
    pub fn inside_axum(mut self) -> Self {
        self.router = Router::Axum;
        self
    }

    /// Says that the handlers are found by what the policy leaves in the context.
    #[cfg(feature = "axum")]
    pub(crate) fn dispatches(mut self) -> Self {
        self.router = Router::Dispatch;
        self
    }

    fn assemble(self) -> (Registry, Vec<RegistryError>) {
        let mut mistakes = Vec::new();
        let zones = Zones::new(self.prefixes, &mut mistakes);
        let mut routes = Vec::with_capacity(self.declarations.len());
        let mut shapes: Trie<Endpoint> = Trie::default();
        let mut literals = Literals::default();
        let mut twins = Twins::default();
        for (index, declaration) in self.declarations.into_iter().enumerate() {
            let declared = match declaration.build(index, &zones) {
                Ok(declared) => Arc::new(declared),
                Err(mistake) => {
                    mistakes.push(mistake);
                    continue;
                }
            };
            let endpoint = shapes.place(declared.pattern().segments()).get_or_insert_default();
            if let Err(mistake) = endpoint.add(Arc::clone(&declared)) {
                mistakes.push(mistake);
                continue;
            }
            literals.add(&declared);
            twins.add(&declared, endpoint);
            routes.push(declared);
        }
        mistakes.extend(unreachable(&shapes));
        let unmatched = zones.route(Route::new(Registry::UNMATCHED, Access::Protected), None);
        let inner =
            Inner { routes, shapes, literals, twins, zones, unmatched, router: self.router };
        (Registry::from(inner), mistakes)
    }
}

fn unreachable(shapes: &Trie<Endpoint>) -> Vec<RegistryError> {
    let pattern = |endpoint: &Endpoint| {
        endpoint.strictest().map(Declared::pattern).map(ToString::to_string).unwrap_or_default()
    };
    let mistake = |(catch_all, param): (&Endpoint, &Endpoint)| {
        let expected = format!(
            "a path that `{}` and the patterns under it leave to it; remove one of them",
            pattern(param)
        );
        RegistryError::new(
            "route-unreachable",
            "reachable route pattern",
            &pattern(catch_all),
            expected,
        )
    };
    shapes.unreachable().into_iter().map(mistake).collect()
}
