//! Which rules came and went: who follows them reads these, and not all.

use crate::{Act, DatabaseError, VfsMounts as _, VfsRuleRow, vfs_rules};

/// So many revisions are kept, at least.
const KEPT: i64 = 1000;

/// A rule that came or went.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "rules are added and removed, not changed")]
pub enum VfsChange {
    /// It was added.
    Added(VfsRuleRow),
    /// It was removed; this is what it was.
    Removed(VfsRuleRow),
}

/// Changes of rules. For the service.
pub trait VfsChanges {
    /// The rules that came and went behind [`revision`](crate::VfsMounts::vfs_revision), in this order; none if more changed
    /// than rules, or so much of them that it is not told one by one, or it is too long ago: then all is to be read anew.
    ///
    /// # Errors
    ///
    /// If the database does not answer; [`Invalid`](DatabaseError::Invalid) for a rule in words that are not known here.
    fn vfs_changes(
        &mut self,
        revision: i64,
    ) -> impl Future<Output = Result<Option<Vec<VfsChange>>, DatabaseError>> + Send;
}

type Columns = (
    String,
    String,
    String,
    String,
    String,
    String,
    String,
    Option<String>,
    Option<i64>,
    i64,
    Option<String>,
);

// === impl VfsChanges ===

impl VfsChanges for Act {
    async fn vfs_changes(
        &mut self,
        revision: i64,
    ) -> Result<Option<Vec<VfsChange>>, DatabaseError> {
        // A lower one is that of a database that was put back.
        let behind = self.vfs_revision().await?.saturating_sub(revision);
        if !(0..=KEPT).contains(&behind) {
            return Ok(None);
        }
        let sql = "SELECT count(DISTINCT revision), count(*) FILTER (WHERE change = 'more')
            FROM vfs_changes WHERE revision > $1";
        let (told, more): (i64, i64) =
            sqlx::query_as(sql).bind(revision).fetch_one(self.connection()).await?;
        if told != behind || more != 0 {
            return Ok(None);
        }
        let sql = "SELECT change, id, mount, kind, principal, actions, scope, scope_text, expires_at, created_at, created_by
            FROM vfs_changes WHERE revision > $1 ORDER BY revision, id";
        let rows: Vec<Columns> =
            sqlx::query_as(sql).bind(revision).fetch_all(self.connection()).await?;
        let changes: Result<_, _> = rows.into_iter().map(VfsChange::read).collect();
        changes.map(Some)
    }
}

// === impl VfsChange ===

impl VfsChange {
    fn read(row: Columns) -> Result<Self, DatabaseError> {
        let (change, id, mount, kind, principal, actions, scope, text, ends, at, by) = row;
        let rule: vfs_rules::Columns =
            (id, mount, kind, principal, actions, scope, text, ends, at, by);
        let rule = VfsRuleRow::try_from(rule)?;
        match change.as_str() {
            "added" => Ok(Self::Added(rule)),
            "removed" => Ok(Self::Removed(rule)),
            _ => Err(DatabaseError::Invalid),
        }
    }
}
