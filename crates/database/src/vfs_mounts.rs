//! Mounts of the virtual file system: where they are, whose, and what holds in them without a rule.

use crate::{Act, DatabaseError};

/// A mount.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct VfsMountRow {
    /// Its name: the path it stands at.
    pub name: String,
    /// Who may do everything in it, as whoever wrote it writes a principal.
    pub owner: Option<String>,
    /// What holds where no rule does.
    pub default_access: VfsDefaultAccess,
    /// Whether two spellings of a path are one.
    pub case: VfsCase,
    /// When it was made, in milliseconds since 1970.
    pub created_at: i64,
    /// Who made it; none if the server did.
    pub created_by: Option<String>,
}

/// What a mount is to be.
#[derive(Clone, Copy, Debug)]
pub struct NewVfsMount<'a> {
    /// Its name: the path it stands at, up to 1024 bytes.
    pub name: &'a str,
    /// Who may do everything in it, up to 2048 bytes.
    pub owner: Option<&'a str>,
    /// What holds where no rule does.
    pub default_access: VfsDefaultAccess,
    /// Whether two spellings of a path are one.
    pub case: VfsCase,
}

/// What holds in a mount where no rule does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum VfsDefaultAccess {
    /// Nobody may do anything.
    Nothing,
    /// Anyone may read and list.
    Read,
}

/// How keys of a mount's files are made of their paths.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a store tells cases apart or does not")]
pub enum VfsCase {
    /// A key is the path.
    Sensitive,
    /// A key is the path in one case.
    Folded,
}

/// What becomes of a mount's files when it is removed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "there is no third")]
pub enum VfsMountRemoval {
    /// It is not removed while there are any.
    IfEmpty,
    /// They are removed with it, and their objects become orphans.
    WithFiles,
}

/// Mounts. Admins and the service see and keep them; for all others there are none.
pub trait VfsMounts {
    /// The one with this name.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn mount(
        &mut self,
        name: &str,
    ) -> impl Future<Output = Result<Option<VfsMountRow>, DatabaseError>> + Send;

    /// The first `most` by name, byte by byte, behind `after`.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn mounts(
        &mut self,
        after: Option<&str>,
        most: u32,
    ) -> impl Future<Output = Result<Vec<VfsMountRow>, DatabaseError>> + Send;

    /// Makes one, or changes the one with this name.
    ///
    /// # Errors
    ///
    /// [`Denied`](DatabaseError::Denied) for whoever is no admin; [`Conflict`](DatabaseError::Conflict) if it has files and their keys
    /// were made in another way, or if somebody else made it at the same time; [`Invalid`](DatabaseError::Invalid) for what is too long.
    fn put_mount(
        &mut self,
        mount: NewVfsMount<'_>,
    ) -> impl Future<Output = Result<(), DatabaseError>> + Send;

    /// Removes one with its rules. Whether there was one.
    ///
    /// # Errors
    ///
    /// [`Conflict`](DatabaseError::Conflict) if it has files, unless they are to go with it.
    fn remove_mount(
        &mut self,
        name: &str,
        removal: VfsMountRemoval,
    ) -> impl Future<Output = Result<bool, DatabaseError>> + Send;

    /// A number that grows with every change of mounts or rules, by whichever process, and with none of files. For the service.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn vfs_revision(&mut self) -> impl Future<Output = Result<i64, DatabaseError>> + Send;
}

type Columns = (String, Option<String>, String, String, i64, Option<String>);

// === impl VfsMounts ===

impl VfsMounts for Act {
    async fn mount(&mut self, name: &str) -> Result<Option<VfsMountRow>, DatabaseError> {
        let sql = "SELECT name, owner, default_access, case_policy, created_at, created_by
            FROM vfs_mounts WHERE name = $1";
        let row: Option<Columns> =
            sqlx::query_as(sql).bind(name.to_owned()).fetch_optional(self.connection()).await?;
        row.map(VfsMountRow::try_from).transpose()
    }

    async fn mounts(
        &mut self,
        after: Option<&str>,
        most: u32,
    ) -> Result<Vec<VfsMountRow>, DatabaseError> {
        let sql = "SELECT name, owner, default_access, case_policy, created_at, created_by
            FROM vfs_mounts WHERE name > $1 ORDER BY name LIMIT $2";
        let rows: Vec<Columns> = sqlx::query_as(sql)
            .bind(after.unwrap_or_default().to_owned())
            .bind(i64::from(most))
            .fetch_all(self.connection())
            .await?;
        rows.into_iter().map(VfsMountRow::try_from).collect()
    }

    async fn put_mount(&mut self, mount: NewVfsMount<'_>) -> Result<(), DatabaseError> {
        let sql = "UPDATE vfs_mounts SET owner = $2, default_access = $3, case_policy = $4
            WHERE name = $1 RETURNING name";
        let changed = sqlx::query(sql)
            .bind(mount.name.to_owned())
            .bind(mount.owner.map(str::to_owned))
            .bind(mount.default_access.word())
            .bind(mount.case.word())
            .fetch_optional(self.connection())
            .await;
        if changed.map_err(has_files)?.is_some() {
            return Ok(());
        }
        let (now, by) = (self.now(), self.caller().user_id().map(str::to_owned));
        let sql = "INSERT INTO vfs_mounts (name, owner, default_access, case_policy, created_at, created_by)
            VALUES ($1, $2, $3, $4, $5, $6)";
        sqlx::query(sql)
            .bind(mount.name.to_owned())
            .bind(mount.owner.map(str::to_owned))
            .bind(mount.default_access.word())
            .bind(mount.case.word())
            .bind(now)
            .bind(by)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    async fn remove_mount(
        &mut self,
        name: &str,
        removal: VfsMountRemoval,
    ) -> Result<bool, DatabaseError> {
        if removal == VfsMountRemoval::WithFiles {
            let now = self.now();
            // A trigger makes orphans of its files: an admin sees none of them.
            sqlx::query("UPDATE vfs_mounts SET emptied_at = $2 WHERE name = $1")
                .bind(name.to_owned())
                .bind(now)
                .execute(self.connection())
                .await?;
        }
        let removed = sqlx::query("DELETE FROM vfs_mounts WHERE name = $1 RETURNING name")
            .bind(name.to_owned())
            .fetch_optional(self.connection())
            .await;
        Ok(removed.map_err(has_files)?.is_some())
    }

    async fn vfs_revision(&mut self) -> Result<i64, DatabaseError> {
        let revision = sqlx::query_scalar("SELECT revision FROM revisions WHERE name = 'vfs'");
        Ok(revision.fetch_one(self.connection()).await?)
    }
}

/// Files refer to their mount, and would refer to nothing.
fn has_files(error: sqlx::Error) -> DatabaseError {
    match DatabaseError::from(error) {
        DatabaseError::NotFound => DatabaseError::Conflict,
        other => other,
    }
}

// === impl VfsMountRow ===

impl TryFrom<Columns> for VfsMountRow {
    type Error = DatabaseError;

    fn try_from(
        (name, owner, default_access, case, created_at, created_by): Columns,
    ) -> Result<Self, DatabaseError> {
        let default_access = VfsDefaultAccess::of(&default_access)?;
        let case = VfsCase::of(&case)?;
        Ok(Self { name, owner, default_access, case, created_at, created_by })
    }
}

// === impl VfsDefaultAccess ===

impl VfsDefaultAccess {
    fn of(word: &str) -> Result<Self, DatabaseError> {
        match word {
            "nothing" => Ok(Self::Nothing),
            "read" => Ok(Self::Read),
            _ => Err(DatabaseError::Invalid),
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Read => "read",
        }
    }
}

// === impl VfsCase ===

impl VfsCase {
    fn of(word: &str) -> Result<Self, DatabaseError> {
        match word {
            "sensitive" => Ok(Self::Sensitive),
            "folded" => Ok(Self::Folded),
            _ => Err(DatabaseError::Invalid),
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Sensitive => "sensitive",
            Self::Folded => "folded",
        }
    }
}
