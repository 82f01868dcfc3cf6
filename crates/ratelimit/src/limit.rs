//! What applies to the requests in a scope.

use std::sync::Arc;

use http::request;
use palisade_core::SecurityContext;

use crate::{Fallback, Limiter, Plans, Quota, cost::Cost};

/// What applies to the requests in a scope: a limiter or one for each plan, what a request costs, and what happens while a
/// shared store does not answer.
///
/// Made of a [`Quota`], a [`Limiter`] or [`Plans`] by itself, where nothing else is to be said.
///
/// ```
/// use palisade_ratelimit::{Fallback, Limit, Quota, RateLimitPolicy, Scope};
///
/// let pages = Limit::new(Quota::per_minute(1_000)?).cost_of(|head, _| {
///     let query = head.uri.query().unwrap_or_default();
///     if query.contains("all=true") { 50 } else { 1 }
/// });
/// let exports = Limit::new(Quota::per_hour(100)?.named("exports")?).cost(10).fallback(Fallback::Closed);
/// let policy = RateLimitPolicy::builder()
///     .global(Scope::Everything, pages)
///     .custom(Scope::routes(["/api/export"]), exports)
///     .build()?;
/// # Ok::<_, palisade_core::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Limit {
    pub(crate) plans: Plans,
    pub(crate) cost: Cost,
    pub(crate) fallback: Fallback,
}

// === impl Limit ===

impl Limit {
    /// Counts every request as one.
    pub fn new(plans: impl Into<Plans>) -> Self {
        Self { plans: plans.into(), cost: Cost::Fixed(1), fallback: Fallback::default() }
    }

    /// Counts every request as `cost` ones.
    ///
    /// A request that costs more than the burst of its quota costs the burst: so it passes whoever has all of his quota, and
    /// waiting always helps. One that costs 0 is free: it is not counted and never refused, not under a limit of 0 either, and
    /// the headers tell how the client stands; not so where a shared store counts, which is not asked about it.
    pub fn cost(self, cost: u32) -> Self {
        Self { cost: Cost::Fixed(cost), ..self }
    }

    /// Counts a request as its head says, and by what is known of the client. It is asked once by each gate that a request
    /// passes, and must not block.
    pub fn cost_of<F>(self, cost: F) -> Self
    where
        F: Fn(&request::Parts, &SecurityContext) -> u32 + Send + Sync + 'static,
    {
        Self { cost: Cost::Of(Arc::new(cost)), ..self }
    }

    /// Says what happens while the store that [`shared`](crate::RateLimitBuilder::shared) names does not answer. Default:
    /// [`Fallback::Local`], as if there were one instance. Without such a store it says nothing.
    pub fn fallback(self, fallback: Fallback) -> Self {
        Self { fallback, ..self }
    }
}

impl From<Plans> for Limit {
    fn from(plans: Plans) -> Self {
        Self::new(plans)
    }
}

impl From<Limiter> for Limit {
    fn from(limiter: Limiter) -> Self {
        Self::new(limiter)
    }
}

impl From<Quota> for Limit {
    fn from(quota: Quota) -> Self {
        Self::new(quota)
    }
}
