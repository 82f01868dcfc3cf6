//! The registry: from a method and a path to a route.

use std::sync::Arc;

use http::{Method, request};
use palisade_core::{Access, Route, RouteTag};
use percent_encoding::percent_decode_str;

use crate::{
    Declared, PathError, PathParams, RegistryBuilder,
    captures::Captures,
    check_path,
    endpoint::{self, Endpoint},
    literals::Literals,
    router::Router,
    trie::{Trie, Walk},
    twins::Twins,
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
    pub(crate) twins: Twins,
    pub(crate) zones: Zones,
    pub(crate) unmatched: ZonedRoute,
    pub(crate) router: Router,
}

/// What a registry says of a method and a path.
#[derive(Clone, Debug)]
pub struct Match<'r, 'p> {
    pub(crate) endpoint: Option<&'r Endpoint>,
    declared: Option<(&'r Declared, bool)>,
    /// What else is asked: by what a router that is less exact, or another one, could have found instead; and of a method
    /// nobody declared, by all that is declared there. Nearly always empty, which costs nothing.
    others: Vec<&'r Declared>,
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
        // Declared in this very spelling: whoever wrote it meant it.
        let literal = self.inner.literals.get(path);
        let (endpoint, (at_least, mut others)) = if literal.is_some() {
            walk.steps = 1;
            (literal, (Access::Public, Vec::new()))
        } else {
            let endpoint = self.inner.shapes.find(&mut walk);
            (endpoint, self.twins(method, path, endpoint))
        };
        let declared = endpoint.and_then(|endpoint| endpoint.choose(method));
        let mut route = self.route(declared, at_least, path);
        if literal.is_none() {
            route = self.limited(route, path, endpoint);
        }
        if let (Some((_, false)), Some(endpoint)) = (declared, endpoint) {
            others.extend(endpoint.all());
        }
        let Walk { captures, steps, .. } = walk;
        Match { endpoint, declared, others, route, path, captures, steps }
    }

    /// The most [steps](Match::steps) of a lookup, whatever the path: fixed when the registry is built.
    #[must_use]
    pub fn most_steps(&self) -> usize {
        self.inner.shapes.most_steps()
    }

    /// The path that is decided on: as the client sent it.
    #[cfg(feature = "matched-path")]
    pub(crate) fn path_of<'p>(&self, head: &'p request::Parts) -> &'p str {
        if self.inner.router == Router::Axum {
            crate::axum::original_path(head)
        } else {
            head.uri.path()
        }
    }

    /// Finds the route of a request whose path can be read in one way only.
    pub(crate) fn resolve_head<'p>(
        &self,
        head: &request::Parts,
        path: &'p str,
    ) -> Result<Match<'_, 'p>, PathError> {
        let found = self.resolve_strict(&head.method, path)?;
        #[cfg(feature = "matched-path")]
        if self.inner.router == Router::Axum {
            return Ok(self.as_matched(&head.method, found, crate::axum::matched_path(head)));
        }
        Ok(found)
    }

    /// Puts what another router matched in the place of what was found, no more open than it.
    #[cfg(feature = "matched-path")]
    fn as_matched<'r, 'p>(
        &'r self,
        method: &Method,
        found: Match<'r, 'p>,
        template: Option<&str>,
    ) -> Match<'r, 'p> {
        let endpoint = template.and_then(|template| self.inner.shapes.spelt(template));
        let agrees = match (found.endpoint, endpoint) {
            (Some(found), Some(matched)) => matched.is(found),
            (found, matched) => found.is_none() && matched.is_none(),
        };
        if agrees {
            return found;
        }
        let declared = endpoint.and_then(|endpoint| endpoint.choose(method));
        let route = self.route(declared, found.access(), found.path);
        let mut others: Vec<&Declared> = found.asked().collect();
        if let (Some((_, false)), Some(endpoint)) = (declared, endpoint) {
            others.extend(endpoint.all());
        }
        // Where the two differ, what one captured means nothing to the other.
        let captures = Captures::default();
        Match { endpoint, declared, others, route, captures, ..found }
    }

    /// Finds the route of a path that can be read in one way only.
    fn resolve_strict<'p>(
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

    /// The route of a path that is taken for none.
    pub(crate) fn unmatched(&self, method: &Method, path: &str) -> Route {
        let (at_least, _) = self.twins(method, path, None);
        let route = self.route(None, at_least, path);
        self.limited(route, path, None)
    }

    /// The route of what was declared, if anything was and for the method or not; no more open than `at_least`.
    fn route(&self, declared: Option<(&Declared, bool)>, at_least: Access, path: &str) -> Route {
        let Inner { zones, unmatched, .. } = &*self.inner;
        let access = endpoint::access(declared).max(at_least);
        match declared {
            Some((declared, _)) if declared.access() == access => declared.route(zones, path),
            Some((declared, _)) => declared.route_as(access, zones, path),
            None if access == Access::Protected => unmatched.at(zones, path),
            None => zones.tag(Route::new(Self::UNMATCHED, access), path),
        }
    }

    /// What a router that is less exact could find instead, if there may be one behind: who may ask it, and what is asked.
    fn twins(
        &self,
        method: &Method,
        path: &str,
        found: Option<&Endpoint>,
    ) -> (Access, Vec<&Declared>) {
        let (mut access, mut asked) = (Access::Public, Vec::new());
        if !self.is_exact(found) {
            for twin in self.inner.twins.find(path, found) {
                access = access.max(twin.access(method));
                asked.extend(twin.asked(method));
            }
        }
        (access, asked)
    }

    /// Puts a limit on what a router that is less exact could take for a path under a prefix with one. No other tag asks for
    /// more than there is without it.
    fn limited(&self, route: Route, path: &str, found: Option<&Endpoint>) -> Route {
        let is_limited = !self.is_exact(found)
            && !route.has_tag(RouteTag::API)
            && self.inner.zones.limit_twin(path);
        if is_limited { route.with_tags([RouteTag::API]) } else { route }
    }

    /// Whether the router behind finds what was found, and nothing else.
    fn is_exact(&self, found: Option<&Endpoint>) -> bool {
        found.is_some() && self.inner.router.is_exact()
    }

    /// Whether a router that matches the decoded path would find another route, or a path with other tags.
    fn reads_otherwise(&self, path: &str, found: Option<&Endpoint>) -> bool {
        let Inner { shapes, zones, .. } = &*self.inner;
        let decoded = percent_decode_str(path).decode_utf8_lossy();
        let is_same = match (found, shapes.find(&mut Walk::new(&decoded))) {
            (Some(found), Some(other)) => std::ptr::eq(found, other),
            (found, other) => found.is_none() && other.is_none(),
        };
        !is_same || zones.find(path) != zones.find(&decoded)
    }

    #[cfg(feature = "axum")]
    pub(crate) fn dispatches(&self) -> bool {
        self.inner.router == Router::Dispatch
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

    /// The scopes that are needed beside the class.
    pub fn scopes(&self) -> impl Iterator<Item = &'r str> {
        self.asked().flat_map(Declared::scopes)
    }

    pub(crate) fn required_scopes(&self) -> Option<Arc<[Box<str>]>> {
        let mut sets = self.asked().map(Declared::shared_scopes).filter(|set| !set.is_empty());
        let first = sets.next()?;
        let Some(second) = sets.next() else { return Some(Arc::clone(first)) };
        let mut scopes = first.to_vec();
        for scope in second.iter().chain(sets.flat_map(|set| set.iter())) {
            if !scopes.contains(scope) {
                scopes.push(scope.clone());
            }
        }
        Some(scopes.into())
    }

    /// The declarations whose demands hold.
    fn asked(&self) -> impl Iterator<Item = &'r Declared> {
        self.declared_for_method().into_iter().chain(self.others.iter().copied())
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

    /// How much work it was to find the route: nodes entered and affixes tried; 1 for a path without parameters. It never
    /// exceeds [`Registry::most_steps`]; to learn what less exact routers would find takes at most twelve times as many again,
    /// and none for a path in small letters, without escapes or a `/` at the end, where no pattern has any of these.
    pub fn steps(&self) -> usize {
        self.steps
    }
}
