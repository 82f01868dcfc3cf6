//! Mounts and rules in memory: taken over at the start, and whenever somebody changed them.

use std::{collections::BTreeMap, sync::Arc};

use palisade::{
    core::SECURITY_TARGET,
    vfs_acl::{Acl, AclHandle},
};
use palisade_database::{
    Act, Caller, Database, DatabaseError, VfsMountRow, VfsMounts as _, VfsRuleRow, VfsRules as _,
};
use tokio::sync::Mutex;

use super::snapshot::Snapshot;

/// So many are read at once.
const PAGE: u32 = 1000;

/// Who may do what with which path. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct VfsTable {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    acl: AclHandle,
    database: Database,
    /// The revision that is in force. Held by whoever takes over, so that what is older never takes the place of what is newer.
    seen: Mutex<Option<i64>>,
}

// === impl VfsTable ===

impl VfsTable {
    /// That of `database`; nobody may do anything before it is taken over.
    pub(crate) fn new(database: &Database) -> Self {
        let acl = AclHandle::new(Acl::default());
        let inner = Inner { acl, database: database.clone(), seen: Mutex::default() };
        Self { inner: Arc::new(inner) }
    }

    /// What decides.
    pub(crate) fn acl(&self) -> &AclHandle {
        &self.inner.acl
    }

    /// Takes over what was changed since it was last looked, by whichever instance: when this returns, all that was committed before counts.
    ///
    /// # Errors
    ///
    /// If the database does not answer. All stays as it is.
    pub(crate) async fn refresh(&self) -> Result<(), DatabaseError> {
        let mut seen = self.inner.seen.lock().await;
        let mut act = self.inner.database.read_as(Caller::service()).await?;
        let revision = act.vfs_revision().await?;
        if *seen == Some(revision) {
            return Ok(());
        }
        let snapshot = match read(&mut act).await {
            Ok((mounts, rules)) => compiled(mounts, rules).await,
            // Words of a later version: nobody knows in which row.
            Err(DatabaseError::Invalid) => Snapshot {
                acl: Acl::default(),
                closed: BTreeMap::from([("*".to_owned(), "a mount or a rule".to_owned())]),
            },
            Err(error) => return Err(error),
        };
        drop(act);
        for (mount, what) in &snapshot.closed {
            tracing::error!(target: SECURITY_TARGET, event = "vfs.unreadable", mount, what, "something of a mount cannot be read: nobody may do anything in it");
        }
        self.inner.acl.replace(snapshot.acl);
        *seen = Some(revision);
        Ok(())
    }
}

/// All mounts and rules, of one moment.
async fn read(act: &mut Act) -> Result<(Vec<VfsMountRow>, Vec<VfsRuleRow>), DatabaseError> {
    let (mut mounts, mut rules) = (Vec::<VfsMountRow>::new(), Vec::<VfsRuleRow>::new());
    loop {
        let after = mounts.last().map(|mount| mount.name.clone());
        let page = act.mounts(after.as_deref(), PAGE).await?;
        if page.is_empty() {
            break;
        }
        mounts.extend(page);
    }
    loop {
        let after = rules.last().map(|rule| rule.id.clone());
        let page = act.rules(after.as_deref(), PAGE).await?;
        if page.is_empty() {
            break;
        }
        rules.extend(page);
    }
    Ok((mounts, rules))
}

/// Compiled where it keeps nobody waiting.
async fn compiled(mounts: Vec<VfsMountRow>, rules: Vec<VfsRuleRow>) -> Snapshot {
    let compile = move || Snapshot::compile(&mounts, rules);
    // What panics leaves nothing to decide by.
    tokio::task::spawn_blocking(compile).await.unwrap_or_default()
}
