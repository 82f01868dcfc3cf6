//! How often one may ask.

use std::num::NonZeroU32;

use palisade::ratelimit::{Quota, RateLimitHeaders};

use super::reader::Reader;

/// How often one may ask.
#[derive(Clone, Debug)]
pub struct RateLimitSettings {
    /// The global quota.
    pub quota: Quota,
    /// The one of an admin for what changes something.
    pub admin: Quota,
    /// Those of plans.
    pub plans: Vec<PlanQuota>,
    /// Which headers tell about them.
    pub headers: RateLimitHeaders,
}

/// The quota of a plan.
#[derive(Clone, Debug)]
pub struct PlanQuota {
    /// What tokens and API keys call it.
    pub plan: String,
    /// What its users have in place of the global one.
    pub quota: Quota,
}

pub(super) fn rate_limit(reader: &mut Reader<'_>) -> Option<RateLimitSettings> {
    let on = reader.either("RATE_LIMIT_ENABLED", ("true", true), ("false", false));
    let headers = reader.text("RATE_LIMIT_HEADERS").unwrap_or_default().parse::<RateLimitHeaders>();
    let headers = reader.built("RATE_LIMIT_HEADERS", headers).unwrap_or_default();
    let names = [
        ("RATE_LIMIT_MAX", "RATE_LIMIT_WINDOW_MS"),
        ("ADMIN_RATE_LIMIT_MAX", "ADMIN_RATE_LIMIT_WINDOW_MS"),
    ];
    let [quota, admin] = names.map(|(most, window)| {
        let limit = reader.number(most, 0..=1_000_000);
        let window = reader.milliseconds(window, 1..=86_400_000);
        reader.built(most, Quota::new(u32::try_from(limit).unwrap_or(u32::MAX), window))
    });
    let (quota, admin) = (quota?, admin?);
    let window = quota.window();
    let plan = |part: &str| {
        let (plan, limit) = part.trim().split_once('=')?;
        let limit = limit.parse().ok().filter(|limit| *limit <= 1_000_000)?;
        let quota = Quota::new(limit, window).and_then(|quota| quota.named(plan)).ok()?;
        Some(PlanQuota { plan: plan.to_owned(), quota })
    };
    let plans =
        reader.parse("RATE_LIMIT_PLANS", Vec::new(), |text| text.split(',').map(plan).collect());
    on.then_some(RateLimitSettings { quota, admin, plans, headers })
}

pub(super) fn concurrent_requests(reader: &mut Reader<'_>) -> Option<NonZeroU32> {
    let most = reader.number("RATE_LIMIT_CONCURRENT", 0..=1_000_000);
    u32::try_from(most).ok().and_then(NonZeroU32::new)
}
