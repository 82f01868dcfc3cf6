//! Files of the virtual file system: which object is the file at a path.

use crate::{Act, DatabaseError, Engine, VfsCase, VfsOrphans};

/// A file: its path and its object.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct VfsFileRow {
    /// What it is found and ordered by within its mount.
    pub key: String,
    /// Its path, as it was written.
    pub path: String,
    /// The id of the object that is its content. Another content has another.
    pub object: String,
    /// How long the content is, in bytes.
    pub length: u64,
    /// Its media type.
    pub content_type: String,
    /// When it was written, in milliseconds since 1970.
    pub modified_at: i64,
    /// Who wrote it; none if the server did.
    pub written_by: Option<String>,
    /// How often it was written, since it was last made.
    pub revision: i64,
}

/// A file, to be put.
#[derive(Clone, Copy, Debug)]
pub struct NewVfsFile<'a> {
    /// The mount it is in, by name.
    pub mount: &'a str,
    /// What it is found and ordered by: its path, made a key as `case` says. Mount and key have up to 2600 bytes.
    pub key: &'a str,
    /// How the key was made, which must be as the mount wants it.
    pub case: VfsCase,
    /// Its path, as it is written; up to 1024 bytes.
    pub path: &'a str,
    /// The id of its object, which was [noted](VfsOrphans::note_orphan) before it was written.
    pub object: &'a str,
    /// How long it is, in bytes.
    pub length: u64,
    /// Its media type, up to 255 bytes.
    pub content_type: &'a str,
    /// Who writes it, up to 2048 bytes.
    pub written_by: Option<&'a str>,
}

/// What must be at a path for it to be changed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum VfsExpected<'a> {
    /// Whatever.
    Any,
    /// Nothing.
    Absent,
    /// A file.
    Present,
    /// A file whose content is this object.
    Object(&'a str),
}

/// Which object is the file at a path. For the service, once the rules of the mount were asked: for all others there are none.
pub trait VfsFiles {
    /// The one with this key.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn file(
        &mut self,
        mount: &str,
        key: &str,
    ) -> impl Future<Output = Result<Option<VfsFileRow>, DatabaseError>> + Send;

    /// The first `most` whose keys begin with `prefix`, by key, byte by byte, behind `after`. What `after` names need not be there: all
    /// of `a/b` is left out by going on behind `a/b/` and [`char::MAX`].
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn files(
        &mut self,
        mount: &str,
        after: Option<&str>,
        prefix: &str,
        most: u32,
    ) -> impl Future<Output = Result<Vec<VfsFileRow>, DatabaseError>> + Send;

    /// How many keys begin with `prefix`.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn files_under(
        &mut self,
        mount: &str,
        prefix: &str,
    ) -> impl Future<Output = Result<u64, DatabaseError>> + Send;

    /// Makes an object the file with this key. Which object was it before, if there was one: that is an orphan now.
    ///
    /// # Errors
    ///
    /// [`Conflict`](DatabaseError::Conflict) if there is not what is expected; [`NotFound`](DatabaseError::NotFound) if there is no such
    /// mount, or it makes keys in another way, and if the object was not noted or was taken to be deleted: it took too long to write;
    /// [`Denied`](DatabaseError::Denied) for whoever is not the service; [`Invalid`](DatabaseError::Invalid) for what is too long.
    fn put_file(
        &mut self,
        file: NewVfsFile<'_>,
        expected: VfsExpected<'_>,
    ) -> impl Future<Output = Result<Option<String>, DatabaseError>> + Send;

    /// Removes the file with this key. Which object it was, if there was one: that is an orphan now.
    ///
    /// # Errors
    ///
    /// [`Conflict`](DatabaseError::Conflict) if there is not what is expected.
    fn remove_file(
        &mut self,
        mount: &str,
        key: &str,
        expected: VfsExpected<'_>,
    ) -> impl Future<Output = Result<Option<String>, DatabaseError>> + Send;
}

/// How often a file is looked for again that somebody else made, or removed, at that moment.
const ATTEMPTS: u32 = 8;

type Columns = (String, String, String, i64, String, i64, Option<String>, i64);

// === impl VfsFiles ===

impl VfsFiles for Act {
    async fn file(&mut self, mount: &str, key: &str) -> Result<Option<VfsFileRow>, DatabaseError> {
        let sql =
            "SELECT key, path, object, length, content_type, modified_at, written_by, revision
            FROM vfs_files WHERE mount = $1 AND key = $2";
        let row: Option<Columns> = sqlx::query_as(sql)
            .bind(mount.to_owned())
            .bind(key.to_owned())
            .fetch_optional(self.connection())
            .await?;
        row.map(VfsFileRow::try_from).transpose()
    }

    async fn files(
        &mut self,
        mount: &str,
        after: Option<&str>,
        prefix: &str,
        most: u32,
    ) -> Result<Vec<VfsFileRow>, DatabaseError> {
        let after = after.unwrap_or_default();
        let rows = if let Some(end) = behind(prefix) {
            let sql = "SELECT key, path, object, length, content_type, modified_at, written_by, revision
                    FROM vfs_files WHERE mount = $1 AND key >= $2 AND key <> $3 AND key < $5 ORDER BY key LIMIT $4";
            sqlx::query_as(sql)
                .bind(mount.to_owned())
                .bind(after.max(prefix).to_owned())
                .bind(after.to_owned())
                .bind(i64::from(most))
                .bind(end)
        } else {
            let sql = "SELECT key, path, object, length, content_type, modified_at, written_by, revision
                    FROM vfs_files WHERE mount = $1 AND key >= $2 AND key <> $3 ORDER BY key LIMIT $4";
            sqlx::query_as(sql)
                .bind(mount.to_owned())
                .bind(after.max(prefix).to_owned())
                .bind(after.to_owned())
                .bind(i64::from(most))
        };
        let rows: Vec<Columns> = rows.fetch_all(self.connection()).await?;
        rows.into_iter().map(VfsFileRow::try_from).collect()
    }

    async fn files_under(&mut self, mount: &str, prefix: &str) -> Result<u64, DatabaseError> {
        let count = match behind(prefix) {
            Some(end) => sqlx::query_scalar(
                "SELECT count(*) FROM vfs_files WHERE mount = $1 AND key >= $2 AND key < $3",
            )
            .bind(mount.to_owned())
            .bind(prefix.to_owned())
            .bind(end),
            None => {
                sqlx::query_scalar("SELECT count(*) FROM vfs_files WHERE mount = $1 AND key >= $2")
                    .bind(mount.to_owned())
                    .bind(prefix.to_owned())
            }
        };
        let count: i64 = count.fetch_one(self.connection()).await?;
        u64::try_from(count).map_err(|_| DatabaseError::Invalid)
    }

    async fn put_file(
        &mut self,
        file: NewVfsFile<'_>,
        expected: VfsExpected<'_>,
    ) -> Result<Option<String>, DatabaseError> {
        if !self.caller().is_service() {
            return Err(DatabaseError::Denied);
        }
        for attempt in 0..ATTEMPTS {
            let current = self.held_object(file.mount, file.key).await?;
            if !expected.fits(current.as_deref()) {
                return Err(DatabaseError::Conflict);
            }
            if attempt == 0 {
                self.adopt_orphan(file.object).await?;
            }
            match current {
                Some(old) => {
                    self.replace_file(&file).await?;
                    self.note_orphan(&old).await?;
                    return Ok(Some(old));
                }
                None if self.insert_file(&file).await? => return Ok(None),
                // Somebody else made it meanwhile.
                None => {}
            }
        }
        Err(DatabaseError::Conflict)
    }

    async fn remove_file(
        &mut self,
        mount: &str,
        key: &str,
        expected: VfsExpected<'_>,
    ) -> Result<Option<String>, DatabaseError> {
        let current = self.held_object(mount, key).await?;
        if !expected.fits(current.as_deref()) {
            return Err(DatabaseError::Conflict);
        }
        let Some(old) = current else { return Ok(None) };
        sqlx::query("DELETE FROM vfs_files WHERE mount = $1 AND key = $2")
            .bind(mount.to_owned())
            .bind(key.to_owned())
            .execute(self.connection())
            .await?;
        self.note_orphan(&old).await?;
        Ok(Some(old))
    }
}

impl Act {
    /// The object of a file that nobody else changes until the end of this transaction.
    async fn held_object(
        &mut self,
        mount: &str,
        key: &str,
    ) -> Result<Option<String>, DatabaseError> {
        let sql = match self.engine() {
            // There is one writer at a time.
            Engine::Sqlite => "SELECT object FROM vfs_files WHERE mount = $1 AND key = $2",
            Engine::Postgres => {
                "SELECT object FROM vfs_files WHERE mount = $1 AND key = $2 FOR UPDATE"
            }
        };
        Ok(sqlx::query_scalar(sql)
            .bind(mount.to_owned())
            .bind(key.to_owned())
            .fetch_optional(self.connection())
            .await?)
    }

    /// Whether it was not there yet.
    async fn insert_file(&mut self, file: &NewVfsFile<'_>) -> Result<bool, DatabaseError> {
        let sql = match self.engine() {
            Engine::Sqlite => {
                "INSERT INTO vfs_files (mount, key, case_policy, path, object, length, content_type, modified_at, written_by, revision)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1) RETURNING key"
            }
            Engine::Postgres => {
                "INSERT INTO vfs_files (mount, key, case_policy, path, object, length, content_type, modified_at, written_by, revision)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1) ON CONFLICT (mount, key) DO NOTHING RETURNING key"
            }
        };
        self.write_file(sql, file).await
    }

    async fn replace_file(&mut self, file: &NewVfsFile<'_>) -> Result<(), DatabaseError> {
        let sql = "UPDATE vfs_files
            SET case_policy = $3, path = $4, object = $5, length = $6, content_type = $7, modified_at = $8, written_by = $9,
                revision = revision + 1
            WHERE mount = $1 AND key = $2 RETURNING key";
        // It is held, so it is there.
        if self.write_file(sql, file).await? { Ok(()) } else { Err(DatabaseError::Conflict) }
    }

    /// Whether a statement with the columns of a file wrote one.
    async fn write_file(
        &mut self,
        sql: &'static str,
        file: &NewVfsFile<'_>,
    ) -> Result<bool, DatabaseError> {
        let length = i64::try_from(file.length).map_err(|_| DatabaseError::Invalid)?;
        let now = self.now();
        let written = sqlx::query(sql)
            .bind(file.mount.to_owned())
            .bind(file.key.to_owned())
            .bind(file.case.word())
            .bind(file.path.to_owned())
            .bind(file.object.to_owned())
            .bind(length)
            .bind(file.content_type.to_owned())
            .bind(now)
            .bind(file.written_by.map(str::to_owned))
            .fetch_optional(self.connection())
            .await?;
        Ok(written.is_some())
    }
}

/// The first text behind all that begin with `prefix`, byte by byte; none where all that follow it do.
fn behind(prefix: &str) -> Option<String> {
    let mut rest = prefix.chars();
    while let Some(last) = rest.next_back() {
        // In UTF-8, characters are ordered as their numbers are.
        if let Some(next) = (last..=char::MAX).nth(1) {
            return Some(format!("{}{next}", rest.as_str()));
        }
    }
    None
}

// === impl VfsExpected ===

impl VfsExpected<'_> {
    fn fits(self, current: Option<&str>) -> bool {
        match self {
            Self::Any => true,
            Self::Absent => current.is_none(),
            Self::Present => current.is_some(),
            Self::Object(object) => current == Some(object),
        }
    }
}

// === impl VfsFileRow ===

impl TryFrom<Columns> for VfsFileRow {
    type Error = DatabaseError;

    fn try_from(
        (key, path, object, length, content_type, modified_at, written_by, revision): Columns,
    ) -> Result<Self, DatabaseError> {
        let length = u64::try_from(length).map_err(|_| DatabaseError::Invalid)?;
        Ok(Self { key, path, object, length, content_type, modified_at, written_by, revision })
    }
}
