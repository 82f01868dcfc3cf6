//! A limiter for each plan.

use crate::{Limiter, Quota};

/// A limiter for each plan that users may have, and one for everybody else.
///
/// A user's plan is what his verified credential says, [`Identity::quota_plan`](palisade_core::Identity::quota_plan); no
/// header names one. Who has no plan, or one that is not here, and who is not signed in, falls under the default; the last by
/// his address.
///
/// A quota of a plan that was not given a name is called after the default's and the plan: `api/pro`. A user who gets another
/// plan begins there with all of its quota.
///
/// ```
/// use palisade_core::RouteTag;
/// use palisade_ratelimit::{Plans, Quota, RateLimitPolicy, Scope};
///
/// let plans = Plans::new(Quota::per_minute(60)?)
///     .plan("pro", Quota::per_minute(600)?)
///     .plan("partner", Quota::per_second(100)?);
/// let policy = RateLimitPolicy::builder().global(Scope::Tagged(RouteTag::API), plans).build()?;
/// # Ok::<_, palisade_core::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Plans {
    pub(crate) default: Limiter,
    pub(crate) others: Vec<(Box<str>, Limiter)>,
}

// === impl Plans ===

impl Plans {
    /// Limits everybody who has no plan that is named here.
    pub fn new(default: impl Into<Limiter>) -> Self {
        Self { default: default.into(), others: Vec::new() }
    }

    /// Limits users of the plan called `name`. The same name twice, and one that is not 1 to 64 printable ASCII characters,
    /// are mistakes that [`RateLimitBuilder::build`](crate::RateLimitBuilder::build) tells.
    pub fn plan(mut self, name: impl Into<Box<str>>, limiter: impl Into<Limiter>) -> Self {
        self.others.push((name.into(), limiter.into()));
        self
    }
}

impl From<Limiter> for Plans {
    fn from(limiter: Limiter) -> Self {
        Self::new(limiter)
    }
}

impl From<Quota> for Plans {
    fn from(quota: Quota) -> Self {
        Self::new(quota)
    }
}
