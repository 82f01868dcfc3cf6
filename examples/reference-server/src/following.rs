//! Takes over what other instances, and the command line, change in the database: users, API keys, sign-outs, rules of files.

use std::time::Duration;

use palisade::{
    authn_api_key::TakenOver,
    core::{IdentityKind, SECURITY_TARGET},
    users::Revocations,
};
use palisade_database::{
    Caller, Database, DatabaseError, SignOuts as _, StreamTickets as _, Users as _,
};
use tokio::{
    task::JoinSet,
    time::{Interval, MissedTickBehavior, interval},
};

use crate::{
    api_key_table::ApiKeyTable, directory::Directory, sign_outs, users_table, vfs::VfsTable,
};

/// How often it is looked whether somebody changed something.
const LOOK: Duration = Duration::from_millis(500);
/// So many looks apart, it is written down when keys were last used, and sign-outs and tickets that ended are forgotten.
const LOOKS_PER_CLEANING: u32 = 600;

/// What is in the database and in memory.
#[derive(Debug)]
pub(crate) struct Followed {
    database: Database,
    directory: Directory,
    api_keys: ApiKeyTable,
    revocations: Revocations,
    vfs: VfsTable,
    seen: Seen,
}

/// How far it was taken over.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    users: i64,
    sign_outs: i64,
}

/// Follows until it is dropped.
#[derive(Debug)]
#[must_use = "changes are taken over until this is dropped"]
pub(crate) struct Follower {
    _tasks: JoinSet<()>,
}

// === impl Followed ===

impl Followed {
    /// Takes over all that is kept, before anybody is let in.
    pub(crate) async fn begin(
        database: &Database,
        directory: &Directory,
        api_keys: &ApiKeyTable,
        revocations: &Revocations,
        vfs: &VfsTable,
    ) -> Result<Self, DatabaseError> {
        let (directory, api_keys) = (directory.clone(), api_keys.clone());
        let mut act = database.read_as(Caller::service()).await?;
        let sign_outs = sign_outs::take_over(&mut act, revocations, 0).await?;
        drop(act);
        api_keys.refresh().await?;
        let users = users_table::take_over(database, &directory).await?;
        vfs.refresh().await?;
        let (database, revocations) = (database.clone(), revocations.clone());
        let (vfs, seen) = (vfs.clone(), Seen { users, sign_outs });
        Ok(Self { database, directory, api_keys, revocations, vfs, seen })
    }

    /// Takes over what is changed from now on. Within a runtime.
    pub(crate) fn follow(self) -> Follower {
        let mut tasks = JoinSet::new();
        // Beside the others: of many rules it takes seconds.
        tasks.spawn(keep_refreshing(self.vfs.clone()));
        tasks.spawn(self.keep_looking());
        Follower { _tasks: tasks }
    }

    async fn keep_looking(mut self) {
        let mut looks = looks();
        let mut until_cleaning = LOOKS_PER_CLEANING;
        loop {
            looks.tick().await;
            // Whether the database answers is told elsewhere; what was missed is taken over when it does.
            drop(self.look().await);
            until_cleaning = until_cleaning.saturating_sub(1);
            if until_cleaning == 0 {
                until_cleaning = LOOKS_PER_CLEANING;
                drop(self.clean().await);
            }
        }
    }

    async fn look(&mut self) -> Result<(), DatabaseError> {
        let mut act = self.database.read_as(Caller::service()).await?;
        // First what refuses somebody.
        if act.sign_outs_revision().await? != self.seen.sign_outs {
            let seen = self.seen.sign_outs;
            self.seen.sign_outs = sign_outs::take_over(&mut act, &self.revocations, seen).await?;
        }
        let users = act.users_revision().await?;
        drop(act);
        if self.api_keys.refresh().await? == TakenOver::Changed {
            tracing::info!(target: SECURITY_TARGET, event = "api-keys.changed", "somebody else changed the API keys");
            // Which key opened a stream is not known here: whoever still has a good one comes back.
            self.revocations.end_streams(|who| who.kind() == IdentityKind::ApiKey);
        }
        if users != self.seen.users {
            self.seen.users = users_table::take_over(&self.database, &self.directory).await?;
        }
        Ok(())
    }

    async fn clean(&self) -> Result<(), DatabaseError> {
        self.api_keys.note_uses().await?;
        let mut act = self.database.act_as(Caller::service()).await?;
        act.forget_sign_outs().await?;
        act.forget_tickets().await?;
        act.commit().await
    }
}

async fn keep_refreshing(vfs: VfsTable) {
    let mut looks = looks();
    loop {
        looks.tick().await;
        if let Err(error) = vfs.refresh().await {
            tracing::debug!(%error, "the rules of files are not known anew");
        }
    }
}

fn looks() -> Interval {
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    looks
}
