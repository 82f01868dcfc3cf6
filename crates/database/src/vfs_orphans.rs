//! Objects that are no file: written and not yet one, or one no more.

use crate::{Act, DatabaseError};

/// Objects that are no file. Whoever writes one notes its id first, and [`put_file`](crate::VfsFiles::put_file) takes the note away; the
/// ids of what is replaced or removed are noted in the same transaction. So whatever lies in the storage and should not is in this list,
/// whenever the server ended. For the service.
pub trait VfsOrphans {
    /// Notes the id of an object that is going to be written: 32 digits, hexadecimal, in lower case.
    ///
    /// # Errors
    ///
    /// [`Denied`](DatabaseError::Denied) for whoever is not the service; [`Conflict`](DatabaseError::Conflict) if it is noted already,
    /// or a file; [`Invalid`](DatabaseError::Invalid) if it is no such id.
    fn note_orphan(
        &mut self,
        object: &str,
    ) -> impl Future<Output = Result<(), DatabaseError>> + Send;

    /// Takes up to `most` that were noted before this time, in milliseconds since 1970, the oldest first: once this is committed they
    /// become no file any more, and their objects can be deleted, and then [forgotten](Self::forget_orphan). What somebody else took
    /// is taken again only if that was before this time too: he did not come to the end of it.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn take_orphans(
        &mut self,
        before: i64,
        most: u32,
    ) -> impl Future<Output = Result<Vec<String>, DatabaseError>> + Send;

    /// Forgets one whose object is deleted. Whether it was noted.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn forget_orphan(
        &mut self,
        object: &str,
    ) -> impl Future<Output = Result<bool, DatabaseError>> + Send;
}

// === impl VfsOrphans ===

impl VfsOrphans for Act {
    async fn note_orphan(&mut self, object: &str) -> Result<(), DatabaseError> {
        let file = sqlx::query("SELECT object FROM vfs_files WHERE object = $1");
        let file = file.bind(object.to_owned()).fetch_optional(self.connection()).await?;
        if file.is_some() {
            return Err(DatabaseError::Conflict);
        }
        let now = self.now();
        sqlx::query("INSERT INTO vfs_orphans (object, since) VALUES ($1, $2)")
            .bind(object.to_owned())
            .bind(now)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    async fn take_orphans(&mut self, before: i64, most: u32) -> Result<Vec<String>, DatabaseError> {
        // That it is no file is looked for once more: what is taken is deleted.
        let sql = "SELECT o.object FROM vfs_orphans o
            WHERE o.since < $1 AND (o.taken_at IS NULL OR o.taken_at < $1)
            AND NOT EXISTS (SELECT 1 FROM vfs_files f WHERE f.object = o.object)
            ORDER BY o.since, o.object LIMIT $2";
        let found: Vec<String> = sqlx::query_scalar(sql)
            .bind(before)
            .bind(i64::from(most))
            .fetch_all(self.connection())
            .await?;
        let mut taken = Vec::with_capacity(found.len());
        // One by one, so that two who take at once wait for each other in one order.
        for object in found {
            if self.take_orphan(&object, before).await? {
                taken.push(object);
            }
        }
        Ok(taken)
    }

    async fn forget_orphan(&mut self, object: &str) -> Result<bool, DatabaseError> {
        let forgotten = sqlx::query("DELETE FROM vfs_orphans WHERE object = $1 RETURNING object")
            .bind(object.to_owned())
            .fetch_optional(self.connection())
            .await?;
        Ok(forgotten.is_some())
    }
}

impl Act {
    async fn take_orphan(&mut self, object: &str, before: i64) -> Result<bool, DatabaseError> {
        let now = self.now();
        let sql = "UPDATE vfs_orphans SET taken_at = $2
            WHERE object = $1 AND (taken_at IS NULL OR taken_at < $3) RETURNING object";
        let taken = sqlx::query(sql)
            .bind(object.to_owned())
            .bind(now)
            .bind(before)
            .fetch_optional(self.connection())
            .await?;
        Ok(taken.is_some())
    }

    /// Takes the note away, for an object that becomes a file.
    pub(crate) async fn adopt_orphan(&mut self, object: &str) -> Result<(), DatabaseError> {
        let sql = "DELETE FROM vfs_orphans WHERE object = $1 AND taken_at IS NULL RETURNING object";
        let adopted =
            sqlx::query(sql).bind(object.to_owned()).fetch_optional(self.connection()).await?;
        adopted.map(drop).ok_or(DatabaseError::NotFound)
    }
}
