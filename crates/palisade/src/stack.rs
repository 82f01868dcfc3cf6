//! The documented order, in one function.

use std::{fmt, sync::Arc};

use palisade_analytics::AnalyticsPolicy;
use palisade_authn_api_key::ApiKeyAuth;
use palisade_authn_jwt::{AdminOnly, OptionalAuth};
use palisade_autoban::{
    AutoBan, BannedClientsPolicy, BannedUsersPolicy, SuspiciousPolicy, ViolationsPolicy,
};
use palisade_blocklist::{BlockedUsersPolicy, BlocklistPolicy, SharedBlocklist};
use palisade_client_ip::ClientIpPolicy;
use palisade_core::{Clock, GateLayer, Policies};
use palisade_geo::GeoPolicy;
use palisade_metrics::MetricsPolicy;
use palisade_problem::ProblemLayer;
use palisade_ratelimit::{ConcurrencyLimitPolicy, RateLimitPolicy, Scope};
use palisade_route_registry::{Registry, RoutePolicy, ScopePolicy};
use palisade_secure_headers::SecureHeadersPolicy;
use palisade_users::{KnownUsersPolicy, RevokedTokensPolicy, TicketPolicy, UserDirectory};
use tower_layer::Layer;

use crate::{
    BodyLayer, BodyLimitPolicy, BodyLimits, Compression, CompressionLayer, Cors, CorsLayer,
    Decisions, HostPolicy, Patience, RequestCodings, Timer,
    body::{BodyPatiences, BodyRules},
};

/// The documented default of `MAX_UPLOAD_SIZE`: 10 MB.
const BODY_LIMIT: u64 = 10 * 1024 * 1024;

/// What the stack is made of. Only routes and authentication must be said; the rest has the documented defaults, or is
/// left out until it is given.
#[derive(Debug)]
pub struct Stack {
    clock: Clock,
    problems: ProblemLayer,
    headers: SecureHeadersPolicy,
    metrics: Option<MetricsPolicy>,
    compression: Compression,
    cors: Cors,
    client_ip: ClientIpPolicy,
    routes: RoutePolicy,
    geo: Option<GeoPolicy>,
    blocklist: Option<SharedBlocklist>,
    auto_ban: Option<AutoBan>,
    suspicious: Option<SuspiciousPolicy>,
    analytics: Option<AnalyticsPolicy>,
    tickets: Option<TicketPolicy>,
    api_keys: Option<ApiKeyAuth>,
    auth: OptionalAuth,
    revocations: Option<RevokedTokensPolicy>,
    /// Behind a pointer: the stack does not care who keeps the users.
    users: Option<Decisions>,
    admin: AdminOnly,
    scopes: ScopePolicy,
    rate_limit: Option<RateLimitPolicy>,
    concurrency_limit: Option<ConcurrencyLimitPolicy>,
    body_limits: BodyLimits,
    request_codings: RequestCodings,
    body_patience: BodyPatiences,
}

/// The layer [`stack()`] makes.
#[derive(Clone)]
pub struct StackLayer(Layers);

type Layers = (
    ProblemLayer,
    GateLayer<SecureHeadersPolicy>,
    CorsLayer,
    GateLayer<Decisions>,
    CompressionLayer,
    BodyLayer,
);

/// Puts the documented layers in their order. This function is the only place where that order exists.
///
/// A request of HTTP/1.1, which a request made by `http` is where it says nothing else, names a host, or is 400
/// `malformed-header.host` (see [`HostPolicy`]). So a test that asks the service without a client says one:
///
/// ```
/// # use http::{Request, header};
/// let request = Request::builder().uri("/x").header(header::HOST, "localhost").body(());
/// # request.unwrap();
/// ```
pub fn stack(stack: Stack) -> StackLayer {
    let Stack { clock, auto_ban, blocklist, .. } = stack;
    let geo = stack.geo.map(|geo| beside(geo, blocklist.clone(), auto_ban.clone()));
    let bodies = Arc::new(BodyRules {
        limits: stack.body_limits,
        codings: stack.request_codings,
        patience: stack.body_patience,
        clock: clock.clone(),
    });

    // Policies that are neighbours share one gate: the request's head is taken apart once for all of them.
    let decisions = stack
        .metrics // counts what all below refuse
        .then(stack.client_ip) // all below rely on the address
        .then(auto_ban.clone().map(ViolationsPolicy::new)) // step 3, on the way out: counts what is refused below
        .then(stack.suspicious) // step 3: probes for holes count too, also those that the next refuses
        .then(HostPolicy::new()) // one host, or none below can say for whom the request is
        .then(stack.routes) // the same path and class for every layer below, and for the router
        .then(geo) // the country as far as it is known, for the next and for analytics
        .then(blocklist.clone().map(BlocklistPolicy::new)) // step 2: address, network, token, country
        .then(auto_ban.clone().map(BannedClientsPolicy::new)) // step 3: banned address or token
        .then(stack.analytics) // step 4: sees all that got here, also what is refused below
        .then(stack.tickets) // step 5: a stream's ticket becomes an identity; who has one needs nothing below
        .then(stack.api_keys) // step 5: a key becomes an identity, which the next then lets pass
        .then(stack.auth) // step 5: a token becomes an identity; last, because it refuses who has none
        .then(stack.revocations) // at once behind it: tokens taken back; first, because it never waits …
        .then(stack.users) // … unknown users; from here on roles are those of today …
        .then(blocklist.map(BlockedUsersPolicy::new)) // … blocked ones …
        .then(auto_ban.map(BannedUsersPolicy::new)) // … and banned ones
        .then(stack.admin) // step 6: by the route's class
        .then(stack.scopes) // step 6: and by its scopes, which not every router asks for
        .then(stack.rate_limit) // step 7: per user, else per address
        .then(stack.concurrency_limit) // step 7: and how many of one client at the same time
        .then(BodyLimitPolicy::new(Arc::clone(&bodies))); // step 8: what is declared, length and coding

    StackLayer((
        // Outermost: names the request, and renders whatever is refused below, so that every refusal can be quoted.
        stack.problems.clock(clock.clone()),
        // Headers also on refusals.
        GateLayer::new(stack.headers).clock(clock.clone()),
        // Step 1. Outside of all that refuses: a browser must be able to read 401, 403, 413 and 429; preflights end here, but for
        // those that HostPolicy refuses.
        stack.cors.layer().of_one_host(),
        GateLayer::new(Decisions::new(decisions)).clock(clock),
        // Inside of all that refuses: a refusal is never compressed.
        stack.compression.layer(),
        // Step 8 again: what streams past the limit without having said so, grows when it is unpacked, or does not come.
        BodyLayer::new(bodies),
    ))
}

/// A country is needed where the list blocks some, and of nobody whom it never blocks. Nobody is asked about who is blocked or
/// banned by his address.
fn beside(
    geo: GeoPolicy,
    blocklist: Option<SharedBlocklist>,
    auto_ban: Option<AutoBan>,
) -> GeoPolicy {
    let list = blocklist.clone();
    geo.or_needed_when(move |address, at| {
        list.as_ref().is_some_and(|list| list.needs_country(address, at))
    })
    .refused_anyway_when(move |address, at| {
        blocklist.as_ref().is_some_and(|list| list.refuses_ip(address, at))
            || auto_ban.as_ref().is_some_and(|bans| bans.is_ip_banned(address, at))
    })
}

// === impl Stack ===

impl Stack {
    /// Starts from the two things nobody can guess: who may ask which route, and whose tokens count.
    pub fn new(routes: Registry, auth: OptionalAuth) -> Self {
        Self {
            clock: Clock::system(),
            problems: ProblemLayer::new(),
            headers: SecureHeadersPolicy::polymech(),
            metrics: None,
            compression: Compression::default(),
            cors: Cors::any_origin(),
            client_ip: ClientIpPolicy::new(),
            routes: RoutePolicy::new(routes),
            geo: None,
            blocklist: None,
            auto_ban: None,
            suspicious: None,
            analytics: None,
            tickets: None,
            api_keys: None,
            auth,
            revocations: None,
            users: None,
            admin: AdminOnly::new(),
            scopes: ScopePolicy::new(),
            rate_limit: None,
            concurrency_limit: None,
            body_limits: BodyLimits::new(BODY_LIMIT),
            request_codings: RequestCodings::refused(),
            body_patience: BodyPatiences::default(),
        }
    }

    /// Takes the time from `clock`. Default: the system's.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Renders refusals by `problems`. Default: RFC 9457 problem details.
    #[must_use]
    pub fn problems(mut self, problems: ProblemLayer) -> Self {
        self.problems = problems;
        self
    }

    /// Sends these security headers. Default: the documented table.
    #[must_use]
    pub fn headers(mut self, headers: SecureHeadersPolicy) -> Self {
        self.headers = headers;
        self
    }

    /// Counts requests and refusals. Default: not.
    #[must_use]
    pub fn metrics(mut self, metrics: MetricsPolicy) -> Self {
        self.metrics = Some(metrics);
        self
    }

    /// Compresses answers or not. Default: as the client prefers.
    #[must_use]
    pub fn compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// Lets these sites' pages call. Default: any, without credentials.
    #[must_use]
    pub fn cors(mut self, cors: Cors) -> Self {
        self.cors = cors;
        self
    }

    /// Finds the client's address so. Default: the peer on the socket; no proxy is believed.
    #[must_use]
    pub fn client_ip(mut self, client_ip: ClientIpPolicy) -> Self {
        self.client_ip = client_ip;
        self
    }

    /// Finds out from which country a request comes. Default: nobody knows, and country rules of the blocklist mean nothing.
    ///
    /// Under [`UnknownCountry::Deny`](palisade_geo::UnknownCountry::Deny) an unknown country is refused while the
    /// [blocklist](Self::blocklist) blocks countries, unless the address is private or on its safelist.
    #[must_use]
    pub fn geo(mut self, geo: GeoPolicy) -> Self {
        self.geo = Some(geo);
        self
    }

    /// Refuses what is on this list. Default: no list.
    #[must_use]
    pub fn blocklist(mut self, blocklist: SharedBlocklist) -> Self {
        self.blocklist = Some(blocklist);
        self
    }

    /// Bans who misbehaves. Default: nobody.
    #[must_use]
    pub fn auto_ban(mut self, auto_ban: AutoBan) -> Self {
        self.auto_ban = Some(auto_ban);
        self
    }

    /// Counts probes for holes as violations. Default: nobody looks for them.
    #[must_use]
    pub fn suspicious(mut self, suspicious: SuspiciousPolicy) -> Self {
        self.suspicious = Some(suspicious);
        self
    }

    /// Records requests. Default: not.
    #[must_use]
    pub fn analytics(mut self, analytics: AnalyticsPolicy) -> Self {
        self.analytics = Some(analytics);
        self
    }

    /// Opens streams to who has a one-time ticket. Default: not.
    #[must_use]
    pub fn tickets(mut self, tickets: TicketPolicy) -> Self {
        self.tickets = Some(tickets);
        self
    }

    /// Lets API keys prove who is asking, beside tokens. Default: not; a key is then nothing.
    #[must_use]
    pub fn api_keys(mut self, api_keys: ApiKeyAuth) -> Self {
        self.api_keys = Some(api_keys);
        self
    }

    /// Refuses tokens that were taken back. Default: a token is good until it ends.
    #[must_use]
    pub fn revocations(mut self, revocations: RevokedTokensPolicy) -> Self {
        self.revocations = Some(revocations);
        self
    }

    /// Refuses users who are unknown or disabled, and takes roles from where users are kept. Default: tokens and keys are
    /// believed.
    #[must_use]
    pub fn users<D>(mut self, users: KnownUsersPolicy<D>) -> Self
    where
        D: UserDirectory + Send + Sync + 'static,
    {
        self.users = Some(Decisions::new(users));
        self
    }

    /// Checks admin routes so. Default: the role `admin`.
    #[must_use]
    pub fn admin(mut self, admin: AdminOnly) -> Self {
        self.admin = admin;
        self
    }

    /// Checks the scopes that routes declare so. Default: in the name of the realm `api`.
    #[must_use]
    pub fn scopes(mut self, scopes: ScopePolicy) -> Self {
        self.scopes = scopes;
        self
    }

    /// Limits rates. Default: not.
    #[must_use]
    pub fn rate_limit(mut self, rate_limit: RateLimitPolicy) -> Self {
        self.rate_limit = Some(rate_limit);
        self
    }

    /// Limits how many requests of a client are under way at the same time, until the last byte of the answer. Default: not.
    #[must_use]
    pub fn concurrency_limit(mut self, limit: ConcurrencyLimitPolicy) -> Self {
        self.concurrency_limit = Some(limit);
        self
    }

    /// Accepts bodies of this many bytes. Default: 10 MiB.
    ///
    /// axum's own extractors stop at 2 MB unless the router has `.layer(DefaultBodyLimit::disable())`.
    #[must_use]
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limits.others(u64::try_from(bytes).unwrap_or(u64::MAX));
        self
    }

    /// Accepts bodies of this many bytes on these routes, by id or by tag, whatever the others may. Where several cover a
    /// route, the first one counts.
    #[must_use]
    pub fn body_limit_for(mut self, routes: Scope, bytes: usize) -> Self {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.body_limits = self.body_limits.with(routes, bytes);
        self
    }

    /// Does this with bodies that clients coded. Default: they are refused.
    #[must_use]
    pub fn request_codings(mut self, codings: RequestCodings) -> Self {
        self.request_codings = codings;
        self
    }

    /// Waits no longer than this for a body that a handler wants to read; `timer` is the runtime's. Default: for ever.
    ///
    /// A client of a stream may be silent: for routes with [`RouteTag::STREAM`](palisade_core::RouteTag::STREAM) it counts only
    /// where [`body_patience_for`](Self::body_patience_for) says so.
    #[must_use]
    pub fn body_patience(mut self, patience: Patience, timer: impl Timer) -> Self {
        self.body_patience.others(patience, timer);
        self
    }

    /// Waits so for bodies on these routes, by id or by tag, whatever holds for the others; `None` is for ever. Where several
    /// cover a route, the first one counts. The timer is that of [`body_patience`](Self::body_patience): without one, nobody is
    /// hurried.
    #[must_use]
    pub fn body_patience_for(mut self, routes: Scope, patience: Option<Patience>) -> Self {
        self.body_patience.push(routes, patience);
        self
    }
}

// === impl StackLayer ===

impl fmt::Debug for StackLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The layer of decisions is the one worth seeing, and not all of tower-http's can be shown.
        f.debug_tuple("StackLayer").field(&self.0.3).finish()
    }
}

impl<S> Layer<S> for StackLayer
where
    Layers: Layer<S>,
{
    type Service = <Layers as Layer<S>>::Service;

    fn layer(&self, inner: S) -> Self::Service {
        self.0.layer(inner)
    }
}
