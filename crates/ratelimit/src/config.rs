//! Which limiters there are, and where each applies.

use palisade_core::ConfigError;

use crate::{Limiter, Quota, RateLimitHeaders, RateLimitPolicy, Scope, rule::Rule};

/// Builds a [`RateLimitPolicy`]. Mistakes are told by [`build`](Self::build).
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct RateLimitBuilder {
    custom: Vec<(Scope, Limiter)>,
    global: Vec<(Scope, Limiter)>,
    headers: RateLimitHeaders,
}

// === impl RateLimitBuilder ===

impl RateLimitBuilder {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a limiter for much of a service: the documented one is over [`RouteTag::API`](palisade_core::RouteTag::API).
    /// Asked behind all custom ones.
    pub fn global(mut self, scope: Scope, limiter: impl Into<Limiter>) -> Self {
        self.global.push((scope, limiter.into()));
        self
    }

    /// Adds a limiter for a few routes, beside the global one. Asked in the order they were added.
    pub fn custom(mut self, scope: Scope, limiter: impl Into<Limiter>) -> Self {
        self.custom.push((scope, limiter.into()));
        self
    }

    /// Tells clients how they stand by these headers. Default: draft-6.
    pub fn headers(mut self, headers: impl Into<RateLimitHeaders>) -> Self {
        self.headers = headers.into();
        self
    }

    /// Builds the policy. One without a limiter passes everything.
    ///
    /// # Errors
    ///
    /// A scope of no routes, a name of a quota that cannot travel in a header, and two quotas of the same name. A quota
    /// without a name is called as its scope: `default`, the tag, or the id of the first route.
    pub fn build(self) -> Result<RateLimitPolicy, ConfigError> {
        let mut rules: Vec<Rule> = Vec::new();
        for (scope, limiter) in self.custom.into_iter().chain(self.global) {
            let rule = Rule::new(scope, limiter)?;
            let alike = |other: &Rule| other.name == rule.name && !other.limiter.is(&rule.limiter);
            if rules.iter().any(alike) {
                return Err(ConfigError::new("name of a rate limit", &*rule.name)
                    .expected("a name that no other has: clients tell quotas apart by it"));
            }
            rules.push(rule);
        }
        Ok(RateLimitPolicy::new(rules, self.headers))
    }
}

// === impl Limiter ===

impl From<Quota> for Limiter {
    fn from(quota: Quota) -> Self {
        Self::new(quota)
    }
}
