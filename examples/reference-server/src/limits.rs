//! The limits: of everybody on the API, of what is expensive, of plans, of admins, and of requests at the same time.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use palisade::{
    core::{ConfigError, RouteTag},
    ratelimit::{
        ConcurrencyLimit, ConcurrencyLimitPolicy, Fallback, Limit, Limiter, Plans, Quota,
        RateLimitPolicy, Scope, SharedStore,
    },
};

use crate::{
    instances::Instances,
    routes,
    settings::{PlanQuota, RateLimitSettings},
};

/// Where limits are counted: here, or with other instances.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counting {
    store: Option<Arc<dyn SharedStore>>,
    fallback: Fallback,
}

// === impl Counting ===

impl Counting {
    /// Counts where `instances` do, or here, if there are none.
    pub(crate) fn with(instances: Option<&Instances>) -> Self {
        let shared = |instances: &Instances| Self {
            store: Some(instances.limiter()),
            fallback: instances.fallback(),
        };
        instances.map(shared).unwrap_or_default()
    }

    fn limit(&self, plans: impl Into<Plans>) -> Limit {
        Limit::new(plans).fallback(self.fallback)
    }

    /// The limits in these scopes, with the headers of `settings`.
    fn policy(
        &self,
        settings: &RateLimitSettings,
        global: Option<(Scope, Plans)>,
        custom: (Scope, Limiter),
    ) -> Result<RateLimitPolicy, ConfigError> {
        let (scope, limiter) = custom;
        let mut policy =
            RateLimitPolicy::builder().custom(scope, self.limit(limiter)).headers(settings.headers);
        if let Some((scope, plans)) = global {
            policy = policy.global(scope, self.limit(plans));
        }
        if let Some(store) = &self.store {
            policy = policy.shared(Arc::clone(store));
        }
        policy.build()
    }
}

/// The documented global limit on `/api/*`, that of plans in its place, and a stricter one on what is expensive.
pub(crate) fn rate_limit(
    settings: &RateLimitSettings,
    counting: &Counting,
) -> Result<RateLimitPolicy, ConfigError> {
    let plan = |plans: Plans, PlanQuota { plan, quota }: &PlanQuota| {
        plans.plan(plan.as_str(), quota.clone())
    };
    let plans = settings.plans.iter().fold(Plans::new(settings.quota.clone()), plan);
    // What a page's violations have a browser send is limited by itself: whoever reads such a page would use up his quota by
    // it, and be banned in the end.
    let api = Scope::tagged_but(RouteTag::API, [routes::CSP_REPORTS]);
    let expensive = Limiter::new(Quota::new(10, Duration::from_secs(1))?.named("expensive")?);
    counting.policy(settings, Some((api, plans)), (Scope::routes(routes::EXPENSIVE), expensive))
}

/// What an admin may change in a while, beside what everybody may ask.
pub(crate) fn admin_changes(
    settings: &RateLimitSettings,
    counting: &Counting,
) -> Result<RateLimitPolicy, ConfigError> {
    let quota = settings.admin.clone().named("admin-changes")?;
    counting.policy(settings, None, (Scope::Everything, Limiter::new(quota)))
}

/// Requests at the same time, of one client. A stream takes a place as long as it is open.
pub(crate) fn concurrency(most: NonZeroU32) -> Result<ConcurrencyLimitPolicy, ConfigError> {
    ConcurrencyLimit::per_client(most.get()).build()
}
