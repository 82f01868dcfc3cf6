//! Assembles the server: what is shared, the routes, and the stack in front of them.

use std::sync::{Arc, atomic::AtomicU64};

use axum::extract::DefaultBodyLimit;
use palisade::{
    StackLayer,
    analytics::Analytics,
    authn_jwt::Verifier,
    autoban::AutoBan,
    blocklist::BlocklistFile,
    core::{Clock, Gate, GateLayer, SECURITY_TARGET},
    route_registry::{Dispatch, Registry},
    users::Revocations,
};
use palisade_database::Database;
use palisade_sqlite::SqliteStore;
use palisade_vault::Vault;
use palisade_vfs_store::Objects;
use tokio::sync::{Notify, Semaphore};
use tower_layer::Layer;

use crate::{
    admin_changes::AdminChangesPolicy,
    api_key_file,
    api_key_table::ApiKeyTable,
    audit::AuditTrail,
    audit_table::AuditTable,
    background::Background,
    bans,
    checkpoints::Checkpoints,
    content_cache::ContentCache,
    database,
    database_health::DatabaseHealth,
    demo::Demo,
    directory::Directory,
    front,
    instances::Instances,
    live::Live,
    locations::Locations,
    metrics::Sources,
    orders::Outbox,
    records,
    reference::Reference,
    report_desk::ReportDesk,
    routes, secrets,
    server_id::ServerId,
    settings::Settings,
    tickets::Tickets,
    tls::Certificates,
    verifying::verifier,
    vfs::{self, VfsTable},
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
    _background: Background,
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
    pub(crate) api_keys: ApiKeyTable,
    pub(crate) directory: Directory,
    /// Who may do what with which file.
    pub(crate) vfs: VfsTable,
    /// Where their content is, if there are keys.
    pub(crate) files: Option<Objects>,
    /// The largest of them, in bytes.
    pub(crate) max_file_size: u64,
    /// How often one of them was found damaged.
    pub(crate) damaged_files: AtomicU64,
    pub(crate) revocations: Revocations,
    pub(crate) tickets: Tickets,
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
        let tickets = Tickets::open(&database).await?;
        let shared = Arc::new(Shared::new(&settings, audit, database, tickets)?);
        api_key_file::take_in(&settings, &shared.database).await?;
        let background = Background::start(&settings, &shared).await?;
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
            _background: background,
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
        tickets: Tickets,
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
        let vault = secrets::vault(settings)?;
        let files = vault.as_ref().map(|vault| vfs::open_storage(&settings.files, vault));
        Ok(Self {
            checkpoints: Checkpoints::open(settings, &database, &clock)?,
            vault,
            files: files.transpose()?,
            max_file_size: settings.files.max_size,
            damaged_files: AtomicU64::new(0),
            api_keys: ApiKeyTable::new(settings, &database, &clock)?,
            vfs: VfsTable::new(&database),
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
            revocations,
            tickets,
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
                "neither VAULT_KEYS nor VAULT_KEYS_FILE is set: /api/me/secrets and /api/vfs answer 503"
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
    }

    /// Stores what was recorded, and records nothing any more: for the time when no request runs. Blocks for a moment.
    pub fn stop_recording(&self) {
        self.analytics.shutdown();
    }

    /// Writes down when API keys were last used, signs what admins did, and ends all connections to the database: for the time when
    /// nobody asks it any more.
    pub async fn leave_database(&self) {
        if let Err(error) = self.api_keys.note_uses().await {
            tracing::error!(target: SECURITY_TARGET, event = "api-keys.unwritten", %error, "when API keys were last used could not be written");
        }
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

fn content_cache(settings: &Settings, clock: &Clock) -> ContentCache {
    let settings = &settings.content_cache;
    ContentCache::new(settings.lives, settings.most_bytes, clock.clone())
}
