//! How large a body may be.

use palisade_core::Route;
use palisade_ratelimit::Scope;

/// How large a body may be, by the route it is for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BodyLimits {
    /// The first that covers the route counts.
    of: Vec<(Scope, u64)>,
    other: u64,
}

impl BodyLimits {
    /// Bodies of this many bytes.
    #[must_use]
    pub fn new(bytes: u64) -> Self {
        Self { of: Vec::new(), other: bytes }
    }

    /// Of these routes, this many. Where several cover a route, the first one counts.
    #[must_use]
    pub fn with(mut self, routes: Scope, bytes: u64) -> Self {
        self.of.push((routes, bytes));
        self
    }

    /// For all routes that have no limit of their own.
    pub(crate) fn others(&mut self, bytes: u64) {
        self.other = bytes;
    }

    /// Of this route. Where no layer learnt one, that of the others: what is for single routes is for nobody else.
    #[must_use]
    pub fn of(&self, route: Option<&Route>) -> u64 {
        let own = || self.of.iter().find(|(routes, _)| routes.covers(route));
        route.and_then(|_| own()).map_or(self.other, |(_, bytes)| *bytes)
    }
}
