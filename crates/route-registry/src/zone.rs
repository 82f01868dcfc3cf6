//! Tags by prefix: every path under `/api/` carries a tag, whether a pattern matches it or not.

use palisade_core::{Route, RouteTag};

use crate::{
    RegistryError,
    fold::{Fold, fold, is_plain},
    pattern::Pattern,
};

/// The prefixes, longest first, each with its own tags and those of the prefixes it is under.
///
/// The prefixes of one path are prefixes of each other, so the longest one alone says which tags a path has.
#[derive(Debug, Default)]
pub(crate) struct Zones {
    zones: Vec<Zone>,
    /// Whether there are capitals in a prefix, so that a path without any could be taken for one under it.
    capitals: bool,
}

#[derive(Debug)]
struct Zone {
    prefix: Box<str>,
    /// As a router that is less exact could read it, without the `/` at the end.
    folded: Box<str>,
    tags: Vec<RouteTag>,
}

/// A route with the tags of the zone a path is in, ready made: a request makes none.
#[derive(Debug)]
pub(crate) enum ZonedRoute {
    /// The pattern says which zone its paths are in.
    Fixed(Route),
    /// The path says it.
    ByPath { outside: Route, inside: Vec<Route> },
}

// === impl Zones ===

impl Zones {
    /// Sorts the rules. Those that are wrong are left out and told.
    pub(crate) fn new(rules: Vec<(Box<str>, RouteTag)>, mistakes: &mut Vec<RegistryError>) -> Self {
        let mut zones: Vec<Zone> = Vec::new();
        for (prefix, tag) in rules {
            match Pattern::parse(&prefix) {
                Ok(pattern) if pattern.lead().1 && prefix.ends_with('/') => {}
                _ => {
                    let expected =
                        "a path with a `/` at the start and at the end, without parameters";
                    mistakes.push(RegistryError::new(
                        "route-prefix",
                        "tag prefix",
                        &prefix,
                        expected,
                    ));
                    continue;
                }
            }
            if let Some(zone) = zones.iter_mut().find(|zone| zone.prefix == prefix) {
                zone.tags.push(tag);
            } else {
                let folded = fold(&prefix).into();
                zones.push(Zone { prefix, folded, tags: vec![tag] });
            }
        }
        zones.sort_by_key(|zone| zone.prefix.len());
        for index in 0..zones.len() {
            let (shorter, rest) = zones.split_at_mut(index);
            if let Some(zone) = rest.first_mut() {
                // The longest prefix of this one already holds the tags of the shorter ones.
                let around = shorter.iter().rev().find(|s| zone.prefix.starts_with(&*s.prefix));
                zone.tags.extend(around.iter().flat_map(|around| &around.tags));
            }
        }
        zones.reverse();
        let capitals = zones.iter().any(|zone| Fold::Case.is_in(&zone.prefix));
        Self { zones, capitals }
    }

    /// Makes the route of a pattern, or of paths that no pattern matches.
    pub(crate) fn route(&self, route: Route, pattern: Option<&Pattern>) -> ZonedRoute {
        let (lead, whole) = pattern.map_or_else(Default::default, Pattern::lead);
        let undecided =
            |zone: &Zone| !whole && zone.prefix.starts_with(&*lead) && *zone.prefix != *lead;
        if self.zones.iter().any(undecided) {
            let inside = self.zones.iter().map(|zone| tagged(&route, zone)).collect();
            ZonedRoute::ByPath { outside: route, inside }
        } else {
            let zone = self.find(&lead).and_then(|index| self.zones.get(index));
            ZonedRoute::Fixed(zone.map_or_else(|| route.clone(), |zone| tagged(&route, zone)))
        }
    }

    /// Adds the tags that `path` has by its prefix.
    pub(crate) fn tag(&self, route: Route, path: &str) -> Route {
        match self.find(path).and_then(|index| self.zones.get(index)) {
            Some(zone) => tagged(&route, zone),
            None => route,
        }
    }

    /// Which zone `path` is in.
    pub(crate) fn find(&self, path: &str) -> Option<usize> {
        self.zones.iter().position(|zone| path.starts_with(&*zone.prefix))
    }

    /// Whether a router that is less exact could take `path` for one under a prefix that limits how often one may ask.
    pub(crate) fn limit_twin(&self, path: &str) -> bool {
        if !self.capitals && is_plain(path) {
            return false;
        }
        let spelling = fold(path);
        let is_under = |zone: &Zone| {
            let rest = spelling.strip_prefix(&*zone.folded);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.zones.iter().any(|zone| zone.tags.contains(&RouteTag::API) && is_under(zone))
    }
}

fn tagged(route: &Route, zone: &Zone) -> Route {
    route.clone().with_tags(zone.tags.iter().copied())
}

// === impl ZonedRoute ===

impl ZonedRoute {
    pub(crate) fn at(&self, zones: &Zones, path: &str) -> Route {
        match self {
            Self::Fixed(route) => route.clone(),
            Self::ByPath { outside, inside } => {
                let zone = zones.find(path).and_then(|index| inside.get(index));
                zone.unwrap_or(outside).clone()
            }
        }
    }
}
