//! Which routes an override is for.

use palisade_core::{Route, RouteTag};

/// The routes an override is for. A route is known by what the registry says of it, never by a path read here: two layers
/// that read a path can read it differently.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum RouteMatch {
    /// Every route with this tag.
    Tag(RouteTag),
    /// The route with this id.
    Id(String),
}

impl RouteMatch {
    pub(crate) fn matches(&self, route: &Route) -> bool {
        match self {
            Self::Tag(tag) => route.has_tag(*tag),
            Self::Id(id) => route.id() == id,
        }
    }
}

impl From<RouteTag> for RouteMatch {
    fn from(tag: RouteTag) -> Self {
        Self::Tag(tag)
    }
}
