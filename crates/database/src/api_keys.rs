//! API keys: what is stored of each, and when it was last used.

use crate::{Act, DatabaseError};

/// An API key as it is stored.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ApiKeyRow {
    /// Its public name.
    pub id: String,
    /// What is stored of it: digests, and no secret.
    pub body: String,
    /// How often it was changed; 1 when it is made.
    pub revision: i64,
    /// When it was last used, in milliseconds since 1970.
    pub last_used: Option<i64>,
}

/// API keys. For admins and the service; nobody else sees one. None is removed: one that ends stays, disabled.
pub trait ApiKeys {
    /// The first `most` by id, behind `after`.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn api_keys(
        &mut self,
        after: Option<&str>,
        most: u32,
    ) -> impl Future<Output = Result<Vec<ApiKeyRow>, DatabaseError>> + Send;

    /// Keeps a key, or a change of one. When it was last used is not looked at.
    ///
    /// # Errors
    ///
    /// [`Denied`](DatabaseError::Denied) for whoever is no admin; [`Conflict`](DatabaseError::Conflict) if its revision is not one
    /// more than the last one's: it was changed meanwhile, and what is kept stays.
    fn put_api_key(
        &mut self,
        key: &ApiKeyRow,
    ) -> impl Future<Output = Result<(), DatabaseError>> + Send;

    /// Notes that a key was used at `at` (milliseconds since 1970), unless a later use is known. It counts as no change.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn note_api_key_use(
        &mut self,
        id: &str,
        at: i64,
    ) -> impl Future<Output = Result<(), DatabaseError>> + Send;

    /// A number that grows with every change of a key, by whichever process. For the service.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn api_keys_revision(&mut self) -> impl Future<Output = Result<i64, DatabaseError>> + Send;
}

// === impl ApiKeys ===

impl ApiKeys for Act {
    async fn api_keys(
        &mut self,
        after: Option<&str>,
        most: u32,
    ) -> Result<Vec<ApiKeyRow>, DatabaseError> {
        let sql =
            "SELECT id, body, revision, last_used FROM api_keys WHERE id > $1 ORDER BY id LIMIT $2";
        let rows: Vec<(String, String, i64, Option<i64>)> = sqlx::query_as(sql)
            .bind(after.unwrap_or_default().to_owned())
            .bind(i64::from(most))
            .fetch_all(self.connection())
            .await?;
        let row = |(id, body, revision, last_used)| ApiKeyRow { id, body, revision, last_used };
        Ok(rows.into_iter().map(row).collect())
    }

    async fn put_api_key(&mut self, key: &ApiKeyRow) -> Result<(), DatabaseError> {
        if !(self.caller().is_admin() || self.caller().is_service()) {
            return Err(DatabaseError::Denied);
        }
        let now = self.now();
        let sql = if key.revision == 1 {
            "INSERT INTO api_keys (id, body, revision, changed_at) VALUES ($1, $2, $3, $4) RETURNING revision"
        } else {
            "UPDATE api_keys SET body = $2, revision = $3, changed_at = $4
             WHERE id = $1 AND revision = $3 - 1 RETURNING revision"
        };
        let kept = sqlx::query(sql)
            .bind(key.id.clone())
            .bind(key.body.clone())
            .bind(key.revision)
            .bind(now)
            .fetch_optional(self.connection())
            .await?;
        kept.map(drop).ok_or(DatabaseError::Conflict)
    }

    async fn note_api_key_use(&mut self, id: &str, at: i64) -> Result<(), DatabaseError> {
        let sql =
            "UPDATE api_keys SET last_used = $2 WHERE id = $1 AND coalesce(last_used, 0) < $2";
        sqlx::query(sql).bind(id.to_owned()).bind(at).execute(self.connection()).await?;
        Ok(())
    }

    async fn api_keys_revision(&mut self) -> Result<i64, DatabaseError> {
        let revision = sqlx::query_scalar("SELECT revision FROM revisions WHERE name = 'api_keys'");
        Ok(revision.fetch_one(self.connection()).await?)
    }
}
