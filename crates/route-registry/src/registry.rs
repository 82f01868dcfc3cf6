//! The registry: from a method and a path to a route.

use std::sync::Arc;

use http::Method;
use palisade_core::{Access, Route};
use percent_encoding::percent_decode_str;

use crate::{
    Declared, PathError, PathParams, RegistryBuilder,
    captures::Captures,
    check_path,
    endpoint::Endpoint,
    literals::Literals,
    trie::{Trie, Walk},
    zone::{ZonedRoute, Zones},
};

/// The declared routes of a service. Cheap to clone. See the [crate docs](crate) for the rules.
#[derive(Clone, Debug)]
pub struct Registry {
    inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) routes: Vec<Arc<Declared>>,
    pub(crate) shapes: Trie<Endpoint>,
    /// The shapes without parameters: a literal segment is the most specific, so no other shape is asked for such a path.
    pub(crate) literals: Literals,
    /// The access of every shape with letter case folded and without a `/` at the end.
    pub(crate) twins: Trie<Access>,
    pub(crate) zones: Zones,
    pub(crate) unmatched: ZonedRoute,
    #[cfg(feature = "axum")]
    pub(crate) dispatches: bool,
}

/// What a registry says of a method and a path.
#[derive(Clone, Debug)]
pub struct Match<'r, 'p> {
    pub(crate) endpoint: Option<&'r Endpoint>,
    declared: Option<(&'r Declared, bool)>,
    route: Route,
    path: &'p str,
    captures: Captures,
    steps: usize,
}

// === impl Registry ===

impl Registry {
    /// The id of the route that a path has which no pattern matches.
    pub const UNMATCHED: &'static str = "unmatched";

    /// Starts a registry.
    pub fn builder() -> RegistryBuilder {
        RegistryBuilder::default()
    }

    /// The declared routes, in the order they were declared.
    pub fn routes(&self) -> impl ExactSizeIterator<Item = &Declared> {
        self.inner.routes.iter().map(AsRef::as_ref)
    }

    /// Finds the route of `method` and `path`. Never fails: what matches nothing is
    /// [`UNMATCHED`](Self::UNMATCHED) and [`Access::Protected`].
    ///
    /// Takes the path as it is; ask [`check_path`] first, as [`RoutePolicy`](crate::RoutePolicy) does.
    #[must_use]
    pub fn resolve<'p>(&self, method: &Method, path: &'p str) -> Match<'_, 'p> {
        let mut walk = Walk::new(path);
        let endpoint = match self.inner.literals.get(path) {
            Some(endpoint) => {
                walk.steps = 1;
                Some(endpoint)
            }
            None => self.inner.shapes.find(&mut walk),
        };
        let declared = endpoint.and_then(|endpoint| endpoint.choose(method));
        let route = match declared {
            Some((declared, _)) => declared.route(&self.inner.zones, path),
            None => self.unmatched(path),
        };
        let Walk { captures, steps, .. } = walk;
        Match { endpoint, declared, route, path, captures, steps }
    }

    /// The most steps that [`resolve`](Self::resolve) takes, whatever the path: fixed when the registry is built.
    #[must_use]
    pub fn most_steps(&self) -> usize {
        self.inner.shapes.most_steps()
    }

    /// Finds the route of a path that can be read in one way only.
    pub(crate) fn resolve_strict<'p>(
        &self,
        method: &Method,
        path: &'p str,
    ) -> Result<Match<'_, 'p>, PathError> {
        check_path(path)?;
        let found = self.resolve(method, path);
        if path.contains('%') && self.reads_otherwise(path, found.endpoint) {
            return Err(PathError::HiddenLiteral);
        }
        Ok(found)
    }

    /// The route of a path that no pattern matches.
    ///
    /// Some routers ignore letter case or a `/` at the end. So such a path is never more open than the route it would
    /// name then.
    pub(crate) fn unmatched(&self, path: &str) -> Route {
        let Inner { twins, zones, unmatched, .. } = &*self.inner;
        let mut twin = path.to_ascii_lowercase();
        if twin.len() > 1 && twin.ends_with('/') {
            twin.pop();
        }
        match twins.find(&mut Walk::new(&twin)) {
            Some(access) if *access > Access::Protected => {
                zones.tag(Route::new(Self::UNMATCHED, *access), path)
            }
            _ => unmatched.at(zones, path),
        }
    }

    /// Whether a router that matches the decoded path would find another route.
    fn reads_otherwise(&self, path: &str, found: Option<&Endpoint>) -> bool {
        let decoded = percent_decode_str(path).decode_utf8_lossy();
        let other = self.inner.shapes.find(&mut Walk::new(&decoded));
        match (found, other) {
            (Some(found), Some(other)) => !std::ptr::eq(found, other),
            (None, None) => false,
            _ => true,
        }
    }

    #[cfg(feature = "axum")]
    pub(crate) fn dispatches(&self) -> bool {
        self.inner.dispatches
    }

    #[cfg(feature = "axum")]
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.inner, &other.inner)
    }
}

impl From<Inner> for Registry {
    fn from(inner: Inner) -> Self {
        Self { inner: Arc::new(inner) }
    }
}

// === impl Match ===

impl<'r> Match<'r, '_> {
    pub(crate) fn into_route(self) -> Route {
        self.route
    }

    /// The route: its id, who may ask it, its tags.
    pub fn route(&self) -> &Route {
        &self.route
    }

    /// Who may ask it.
    pub fn access(&self) -> Access {
        self.route.access()
    }

    /// What was declared; `None` if no pattern matches. Of several declarations it is that of the method; for a method
    /// nobody declared, the strictest one.
    pub fn declared(&self) -> Option<&'r Declared> {
        self.declared.map(|(declared, _)| declared)
    }

    /// The declaration, if it is declared for the method.
    pub fn declared_for_method(&self) -> Option<&'r Declared> {
        self.declared.and_then(|(declared, covers)| covers.then_some(declared))
    }

    /// The parameters.
    pub fn params(&self) -> PathParams {
        let Some(declared) = self.declared() else { return PathParams::default() };
        PathParams::new(declared.pattern().shared_names(), self.path, &self.captures)
    }

    /// Whether there are parameters.
    pub fn has_params(&self) -> bool {
        !self.captures.is_empty()
    }

    /// How much work the lookup was: nodes entered and affixes tried; 1 for a path without parameters. It never exceeds
    /// [`Registry::most_steps`].
    pub fn steps(&self) -> usize {
        self.steps
    }
}
