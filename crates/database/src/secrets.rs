//! Secrets of users, sealed before they come here: what is in this table is of no use without the keys.

use crate::{Act, DatabaseError};

/// What is shown of a secret.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct SecretRow {
    /// Its name: `openai`.
    pub name: String,
    /// Its last characters, where it is long enough to lose them.
    pub last_characters: Option<String>,
    /// Grows with each change. It is part of what is sealed, so that no earlier one can be put back.
    pub revision: i64,
    /// Which key seals it.
    pub key_version: i64,
    /// When it was changed, in milliseconds since 1970.
    pub updated_at: i64,
}

/// A sealed secret, to be written.
#[derive(Clone, Copy, Debug)]
pub struct SealedSecret<'a> {
    /// Its name.
    pub name: &'a str,
    /// The sealed bytes.
    pub sealed: &'a [u8],
    /// What of it may be shown.
    pub last_characters: Option<&'a str>,
    /// One more than that of the secret it replaces, and 1 for a new one.
    pub revision: i64,
    /// Which key seals it.
    pub key_version: u32,
}

/// Another's secret, sealed, for the service that wraps it again.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StaleSecret {
    /// Whose.
    pub user_id: String,
    /// Its name.
    pub name: String,
    /// The sealed bytes.
    pub sealed: Vec<u8>,
    /// Its revision.
    pub revision: i64,
}

/// Secrets of users. Everybody has his own, and sees no other's, whoever he is.
pub trait UserSecrets {
    /// The caller's, by name.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn secrets(&mut self) -> impl Future<Output = Result<Vec<SecretRow>, DatabaseError>> + Send;

    /// One of the caller's, with its sealed bytes.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn secret(
        &mut self,
        name: &str,
    ) -> impl Future<Output = Result<Option<(SecretRow, Vec<u8>)>, DatabaseError>> + Send;

    /// Keeps one of the caller's.
    ///
    /// # Errors
    ///
    /// [`Conflict`](DatabaseError::Conflict) if its revision is not one more than the last one's;
    /// [`Denied`](DatabaseError::Denied) if the caller is no user.
    fn put_secret(
        &mut self,
        secret: SealedSecret<'_>,
    ) -> impl Future<Output = Result<(), DatabaseError>> + Send;

    /// Removes one of the caller's. Whether there was one.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn remove_secret(
        &mut self,
        name: &str,
    ) -> impl Future<Output = Result<bool, DatabaseError>> + Send;

    /// Up to `most` that are sealed by a key before `version`. For the service.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn stale_secrets(
        &mut self,
        version: u32,
        most: u32,
    ) -> impl Future<Output = Result<Vec<StaleSecret>, DatabaseError>> + Send;

    /// Puts one back, wrapped by another key, unless it was changed meanwhile. Whether it was put back.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn put_back(
        &mut self,
        secret: &StaleSecret,
        sealed: &[u8],
        version: u32,
    ) -> impl Future<Output = Result<bool, DatabaseError>> + Send;
}

type Columns = (String, Option<String>, i64, i64, i64);
type ColumnsAndBytes = (String, Option<String>, i64, i64, i64, Vec<u8>);

// === impl UserSecrets ===

impl UserSecrets for Act {
    async fn secrets(&mut self) -> Result<Vec<SecretRow>, DatabaseError> {
        let own = self.own_id();
        let sql = "SELECT name, last_characters, revision, key_version, updated_at
            FROM user_secrets WHERE user_id = $1 ORDER BY name";
        let rows: Vec<Columns> = sqlx::query_as(sql).bind(own).fetch_all(self.connection()).await?;
        Ok(rows.into_iter().map(SecretRow::from).collect())
    }

    async fn secret(&mut self, name: &str) -> Result<Option<(SecretRow, Vec<u8>)>, DatabaseError> {
        let own = self.own_id();
        let sql = "SELECT name, last_characters, revision, key_version, updated_at, sealed
            FROM user_secrets WHERE user_id = $1 AND name = $2";
        let row: Option<ColumnsAndBytes> = sqlx::query_as(sql)
            .bind(own)
            .bind(name.to_owned())
            .fetch_optional(self.connection())
            .await?;
        Ok(row.map(|(name, last, revision, version, at, sealed)| {
            (SecretRow::from((name, last, revision, version, at)), sealed)
        }))
    }

    async fn put_secret(&mut self, secret: SealedSecret<'_>) -> Result<(), DatabaseError> {
        let (own, now) = (self.own_id().ok_or(DatabaseError::Denied)?, self.now());
        let sql = if secret.revision == 1 {
            "INSERT INTO user_secrets (user_id, name, revision, sealed, last_characters, key_version, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING revision"
        } else {
            "UPDATE user_secrets SET revision = $3, sealed = $4, last_characters = $5, key_version = $6, updated_at = $7
             WHERE user_id = $1 AND name = $2 AND revision = $3 - 1 RETURNING revision"
        };
        let kept = sqlx::query(sql)
            .bind(own)
            .bind(secret.name.to_owned())
            .bind(secret.revision)
            .bind(secret.sealed.to_vec())
            .bind(secret.last_characters.map(str::to_owned))
            .bind(i64::from(secret.key_version))
            .bind(now)
            .fetch_optional(self.connection())
            .await?;
        kept.map(drop).ok_or(DatabaseError::Conflict)
    }

    async fn remove_secret(&mut self, name: &str) -> Result<bool, DatabaseError> {
        let own = self.own_id();
        let removed =
            sqlx::query("DELETE FROM user_secrets WHERE user_id = $1 AND name = $2 RETURNING name")
                .bind(own)
                .bind(name.to_owned())
                .fetch_optional(self.connection())
                .await?;
        Ok(removed.is_some())
    }

    async fn stale_secrets(
        &mut self,
        version: u32,
        most: u32,
    ) -> Result<Vec<StaleSecret>, DatabaseError> {
        let sql = "SELECT user_id, name, sealed, revision FROM user_secrets
            WHERE key_version < $1 ORDER BY user_id, name LIMIT $2";
        let rows: Vec<(String, String, Vec<u8>, i64)> = sqlx::query_as(sql)
            .bind(i64::from(version))
            .bind(i64::from(most))
            .fetch_all(self.connection())
            .await?;
        let stale =
            |(user_id, name, sealed, revision)| StaleSecret { user_id, name, sealed, revision };
        Ok(rows.into_iter().map(stale).collect())
    }

    async fn put_back(
        &mut self,
        secret: &StaleSecret,
        sealed: &[u8],
        version: u32,
    ) -> Result<bool, DatabaseError> {
        let sql = "UPDATE user_secrets SET sealed = $4, key_version = $5
            WHERE user_id = $1 AND name = $2 AND revision = $3 AND key_version < $5 RETURNING revision";
        let put = sqlx::query(sql)
            .bind(secret.user_id.clone())
            .bind(secret.name.clone())
            .bind(secret.revision)
            .bind(sealed.to_vec())
            .bind(i64::from(version))
            .fetch_optional(self.connection())
            .await?;
        Ok(put.is_some())
    }
}

// === impl SecretRow ===

impl From<Columns> for SecretRow {
    fn from((name, last_characters, revision, key_version, updated_at): Columns) -> Self {
        Self { name, last_characters, revision, key_version, updated_at }
    }
}

impl Act {
    fn own_id(&self) -> Option<String> {
        self.caller().user_id().map(str::to_owned)
    }
}
