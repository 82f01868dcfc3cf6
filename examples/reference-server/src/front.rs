//! What stands in front of the routes: the stack, and what admins' changes must pass.

use palisade::{
    Stack,
    authn_api_key::ApiKeyAuth,
    authn_jwt::OptionalAuth,
    core::ConfigError,
    geo::GeoPolicy,
    metrics::MetricsPolicy,
    ratelimit::Scope,
    route_registry::Registry,
    users::{KnownUsersPolicy, RevokedTokensPolicy, TicketPolicy},
};

use crate::{
    admin_changes::AdminChangesPolicy,
    app::{Shared, StartError},
    bans,
    limits::{self, Counting},
    records, routes, security_headers,
    settings::Settings,
    timer::TokioTimer,
};

/// What stands in front of the routes.
pub(crate) fn stack(
    settings: &Settings,
    shared: &Shared,
    registry: Registry,
) -> Result<Stack, StartError> {
    let auth =
        OptionalAuth::new(shared.verifier.clone()).protected_routes(settings.protected_routes);
    let largest_file = usize::try_from(settings.files.max_size).unwrap_or(usize::MAX);
    let mut stack = Stack::new(registry, auth)
        .clock(shared.clock.clone())
        .headers(security_headers::policy(settings)?)
        .cors(settings.cors.clone())
        .compression(settings.compression)
        .client_ip(settings.client_ip.clone())
        .blocklist(shared.blocklist.shared())
        .tickets(TicketPolicy::new(shared.tickets.clone()))
        .api_keys(ApiKeyAuth::new(shared.api_keys.keys().clone()))
        .revocations(RevokedTokensPolicy::new(shared.revocations.clone()))
        .users(KnownUsersPolicy::new(shared.directory.clone()))
        .body_limit(settings.max_upload_size)
        .body_limit_for(Scope::routes([routes::VFS_FILE]), largest_file)
        .request_codings(settings.request_codings)
        .body_patience(settings.connections.body_patience(), TokioTimer);
    if let Some(policy) = records::policy(settings, &shared.analytics, &shared.clock) {
        stack = stack.analytics(policy);
    }
    if let (Some(locations), Some(geo)) = (&shared.locations, &settings.geo) {
        stack = stack.geo(GeoPolicy::new(locations.geo().clone()).unknown(geo.unknown));
    }
    if let Some(auto_ban) = &shared.auto_ban {
        stack = stack.auto_ban(auto_ban.clone());
    }
    if let Some(suspicious) = bans::suspicious(settings, shared.auto_ban())? {
        stack = stack.suspicious(suspicious);
    }
    if let Some(limits) = shared.sources.limits() {
        stack = stack.rate_limit(limits.clone());
    }
    if let Some(limit) = shared.sources.concurrency() {
        stack = stack.concurrency_limit(limit.clone());
    }
    if let Some(metrics) = shared.sources.requests() {
        stack = stack.metrics(MetricsPolicy::new(metrics).clock(shared.clock.clone()));
    }
    Ok(stack)
}

/// What an admin's change must pass behind the stack.
pub(crate) fn admin_changes(
    settings: &Settings,
    shared: &Shared,
) -> Result<AdminChangesPolicy, ConfigError> {
    let counting = Counting::with(shared.instances.as_ref());
    let quota = settings.rate_limit.as_ref();
    let quota = quota.map(|limits| limits::admin_changes(limits, &counting)).transpose()?;
    Ok(AdminChangesPolicy::new(settings.public_url.as_deref(), &settings.cors_origins, quota))
}
