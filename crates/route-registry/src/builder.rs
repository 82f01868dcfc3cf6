//! Collects declarations and finds their mistakes before a request comes.

use std::sync::Arc;

use palisade_core::{Access, ConfigError, Route, RouteTag};

use crate::{
    Declare, Declared, Registry, endpoint::Endpoint, literals::Literals, registry::Inner,
    trie::Trie, zone::Zones,
};

/// A [`Registry`] in the making.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct RegistryBuilder {
    declarations: Vec<Declare>,
    prefixes: Vec<(Box<str>, RouteTag)>,
    #[cfg(feature = "axum")]
    dispatches: bool,
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

    /// Adds the declarations of `other`, and its tags by prefix.
    pub fn merge(mut self, other: Self) -> Self {
        self.declarations.extend(other.declarations);
        self.prefixes.extend(other.prefixes);
        self
    }

    /// Builds the registry.
    ///
    /// # Errors
    ///
    /// The first of the mistakes that [`lint`](Self::lint) finds.
    pub fn build(self) -> Result<Registry, ConfigError> {
        let (registry, mistakes) = self.assemble();
        mistakes.into_iter().next().map_or(Ok(registry), Err)
    }

    /// Finds all mistakes: malformed patterns and prefixes, two declarations for one path and method, patterns that no
    /// path can reach.
    #[must_use]
    pub fn lint(&self) -> Vec<ConfigError> {
        self.clone().assemble().1
    }

    /// Says that the handlers are found by what the policy leaves in the context.
    #[cfg(feature = "axum")]
    pub(crate) fn dispatches(mut self) -> Self {
        self.dispatches = true;
        self
    }

    fn assemble(self) -> (Registry, Vec<ConfigError>) {
        let mut mistakes = Vec::new();
        let zones = Zones::new(self.prefixes, &mut mistakes);
        let mut routes = Vec::with_capacity(self.declarations.len());
        let mut shapes: Trie<Endpoint> = Trie::default();
        let mut literals = Literals::default();
        let mut twins: Trie<Access> = Trie::default();
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
            let twin = twins.place(&declared.pattern().folded()).get_or_insert_default();
            *twin = declared.access().max(*twin);
            routes.push(declared);
        }
        mistakes.extend(unreachable(&shapes));
        let unmatched = zones.route(Route::new(Registry::UNMATCHED, Access::Protected), None);
        let inner = Inner {
            routes,
            shapes,
            literals,
            twins,
            zones,
            unmatched,
            #[cfg(feature = "axum")]
            dispatches: self.dispatches,
        };
        (Registry::from(inner), mistakes)
    }
}

fn unreachable(shapes: &Trie<Endpoint>) -> Vec<ConfigError> {
    let pattern = |endpoint: &Endpoint| {
        endpoint.strictest().map(Declared::pattern).map(ToString::to_string).unwrap_or_default()
    };
    let mistake = |(catch_all, param): (&Endpoint, &Endpoint)| {
        ConfigError::new("reachable route pattern", pattern(catch_all)).expected(format!(
            "a path that `{}` and the patterns under it leave to it",
            pattern(param)
        ))
    };
    shapes.unreachable().into_iter().map(mistake).collect()
}
