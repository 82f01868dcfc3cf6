//! What works beside the requests, for as long as the server is there.

use std::sync::Arc;

use palisade::blocklist::BlocklistWatch;
use palisade_redis::Following;

use crate::{
    app::{Shared, StartError},
    checkpoints::{CheckpointTimer, Checkpoints},
    database_health::DatabaseWatch,
    elevations_watch::{self, ElevationsWatch},
    following::{Followed, Follower},
    orders::{self, OutboxTask},
    secrets,
    settings::Settings,
    vfs::{self, Sweeper},
};

/// What works in the background until it is dropped.
#[derive(Debug)]
#[must_use = "what works in the background ends when this is dropped"]
pub(crate) struct Background {
    _blocklist: BlocklistWatch,
    /// Where bans are shared.
    _bans: Option<Following>,
    _database: DatabaseWatch,
    _follower: Follower,
    _orders: OutboxTask,
    _elevations: ElevationsWatch,
    /// Where files are kept.
    _sweeper: Option<Sweeper>,
    /// Where there is something to sign with.
    _checkpoints: Option<CheckpointTimer>,
}

// === impl Background ===

impl Background {
    /// Takes over what the database and the files say, finishes what another process left undone, and goes on with it from here.
    ///
    /// # Errors
    ///
    /// A database that does not answer, and a file that cannot be watched.
    pub(crate) async fn start(
        settings: &Settings,
        shared: &Arc<Shared>,
    ) -> Result<Self, StartError> {
        let Shared { database, directory, api_keys, revocations, clock, .. } = &**shared;
        let health = shared.database_health.watch(database);
        let followed =
            Followed::begin(database, directory, api_keys, revocations, &shared.vfs).await?;
        let elevations = elevations_watch::follow(database, directory, clock).await?;
        orders::resume(shared).await?;
        if let Some(vault) = &shared.vault {
            tokio::spawn(secrets::rewrap(database.clone(), vault.clone()));
            if let Some(objects) = shared.files.clone() {
                tokio::spawn(vfs::look_for_files(database.clone(), objects.clone()));
                tokio::spawn(vfs::rewrap(database.clone(), objects, vault.clone()));
            }
        }
        let age = settings.files.sweep_after;
        let sweeper = |objects| Sweeper::start(database, objects, clock, age);
        let bans = shared.instances.as_ref().zip(shared.auto_ban.as_ref());
        Ok(Self {
            _blocklist: shared.blocklist.watch()?,
            _bans: bans.map(|(instances, auto_ban)| instances.follow(auto_ban)),
            _database: health,
            _sweeper: shared.files.as_ref().map(sweeper),
            _follower: followed.follow(),
            _orders: orders::start(shared),
            _elevations: elevations,
            _checkpoints: shared.checkpoints.as_ref().map(Checkpoints::start),
        })
    }
}
