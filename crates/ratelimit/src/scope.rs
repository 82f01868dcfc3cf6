//! Which requests a limiter is asked about.

use std::{collections::BTreeSet, sync::Arc};

use palisade_core::{ConfigError, Route, RouteTag};

/// Which requests a limiter is asked about.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Scope {
    /// Every request.
    Everything,
    /// Requests for a route with this tag. If no layer outside learnt the route at all, every request: a registry that is
    /// missing must not switch a limit off.
    Tagged(RouteTag),
    /// The same, without the routes with these ids: they have a limit of their own, or none.
    TaggedBut(RouteTag, BTreeSet<Box<str>>),
    /// Requests for one of these routes, by id.
    Routes(BTreeSet<Box<str>>),
}

// === impl Scope ===

impl Scope {
    /// Requests for one of the routes with these ids. All of them share the quota.
    pub fn routes<I: Into<Box<str>>>(ids: impl IntoIterator<Item = I>) -> Self {
        Self::Routes(ids.into_iter().map(Into::into).collect())
    }

    /// Requests for a route with this tag, but not for one of the routes with these ids.
    pub fn tagged_but<I: Into<Box<str>>>(tag: RouteTag, ids: impl IntoIterator<Item = I>) -> Self {
        Self::TaggedBut(tag, ids.into_iter().map(Into::into).collect())
    }

    /// Whether a request for `route` is in it.
    pub fn covers(&self, route: Option<&Route>) -> bool {
        match self {
            Self::Everything => true,
            Self::Tagged(tag) => route.is_none_or(|route| route.has_tag(*tag)),
            Self::TaggedBut(tag, ids) => {
                route.is_none_or(|route| route.has_tag(*tag) && !ids.contains(route.id()))
            }
            Self::Routes(ids) => route.is_some_and(|route| ids.contains(route.id())),
        }
    }

    /// What a quota is called that was not given a name.
    pub(crate) fn name(&self) -> Result<Arc<str>, ConfigError> {
        match self {
            Self::Everything => Ok("default".into()),
            Self::Tagged(tag) | Self::TaggedBut(tag, _) => Ok(tag.as_str().into()),
            Self::Routes(ids) => match ids.first() {
                Some(id) => Ok(id.as_ref().into()),
                None => Err(ConfigError::new("list of routes", "")
                    .expected("the id of at least one route that the limiter applies to")),
            },
        }
    }
}
