//! Assembles the server: what is shared, the routes, and the stack in front of them.

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use palisade::{
    StackLayer,
    analytics::Analytics,
    authn_jwt::{Issuer, Keys, Verifier, VerifierBuilder},
    autoban::AutoBan,
    blocklist::{BlocklistFile, BlocklistWatch},
    core::{Clock, Gate, GateLayer, SECURITY_TARGET},
    route_registry::{Dispatch, Registry},
    users::{Revocations, StreamTickets},
};
use palisade_database::Database;
use palisade_redis::Following;
use palisade_sqlite::SqliteStore;
use palisade_vault::Vault;
use tokio::sync::{Notify, Semaphore};
use tower_layer::Layer;

use crate::{
    admin_changes::AdminChangesPolicy,
    api_key_file::ApiKeyFile,
    audit::AuditTrail,
    audit_table::AuditTable,
    bans,
    checkpoints::{CheckpointTimer, Checkpoints},
    content_cache::ContentCache,
    database,
    database_health::{DatabaseHealth, DatabaseWatch},
    demo::Demo,
    directory::Directory,
    front,
    instances::Instances,
    issuer,
    live::Live,
    locations::Locations,
    metrics::Sources,
    orders::{self, Outbox, OutboxTask},
    records,
    reference::Reference,
    report_desk::ReportDesk,
    routes, secrets,
    server_id::ServerId,
    settings::{InvalidTokens, Settings},
    tls::Certificates,
    users_table::{self, UsersWatch},
};

/// Why the server does not start: a text for people, with the fix.
pub type StartError = Box<dyn std::error::Error + Send + Sync>;

/// The routes with the stack in front.
pub type Service = <StackLayer as Layer<Handlers>>::Service;
/// The routes, with what stands in front of admins' changes; the limit on bodies is the stack's, not axum's.
pub type Handlers = Gate<<DefaultBodyLimit as Layer<Dispatch>>::Service, AdminChangesPolicy>;

/// The assembled server, without a socket.
#[derive(Debug)]
pub struct App {
    settings: Settings,
    shared: Arc<Shared>,
    routes: Registry,
    stack: StackLayer,
    admin_changes: GateLayer<AdminChangesPolicy>,
    dispatch: Dispatch,
    /// Ends with the server.
    _watch: BlocklistWatch,
    /// So does this.
    _following: Option<Following>,
    /// And this.
    _database: DatabaseWatch,
    /// And this.
    _users: UsersWatch,
    /// And this.
    _orders: OutboxTask,
    /// And this, if there is something to sign with.
    _checkpoints: Option<CheckpointTimer>,
}

/// What handlers share.
#[derive(Debug)]
pub struct Shared {
    pub(crate) clock: Clock,
    /// Where users' data is.
    pub(crate) database: Database,
    /// Whether it answers.
    pub(crate) database_health: DatabaseHealth,
    /// What signs the log of what admins do, if anything does.
    pub(crate) checkpoints: Option<Checkpoints>,
    /// What seals secrets of users, if there are keys.
    pub(crate) vault: Option<Vault>,
    pub(crate) demo: Demo,
    /// What was rendered of it for anyone.
    pub(crate) content: ContentCache,
    pub(crate) base_url: String,
    /// The certificate in force, where TLS is spoken.
    pub(crate) certificates: Option<Certificates>,
    pub(crate) verifier: Verifier,
    pub(crate) blocklist: BlocklistFile,
    pub(crate) auto_ban: Option<AutoBan>,
    /// Whom limits and bans are shared with, if anybody.
    pub(crate) instances: Option<Instances>,
    /// Knows where clients are, if anybody does.
    pub(crate) locations: Option<Locations>,
    pub(crate) analytics: Analytics,
    /// What happens, for who watches.
    pub(crate) live: Live,
    /// Where its records are, unless that is in memory.
    pub(crate) records: Option<Arc<SqliteStore>>,
    /// Places for questions about them.
    pub(crate) questions: Arc<Semaphore>,
    pub(crate) api_keys: ApiKeyFile,
    pub(crate) directory: Directory,
    pub(crate) revocations: Revocations,
    pub(crate) tickets: StreamTickets,
    /// The API's description.
    pub(crate) reference: Reference,
    /// Takes in what browsers report.
    pub(crate) reports: ReportDesk,
    /// Keeps what admins do.
    pub(crate) audit: Arc<dyn AuditTrail>,
    /// What of it is not written down yet.
    pub(crate) outbox: Outbox,
    /// Told when an admin asks for a restart.
    pub(crate) restart: Notify,
    /// What is kept for the sake of figures.
    pub(crate) sources: Sources,
}

// === impl App ===

impl App {
    /// Assembles everything `settings` say, and starts what works in the background. What admins do goes into the database.
    ///
    /// # Errors
    ///
    /// A file or a database that cannot be used, or a limit that cannot be built.
    pub async fn open(settings: Settings) -> Result<Self, StartError> {
        let database = database::open(&settings, &Clock::system()).await?;
        Self::assemble(Arc::new(AuditTable::new(database.clone())), database, settings).await
    }

    /// The same, with another one who keeps what admins do.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub async fn audited_by(
        audit: Arc<dyn AuditTrail>,
        settings: Settings,
    ) -> Result<Self, StartError> {
        let database = database::open(&settings, &Clock::system()).await?;
        Self::assemble(audit, database, settings).await
    }

    async fn assemble(
        audit: Arc<dyn AuditTrail>,
        database: Database,
        settings: Settings,
    ) -> Result<Self, StartError> {
        let shared = Arc::new(Shared::new(&settings, audit, database)?);
        let watched = shared.database_health.watch(&shared.database);
        let revision = users_table::take_over(&shared.database, &shared.directory).await?;
        let users = users_table::follow(&shared.database, shared.directory.clone(), revision);
        orders::resume(&shared).await?;
        let outbox = orders::start(&shared);
        let checkpoints = shared.checkpoints.as_ref().map(Checkpoints::start);
        if let Some(vault) = &shared.vault {
            tokio::spawn(secrets::rewrap(shared.database.clone(), vault.clone()));
        }
        let watch = shared.blocklist.watch()?;
        let following = shared.instances.as_ref().zip(shared.auto_ban.as_ref());
        let following = following.map(|(instances, auto_ban)| instances.follow(auto_ban));
        let mut routes = routes::all(settings.stream_tags);
        if shared.sources.requests().is_some() {
            routes = routes.merge(routes::metrics());
        }
        routes = routes.merge(routes::reference(settings.environment));
        let (registry, dispatch) = routes.with_state(Arc::clone(&shared)).into_parts()?;
        shared.reference.describe(&registry)?;
        let routes = registry.clone();
        let stack = palisade::stack(front::stack(&settings, &shared, registry)?);
        let admin_changes = front::admin_changes(&settings, &shared)?;
        let admin_changes = GateLayer::new(admin_changes).clock(shared.clock.clone());
        Ok(Self {
            settings,
            shared,
            routes,
            stack,
            admin_changes,
            dispatch,
            _watch: watch,
            _following: following,
            _database: watched,
            _users: users,
            _orders: outbox,
            _checkpoints: checkpoints,
        })
    }

    /// The service to put on a socket; cloned for each connection.
    pub fn service(&self) -> Service {
        let handlers = DefaultBodyLimit::disable().layer(self.dispatch.clone());
        // Innermost: it is asked about admins alone, and only about what they change.
        self.stack.layer(self.admin_changes.layer(handlers))
    }

    /// How it is set up.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The routes, and who may ask them.
    pub fn routes(&self) -> &Registry {
        &self.routes
    }

    /// What handlers share.
    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }
}

// === impl Shared ===

impl Shared {
    /// What bans, unless that is off.
    pub fn auto_ban(&self) -> Option<&AutoBan> {
        self.auto_ban.as_ref()
    }

    /// Where records of requests are, unless that is in memory.
    pub fn records(&self) -> Option<&SqliteStore> {
        self.records.as_deref()
    }

    /// Waits until an admin asks for a restart.
    pub async fn restart_asked(&self) {
        self.restart.notified().await;
    }

    /// What judges tokens. Its keys can be replaced while the server runs.
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// Opens everything `settings` name.
    fn new(
        settings: &Settings,
        audit: Arc<dyn AuditTrail>,
        database: Database,
    ) -> Result<Self, StartError> {
        let clock = Clock::system();
        let demo = Demo::seeded();
        let revocations = Revocations::builder().clock(clock.clone()).build()?;
        let base_url = settings.public_url.clone().unwrap_or_else(|| local_url(settings));
        let certificates = settings.tls.as_ref().map(|tls| Certificates::open(tls, &clock));
        let blocklist = BlocklistFile::open(&settings.blocklist_file, clock.clone())?;
        let records = records::store(settings, &clock)?;
        let instances = settings.redis.as_ref().map(|redis| Instances::connect(redis, &clock));
        let instances = instances.transpose()?;
        let live = Live::start(&settings.streams, &clock)?;
        let sources = Sources::new(settings, instances.as_ref(), clock.now())?;
        let locations = Locations::open(settings, &clock)?;
        if locations.is_none() {
            blocklist.shared().without_countries();
        }
        Ok(Self {
            checkpoints: Checkpoints::open(settings, &database, &clock)?,
            vault: secrets::vault(settings)?,
            database,
            database_health: DatabaseHealth::new(),
            directory: Directory::seeded(settings, &demo, &revocations)?,
            demo,
            content: content_cache(settings, &clock),
            base_url,
            certificates: certificates.transpose()?,
            verifier: verifier(settings)?,
            auto_ban: bans::auto_ban(settings, &blocklist.shared(), instances.as_ref(), &clock)?,
            instances,
            blocklist,
            analytics: records::analytics(
                settings,
                records.as_ref(),
                live.observer(),
                locations.as_ref(),
                &clock,
            )?,
            live,
            records,
            questions: Arc::new(Semaphore::new(routes::QUESTIONS)),
            locations,
            api_keys: ApiKeyFile::open(settings, &clock)?,
            revocations,
            tickets: StreamTickets::new(),
            reference: Reference::new(settings),
            reports: ReportDesk::new()?,
            audit,
            outbox: Outbox::new(ServerId::open(&settings.data_dir)?),
            restart: Notify::new(),
            sources,
            clock,
        })
    }

    /// Says what there is to begin with: who expects bans or keys sees at once when there are none.
    pub(crate) fn tell(&self) {
        let bans = self.auto_ban.as_ref().map(|auto_ban| {
            let status = auto_ban.status();
            let names = status.banned_users.saturating_add(status.banned_tokens);
            status.banned_ips.saturating_add(names)
        });
        let (users, api_keys) = (self.directory.count(), self.api_keys.keys().list().len());
        tracing::info!(target: SECURITY_TARGET, event = "server.loaded", users, api_keys, bans, "users, API keys and bans loaded");
        if self.vault.is_none() {
            tracing::warn!(
                "neither VAULT_KEYS nor VAULT_KEYS_FILE is set: /api/me/secrets answers 503"
            );
        }
    }

    /// Writes what is still in memory, and ends the streams. Blocks, some seconds at most where somebody else holds a file.
    pub fn close(&self) {
        self.live.close();
        self.reports.close();
        let flushed = self.auto_ban.as_ref().map_or(Ok(()), AutoBan::flush);
        if let Err(error) = flushed {
            tracing::error!(%error, "bans could not be written");
        }
        // What fails is logged there, and is only a cache.
        drop(self.locations.as_ref().map(|locations| locations.geo().flush()));
        // Last: others may hold the file, and the bans do not wait for them.
        self.api_keys.flush();
    }

    /// Stores what was recorded, and records nothing any more: for the time when no request runs. Blocks for a moment.
    pub fn stop_recording(&self) {
        self.analytics.shutdown();
    }

    /// Signs what admins did, and ends all connections to the database: for the time when nobody asks it any more.
    pub async fn leave_database(&self) {
        if let Some(checkpoints) = &self.checkpoints {
            checkpoints.make().await;
        }
        self.database.close().await;
    }

    /// Tells other instances of the bans and lifts that they have not heard of, for some seconds at most: a lift that is told to
    /// nobody comes undone when this one starts again.
    pub async fn tell_others(&self) {
        let Some(instances) = &self.instances else { return };
        let untold = instances.flush().await;
        if untold > 0 {
            tracing::error!(target: SECURITY_TARGET, event = "bans.untold", untold, "other instances do not know of some bans or lifts");
        }
    }
}

/// How a browser on this machine reaches the server.
pub(crate) fn local_url(settings: &Settings) -> String {
    let (scheme, address) = match &settings.tls {
        Some(tls) => ("https", tls.listen_addr),
        None => ("http", settings.listen_addr),
    };
    if address.ip().is_unspecified() {
        format!("{scheme}://localhost:{}", address.port())
    } else {
        format!("{scheme}://{address}")
    }
}

/// Checks tokens of the configured issuers, or of the development issuer. Roles are the directory's to know.
pub(crate) fn verifier(settings: &Settings) -> Result<Verifier, StartError> {
    let trusted = settings.issuers.iter().map(|trusted| trusted.issuer.clone());
    let mut issuers: Vec<Issuer> = trusted.collect();
    if issuers.is_empty() {
        let secret = issuer::secret(&settings.data_dir)?;
        // What `token` signs with, and no other.
        let name = settings.jwt_issuer.as_deref().unwrap_or(issuer::ISSUER);
        let audience = settings.jwt_audience.as_deref().unwrap_or(issuer::AUDIENCE);
        issuers.push(Issuer::new(name, Keys::hs256(secret.as_bytes())?).audience(audience));
    }
    let verifier = issuers.into_iter().fold(Verifier::builder(), VerifierBuilder::issuer);
    let verifier = match settings.invalid_tokens {
        Some(InvalidTokens { at_once, per_second }) => verifier.failure_budget(at_once, per_second),
        None => verifier.without_failure_budget(),
    };
    Ok(verifier.build()?)
}

fn content_cache(settings: &Settings, clock: &Clock) -> ContentCache {
    let settings = &settings.content_cache;
    ContentCache::new(settings.lives, settings.most_bytes, clock.clone())
}
