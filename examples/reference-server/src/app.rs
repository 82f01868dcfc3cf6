//! Assembles the server: what is shared, the routes, and the stack in front of them.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::extract::DefaultBodyLimit;
use palisade::{
    Stack, StackLayer,
    analytics::{self, Analytics, AnalyticsPolicy},
    authn_jwt::{Issuer, Keys, OptionalAuth, Verifier},
    autoban::AutoBan,
    blocklist::{BlocklistFile, BlocklistWatch},
    core::{Clock, ConfigError, RouteTag},
    ratelimit::{Limiter, Quota, RateLimitPolicy, Scope},
    route_registry::Dispatch,
};
use tokio::sync::Notify;
use tower_layer::Layer;

use crate::{demo::Demo, issuer, routes, settings::Settings};

/// Why the server does not start: a text for people, with the fix.
pub type StartError = Box<dyn std::error::Error + Send + Sync>;

/// The routes with the stack in front.
pub type Service = <StackLayer as Layer<Handlers>>::Service;
/// The routes; the limit on bodies is the stack's, not axum's.
pub type Handlers = <DefaultBodyLimit as Layer<Dispatch>>::Service;

/// The assembled server, without a socket.
#[derive(Debug)]
pub struct App {
    settings: Settings,
    shared: Arc<Shared>,
    stack: StackLayer,
    dispatch: Dispatch,
    /// Ends with the server.
    _watch: BlocklistWatch,
}

/// What handlers share.
#[derive(Debug)]
pub struct Shared {
    pub(crate) clock: Clock,
    pub(crate) demo: Demo,
    pub(crate) base_url: String,
    pub(crate) verifier: Verifier,
    pub(crate) blocklist: BlocklistFile,
    pub(crate) auto_ban: Option<AutoBan>,
    pub(crate) analytics: Analytics,
    /// Told when an admin asks for a restart.
    pub(crate) restart: Notify,
}

// === impl App ===

impl App {
    /// Assembles everything `settings` say, and starts what works in the background.
    ///
    /// # Errors
    ///
    /// A file that cannot be used, or a limit that cannot be built.
    pub fn new(settings: Settings) -> Result<Self, StartError> {
        let clock = Clock::system();
        let verifier = verifier(&settings)?;
        let blocklist = BlocklistFile::open(&settings.blocklist_file, clock.clone())?;
        let watch = blocklist.watch()?;
        let auto_ban = auto_ban(&settings, &clock)?;
        let analytics = Analytics::start(analytics::Config::new())?;
        let base_url =
            settings.public_url.clone().unwrap_or_else(|| local_url(settings.listen_addr));
        let shared = Arc::new(Shared {
            clock,
            demo: Demo::seeded(),
            base_url,
            verifier,
            blocklist,
            auto_ban,
            analytics,
            restart: Notify::new(),
        });
        let (registry, dispatch) =
            routes::all(settings.query_token).with_state(Arc::clone(&shared)).into_parts()?;
        let auth =
            OptionalAuth::new(shared.verifier.clone()).protected_routes(settings.protected_routes);
        let mut stack = Stack::new(registry, auth)
            .clock(shared.clock.clone())
            .cors(settings.cors.clone())
            .compression(settings.compression)
            .client_ip(settings.client_ip.clone())
            .blocklist(shared.blocklist.shared())
            .analytics(AnalyticsPolicy::new(&shared.analytics).clock(shared.clock.clone()))
            .body_limit(settings.max_upload_size);
        if let Some(auto_ban) = &shared.auto_ban {
            stack = stack.auto_ban(auto_ban.clone());
        }
        if let Some(quota) = settings.rate_limit.clone() {
            stack = stack.rate_limit(rate_limit(&settings, quota)?);
        }
        Ok(Self { settings, shared, stack: palisade::stack(stack), dispatch, _watch: watch })
    }

    /// The service to put on a socket; cloned for each connection.
    pub fn service(&self) -> Service {
        self.stack.layer(DefaultBodyLimit::disable().layer(self.dispatch.clone()))
    }

    /// How it is set up.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What handlers share.
    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
}

// === impl Shared ===

impl Shared {
    /// Writes what is still in memory, and ends the streams.
    pub fn close(&self) {
        self.analytics.shutdown();
        let flushed = self.auto_ban.as_ref().map_or(Ok(()), AutoBan::flush);
        if let Err(error) = flushed {
            tracing::error!(%error, "bans could not be written");
        }
    }
}

/// How a browser on this machine reaches the server.
fn local_url(address: SocketAddr) -> String {
    if address.ip().is_unspecified() {
        format!("http://localhost:{}", address.port())
    } else {
        format!("http://{address}")
    }
}

/// Checks tokens by the configured keys, or by the development issuer's secret.
fn verifier(settings: &Settings) -> Result<Verifier, StartError> {
    let (keys, name, audience) = if let Some(keys) = &settings.keys {
        (keys.clone(), settings.jwt_issuer.clone(), settings.jwt_audience.clone())
    } else {
        let secret = issuer::secret(&settings.data_dir)?;
        let keys = Keys::hs256(secret.as_bytes())?;
        // What `token` signs with, and no other.
        let name = settings.jwt_issuer.as_deref().unwrap_or(issuer::ISSUER);
        let audience = settings.jwt_audience.as_deref().unwrap_or(issuer::AUDIENCE);
        (keys, Some(name.to_owned()), Some(audience.to_owned()))
    };
    let issuer = match name {
        Some(name) => Issuer::new(name, keys),
        None => Issuer::any_name(keys),
    };
    let issuer = match audience {
        Some(audience) => issuer.audience(audience),
        None => issuer.accept_any_audience(),
    };
    let issuer = settings
        .admin_users
        .iter()
        .fold(issuer, |issuer, user| issuer.grant(user.as_str(), "admin"));
    Ok(Verifier::new(issuer)?)
}

fn auto_ban(settings: &Settings, clock: &Clock) -> Result<Option<AutoBan>, StartError> {
    let Some(rules) = settings.auto_ban else { return Ok(None) };
    let mut auto_ban = AutoBan::builder()
        .clock(clock.clone())
        .file(&settings.ban_file)
        .threshold(rules.threshold)
        .window(rules.window)
        .cleanup_interval(rules.cleanup_interval);
    if let Some(proxies) = &settings.trusted_proxies {
        // A ban of a proxy would be a ban of everyone behind it.
        auto_ban = auto_ban.protect(proxies.cidrs());
    }
    if let Some(time) = rules.duration {
        auto_ban = auto_ban.ban_duration(time);
    }
    Ok(Some(auto_ban.build()?))
}

/// The documented global limit on `/api/*`, and a stricter one on what is expensive.
fn rate_limit(settings: &Settings, quota: Quota) -> Result<RateLimitPolicy, ConfigError> {
    let expensive = Limiter::new(Quota::new(10, Duration::from_secs(1))?.named("expensive")?);
    RateLimitPolicy::builder()
        .global(Scope::Tagged(RouteTag::API), quota)
        .custom(Scope::routes(routes::EXPENSIVE), expensive)
        .headers(settings.rate_limit_headers)
        .build()
}
