//! What is declared with a route: who may ask it, by which methods, its scopes, its tags and its id.

use std::sync::Arc;

use http::Method;
use palisade_core::{Access, Route, RouteTag};

use crate::{
    Registry, RegistryError,
    pattern::Pattern,
    scope::is_scope,
    zone::{ZonedRoute, Zones},
};

/// The declaration of a route in the making.
///
/// ```
/// use http::Method;
/// use palisade_core::RouteTag;
/// use palisade_route_registry::Declare;
/// let embed = Declare::public("/embed/:id").tag(RouteTag::EMBED);
/// let clear = Declare::admin("/api/analytics").methods([Method::DELETE]).id("analytics.clear");
/// let write = Declare::authenticated("/api/posts/:id").methods([Method::PUT]).scope("posts:write");
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Declare {
    pattern: Box<str>,
    access: Access,
    methods: Option<Vec<Method>>,
    scopes: Vec<Box<str>>,
    tags: Vec<RouteTag>,
    id: Option<Box<str>>,
}

/// A declared route, as a [`Registry`] lists it.
#[derive(Debug)]
pub struct Declared {
    pattern: Pattern,
    access: Access,
    methods: Option<Vec<Method>>,
    scopes: Arc<[Box<str>]>,
    tags: Vec<RouteTag>,
    id: Box<str>,
    pub(crate) index: usize,
    route: ZonedRoute,
}

// === impl Declare ===

impl Declare {
    /// Anyone may ask it.
    pub fn public(pattern: impl Into<Box<str>>) -> Self {
        Self::new(Access::Public, pattern)
    }

    /// Whoever the service's default lets in may ask it.
    pub fn protected(pattern: impl Into<Box<str>>) -> Self {
        Self::new(Access::Protected, pattern)
    }

    /// Whoever has an identity may ask it.
    pub fn authenticated(pattern: impl Into<Box<str>>) -> Self {
        Self::new(Access::Authenticated, pattern)
    }

    /// Whoever has the admin role may ask it.
    pub fn admin(pattern: impl Into<Box<str>>) -> Self {
        Self::new(Access::Admin, pattern)
    }

    /// Those with `access` may ask it. The [`Pattern`] is read when the registry is built.
    pub fn new(access: Access, pattern: impl Into<Box<str>>) -> Self {
        Self {
            pattern: pattern.into(),
            access,
            methods: None,
            scopes: Vec::new(),
            tags: Vec::new(),
            id: None,
        }
    }

    /// Declares it for these methods alone; HEAD follows GET. Default: for all.
    pub fn methods(mut self, methods: impl IntoIterator<Item = Method>) -> Self {
        self.methods.get_or_insert_default().extend(methods);
        self
    }

    /// Asks for this scope beside the class; several are all needed. Only for routes that need an identity whatever the
    /// service's default: [`Access::Authenticated`] and [`Access::Admin`].
    ///
    /// The dispatch of an `AccessRouter` asks for it; in front of any other service [`ScopePolicy`](crate::ScopePolicy)
    /// does.
    pub fn scope(mut self, scope: impl Into<Box<str>>) -> Self {
        self.scopes.push(scope.into());
        self
    }

    /// Adds a tag.
    pub fn tag(mut self, tag: RouteTag) -> Self {
        self.tags.push(tag);
        self
    }

    /// Names it, for overrides, quotas and analytics. Default: the pattern as written.
    pub fn id(mut self, id: impl Into<Box<str>>) -> Self {
        self.id = Some(id.into());
        self
    }

    pub(crate) fn build(self, index: usize, zones: &Zones) -> Result<Declared, RegistryError> {
        let Self { pattern: text, access, methods, scopes, tags, id } = self;
        let pattern = Pattern::read(&text).map_err(|expected| {
            RegistryError::new("route-pattern", "route pattern", &text, expected)
        })?;
        if methods.as_ref().is_some_and(Vec::is_empty) {
            let expected = "at least one method, or none mentioned for all";
            return Err(RegistryError::new("route-methods", "route declaration", &text, expected));
        }
        check_scopes(&scopes, access, &pattern)?;
        let id = id.unwrap_or(text);
        if id.is_empty() || &*id == Registry::UNMATCHED {
            let unmatched = Registry::UNMATCHED;
            let expected =
                format!("a name for `{pattern}` that is neither empty nor `{unmatched}`");
            return Err(RegistryError::new("route-id", "route id", &id, expected));
        }
        let route = Route::new(id.clone(), access).with_tags(tags.iter().copied());
        let route = zones.route(route, Some(&pattern));
        let scopes = scopes.into();
        Ok(Declared { pattern, access, methods, scopes, tags, id, index, route })
    }
}

fn check_scopes(
    scopes: &[Box<str>],
    access: Access,
    pattern: &Pattern,
) -> Result<(), RegistryError> {
    let wrong = |value: &str, expected: String| {
        Err(RegistryError::new("route-scope", "scope", value, expected))
    };
    if let Some(scope) = scopes.iter().find(|scope| !is_scope(scope)) {
        let expected = "printable ASCII without spaces, quotes and backslashes";
        return wrong(scope, format!("{expected}, for `{pattern}`"));
    }
    match scopes.first() {
        Some(scope) if access < Access::Authenticated => {
            let fix = "declare it authenticated or admin";
            wrong(scope, format!("no scope, because `{pattern}` is {access:?}; or {fix}"))
        }
        _ => Ok(()),
    }
}

// === impl Declared ===

impl Declared {
    /// The pattern.
    pub fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    /// Who may ask it.
    pub fn access(&self) -> Access {
        self.access
    }

    /// The methods it is declared for; `None` means all. HEAD is not listed where it follows GET.
    pub fn methods(&self) -> Option<&[Method]> {
        self.methods.as_deref()
    }

    /// The scopes that are needed beside the class.
    pub fn scopes(&self) -> impl ExactSizeIterator<Item = &str> {
        self.scopes.iter().map(AsRef::as_ref)
    }

    pub(crate) fn shared_scopes(&self) -> &Arc<[Box<str>]> {
        &self.scopes
    }

    /// Its own tags, without those of its prefix.
    pub fn tags(&self) -> &[RouteTag] {
        &self.tags
    }

    /// The stable id.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn route(&self, zones: &Zones, path: &str) -> Route {
        self.route.at(zones, path)
    }

    /// The same, under a class that is not the declared one.
    pub(crate) fn route_as(&self, access: Access, zones: &Zones, path: &str) -> Route {
        let route = Route::new(self.id.clone(), access).with_tags(self.tags.iter().copied());
        zones.tag(route, path)
    }

    /// Whether it is declared for `method`. HEAD follows GET (RFC 9110 section 9.3.2).
    pub(crate) fn covers(&self, method: &Method) -> bool {
        self.methods.as_ref().is_none_or(|methods| {
            methods.contains(method) || *method == Method::HEAD && methods.contains(&Method::GET)
        })
    }

    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        let covers_one_of = |a: &Self, b: &Self| {
            a.methods.as_ref().is_none_or(|methods| methods.iter().any(|method| b.covers(method)))
        };
        covers_one_of(self, other) || covers_one_of(other, self)
    }
}
