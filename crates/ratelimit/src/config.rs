//! Which limits there are, and where each applies.

use std::sync::Arc;

use palisade_core::ConfigError;

use crate::{
    Limit, Limiter, Quota, RateLimitHeaders, RateLimitPolicy, Scope, SharedStore, clause::Clause,
    rule::Rule,
};

/// Builds a [`RateLimitPolicy`]. Mistakes are told by [`build`](Self::build).
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct RateLimitBuilder {
    custom: Vec<(Scope, Limit)>,
    global: Vec<(Scope, Limit)>,
    headers: RateLimitHeaders,
    shared: Option<Arc<dyn SharedStore>>,
}

// === impl RateLimitBuilder ===

impl RateLimitBuilder {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a limit for much of a service: the documented one is over [`RouteTag::API`](palisade_core::RouteTag::API).
    /// Asked behind all custom ones.
    pub fn global(mut self, scope: Scope, limit: impl Into<Limit>) -> Self {
        self.global.push((scope, limit.into()));
        self
    }

    /// Adds a limit for a few routes, beside the global one. Asked in the order they were added.
    pub fn custom(mut self, scope: Scope, limit: impl Into<Limit>) -> Self {
        self.custom.push((scope, limit.into()));
        self
    }

    /// Tells clients how they stand by these headers. Default: draft-6.
    pub fn headers(mut self, headers: impl Into<RateLimitHeaders>) -> Self {
        self.headers = headers.into();
        self
    }

    /// Counts in a store that instances share, and here only while it does not answer: see [`Fallback`](crate::Fallback).
    /// The store is asked once for a request, about all limits that apply to it.
    ///
    /// It counts by the names of the limits. So a [`Limiter`] whose clones stand in several scopes, here or in another policy with
    /// such a store, needs a quota that was [named](Quota::named): else [`build`](Self::build) refuses it.
    pub fn shared(mut self, store: Arc<dyn SharedStore>) -> Self {
        self.shared = Some(store);
        self
    }

    /// Builds the policy. One without a limit passes everything.
    ///
    /// # Errors
    ///
    /// A scope of no routes, a name of a quota that cannot travel in a header, and two quotas of the same name; a plan that is
    /// named twice; with a shared store, one limiter under two names. A quota without a name is called as its scope: `default`,
    /// the tag, or the id of the first route; that of a plan as the default's and the plan.
    pub fn build(self) -> Result<RateLimitPolicy, ConfigError> {
        let mut clauses: Vec<Clause> = Vec::new();
        for (scope, limit) in self.custom.into_iter().chain(self.global) {
            let fallback = self.shared.as_ref().map(|_| limit.fallback);
            clauses.push(Clause::new(scope, limit, fallback)?);
        }
        let rules: Vec<&Rule> = clauses.iter().flat_map(Clause::rules).map(AsRef::as_ref).collect();
        for (place, rule) in rules.iter().enumerate() {
            let alike = |other: &&Rule| other.name == rule.name && !other.counts_as(rule);
            if rules.iter().take(place).copied().any(|other| alike(&other)) {
                return Err(ConfigError::new("name of a rate limit", &*rule.name)
                    .expected("a name that no other has: clients tell quotas apart by it"));
            }
        }
        Ok(RateLimitPolicy::new(clauses, self.headers, self.shared))
    }
}

// === impl Limiter ===

impl From<Quota> for Limiter {
    fn from(quota: Quota) -> Self {
        Self::new(quota)
    }
}
