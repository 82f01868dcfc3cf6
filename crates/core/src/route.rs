//! Which route a request is for, and who may ask it.

use std::{fmt, sync::Arc};

/// The route of a request, as the registry knows it. Cheap to clone.
#[derive(Clone)]
pub struct Route {
    inner: Arc<Inner>,
}

struct Inner {
    id: Box<str>,
    access: Access,
    tags: Vec<RouteTag>,
}

/// Who may ask a route.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a fifth class must break every place that decides by class"
)]
pub enum Access {
    /// Anyone; a credential that is presented must still be valid.
    Public,
    /// Whoever the service's default lets in: with the documented `REQUIRE_AUTH=true`, an identity is needed. A route
    /// nobody registered is of this class.
    #[default]
    Protected,
    /// An identity is needed, whatever the service's default.
    Authenticated,
    /// An identity with the admin role.
    Admin,
}

/// A trait of a route that layers act on.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct RouteTag(&'static str);

// === impl Route ===

impl Route {
    /// Names a route. The id is stable and is what overrides, quotas and analytics refer to; the pattern is usual.
    #[must_use]
    pub fn new(id: impl Into<Box<str>>, access: Access) -> Self {
        Self { inner: Arc::new(Inner { id: id.into(), access, tags: Vec::new() }) }
    }

    /// Adds tags.
    #[must_use]
    pub fn with_tags(self, tags: impl IntoIterator<Item = RouteTag>) -> Self {
        let Inner { id, access, tags: own } = &*self.inner;
        let tags = own.iter().copied().chain(tags).collect();
        Self { inner: Arc::new(Inner { id: id.clone(), access: *access, tags }) }
    }

    /// The stable id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.inner.id
    }

    /// Who may ask it.
    #[must_use]
    pub fn access(&self) -> Access {
        self.inner.access
    }

    /// Whether it carries `tag`.
    #[must_use]
    pub fn has_tag(&self, tag: RouteTag) -> bool {
        self.inner.tags.contains(&tag)
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Route")
            .field("id", &self.id())
            .field("access", &self.access())
            .finish_non_exhaustive()
    }
}

// === impl RouteTag ===

impl RouteTag {
    /// May be framed by other sites: `/embed/*`.
    pub const EMBED: Self = Self::new("embed");
    /// Answers a stream of events; the one kind of route that takes a token from the query.
    pub const STREAM: Self = Self::new("stream");
    /// A [`STREAM`](Self::STREAM) that takes no token from the query: one-time tickets alone.
    pub const TICKET_ONLY: Self = Self::new("ticket-only");
    /// Part of the API: the global rate limit applies.
    pub const API: Self = Self::new("api");
    /// Not worth a line in the analytics: a static file, a documentation page, a widget's asset.
    pub const UNTRACKED: Self = Self::new("untracked");

    /// Names a tag of one's own.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// The tag's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}
