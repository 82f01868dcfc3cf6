//! Mounts and rules in memory: taken over at the start, and whenever somebody changed them.

use std::{collections::BTreeMap, sync::Arc};

use palisade::{
    core::SECURITY_TARGET,
    vfs_acl::{Acl, AclHandle},
};
use palisade_database::{
    Act, Caller, Database, DatabaseError, VfsChanges as _, VfsMountRow, VfsMounts as _, VfsRuleRow,
    VfsRules as _,
};
use tokio::sync::Mutex;

use super::{delta::Delta, snapshot::Snapshot};

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
    /// What is in force. Held by whoever takes over, so that what is older never takes the place of what is newer.
    seen: Mutex<Seen>,
}

/// What is in force.
#[derive(Clone, Copy, Debug, Default)]
enum Seen {
    #[default]
    Nothing,
    /// All of this revision: what came and went since then can be taken over by itself.
    Whole(i64),
    /// What can be read of it.
    InPart(i64),
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
        if seen.revision() == Some(revision) {
            return Ok(());
        }
        if let Seen::Whole(before) = *seen
            && self.follow(&mut act, before).await?
        {
            *seen = Seen::Whole(revision);
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
        let is_whole = snapshot.closed.is_empty();
        tracing::debug!(revision, rules = snapshot.acl.rules(), "the rules of files are read anew");
        self.inner.acl.replace(snapshot.acl);
        *seen = if is_whole { Seen::Whole(revision) } else { Seen::InPart(revision) };
        Ok(())
    }

    /// Takes over the rules alone that came and went behind the revision `before`. Whether that was all that changed: else
    /// all stays as it is, and is to be read anew.
    async fn follow(&self, act: &mut Act, before: i64) -> Result<bool, DatabaseError> {
        let changes = match act.vfs_changes(before).await {
            Ok(Some(changes)) => changes,
            Ok(None) | Err(DatabaseError::Invalid) => return Ok(false),
            Err(error) => return Err(error),
        };
        let acl = self.inner.acl.clone();
        // Where it keeps nobody waiting: there may be many.
        let taken = tokio::task::spawn_blocking(move || {
            let delta = Delta::of(&changes)?;
            tracing::debug!(changes = changes.len(), "rules of files came and went");
            acl.change(|rules| delta.apply(rules)).ok()
        });
        Ok(taken.await.ok().flatten().is_some())
    }
}

// === impl Seen ===

impl Seen {
    fn revision(self) -> Option<i64> {
        match self {
            Self::Nothing => None,
            Self::Whole(revision) | Self::InPart(revision) => Some(revision),
        }
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
