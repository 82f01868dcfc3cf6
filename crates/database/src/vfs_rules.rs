//! Rules of mounts: who is granted what, who is denied it, and whose grants were taken back.

use crate::{Act, DatabaseError};

/// A rule of a mount.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct VfsRuleRow {
    /// Its id, which never changes.
    pub id: String,
    /// The mount it is of, by name.
    pub mount: String,
    /// What it does.
    pub kind: VfsRuleKind,
    /// Whom it is about, as whoever wrote it writes a principal.
    pub principal: String,
    /// What for, as whoever wrote it writes actions.
    pub actions: String,
    /// How far it reaches.
    pub scope: VfsScope,
    /// When it ends, in milliseconds since 1970.
    pub expires_at: Option<i64>,
    /// When it was made, in milliseconds since 1970.
    pub created_at: i64,
    /// Who made it; none if the server did.
    pub created_by: Option<String>,
}

/// A rule, to be added.
#[derive(Clone, Copy, Debug)]
pub struct NewVfsRule<'a> {
    /// A new id, up to 64 bytes.
    pub id: &'a str,
    /// The mount it is of, by name.
    pub mount: &'a str,
    /// What it does.
    pub kind: VfsRuleKind,
    /// Whom it is about, up to 2048 bytes.
    pub principal: &'a str,
    /// What for, up to 64 bytes.
    pub actions: &'a str,
    /// How far it reaches.
    pub scope: &'a VfsScope,
    /// When it ends, in milliseconds since 1970.
    pub expires_at: Option<i64>,
}

/// What a rule does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum VfsRuleKind {
    /// Allows.
    Grant,
    /// Takes back every grant.
    Revoke,
    /// Forbids, whatever else is said.
    Deny,
}

/// How far a rule reaches within its mount.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum VfsScope {
    /// All of it.
    All,
    /// A path and all below it, up to 1024 bytes.
    Under(String),
    /// What a pattern matches, up to 1024 bytes.
    Matching(String),
}

/// Rules of mounts. Admins and the service see and keep them; for all others there are none. They are added and removed, not changed.
pub trait VfsRules {
    /// The one with this id.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn rule(
        &mut self,
        id: &str,
    ) -> impl Future<Output = Result<Option<VfsRuleRow>, DatabaseError>> + Send;

    /// The first `most` of all mounts by id, byte by byte, behind `after`. Read in pages of one
    /// [`read_as`](crate::Database::read_as), they are of one moment.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn rules(
        &mut self,
        after: Option<&str>,
        most: u32,
    ) -> impl Future<Output = Result<Vec<VfsRuleRow>, DatabaseError>> + Send;

    /// The first `most` of one mount by id, byte by byte, behind `after`.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn rules_of(
        &mut self,
        mount: &str,
        after: Option<&str>,
        most: u32,
    ) -> impl Future<Output = Result<Vec<VfsRuleRow>, DatabaseError>> + Send;

    /// Adds one.
    ///
    /// # Errors
    ///
    /// [`Denied`](DatabaseError::Denied) for whoever is no admin; [`NotFound`](DatabaseError::NotFound) if there is no such mount;
    /// [`Conflict`](DatabaseError::Conflict) if the id is taken; [`Invalid`](DatabaseError::Invalid) for what is too long.
    fn add_rule(
        &mut self,
        rule: NewVfsRule<'_>,
    ) -> impl Future<Output = Result<(), DatabaseError>> + Send;

    /// Removes one. Whether there was one.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn remove_rule(&mut self, id: &str)
    -> impl Future<Output = Result<bool, DatabaseError>> + Send;
}

pub(crate) type Columns = (
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

// === impl VfsRules ===

impl VfsRules for Act {
    async fn rule(&mut self, id: &str) -> Result<Option<VfsRuleRow>, DatabaseError> {
        let sql = "SELECT id, mount, kind, principal, actions, scope, scope_text, expires_at, created_at, created_by
            FROM vfs_rules WHERE id = $1";
        let row: Option<Columns> =
            sqlx::query_as(sql).bind(id.to_owned()).fetch_optional(self.connection()).await?;
        row.map(VfsRuleRow::try_from).transpose()
    }

    async fn rules(
        &mut self,
        after: Option<&str>,
        most: u32,
    ) -> Result<Vec<VfsRuleRow>, DatabaseError> {
        let sql = "SELECT id, mount, kind, principal, actions, scope, scope_text, expires_at, created_at, created_by
            FROM vfs_rules WHERE id > $1 ORDER BY id LIMIT $2";
        let rows: Vec<Columns> = sqlx::query_as(sql)
            .bind(after.unwrap_or_default().to_owned())
            .bind(i64::from(most))
            .fetch_all(self.connection())
            .await?;
        rows.into_iter().map(VfsRuleRow::try_from).collect()
    }

    async fn rules_of(
        &mut self,
        mount: &str,
        after: Option<&str>,
        most: u32,
    ) -> Result<Vec<VfsRuleRow>, DatabaseError> {
        let sql = "SELECT id, mount, kind, principal, actions, scope, scope_text, expires_at, created_at, created_by
            FROM vfs_rules WHERE mount = $1 AND id > $2 ORDER BY id LIMIT $3";
        let rows: Vec<Columns> = sqlx::query_as(sql)
            .bind(mount.to_owned())
            .bind(after.unwrap_or_default().to_owned())
            .bind(i64::from(most))
            .fetch_all(self.connection())
            .await?;
        rows.into_iter().map(VfsRuleRow::try_from).collect()
    }

    async fn add_rule(&mut self, rule: NewVfsRule<'_>) -> Result<(), DatabaseError> {
        let (now, by) = (self.now(), self.caller().user_id().map(str::to_owned));
        let (scope, text) = rule.scope.columns();
        let sql = "INSERT INTO vfs_rules (id, mount, kind, principal, actions, scope, scope_text, expires_at, created_at, created_by)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        sqlx::query(sql)
            .bind(rule.id.to_owned())
            .bind(rule.mount.to_owned())
            .bind(rule.kind.word())
            .bind(rule.principal.to_owned())
            .bind(rule.actions.to_owned())
            .bind(scope)
            .bind(text.map(str::to_owned))
            .bind(rule.expires_at)
            .bind(now)
            .bind(by)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    async fn remove_rule(&mut self, id: &str) -> Result<bool, DatabaseError> {
        let removed = sqlx::query("DELETE FROM vfs_rules WHERE id = $1 RETURNING id")
            .bind(id.to_owned())
            .fetch_optional(self.connection())
            .await?;
        Ok(removed.is_some())
    }
}

// === impl VfsRuleRow ===

impl TryFrom<Columns> for VfsRuleRow {
    type Error = DatabaseError;

    fn try_from(
        (id, mount, kind, principal, actions, scope, text, expires_at, created_at, created_by): Columns,
    ) -> Result<Self, DatabaseError> {
        let (kind, scope) = (VfsRuleKind::of(&kind)?, VfsScope::of(&scope, text)?);
        Ok(Self { id, mount, kind, principal, actions, scope, expires_at, created_at, created_by })
    }
}

// === impl VfsRuleKind ===

impl VfsRuleKind {
    fn of(word: &str) -> Result<Self, DatabaseError> {
        match word {
            "grant" => Ok(Self::Grant),
            "revoke" => Ok(Self::Revoke),
            "deny" => Ok(Self::Deny),
            _ => Err(DatabaseError::Invalid),
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Grant => "grant",
            Self::Revoke => "revoke",
            Self::Deny => "deny",
        }
    }
}

// === impl VfsScope ===

impl VfsScope {
    fn of(word: &str, text: Option<String>) -> Result<Self, DatabaseError> {
        match (word, text) {
            ("all", None) => Ok(Self::All),
            ("under", Some(path)) => Ok(Self::Under(path)),
            ("matching", Some(pattern)) => Ok(Self::Matching(pattern)),
            _ => Err(DatabaseError::Invalid),
        }
    }

    fn columns(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::All => ("all", None),
            Self::Under(path) => ("under", Some(path)),
            Self::Matching(pattern) => ("matching", Some(pattern)),
        }
    }
}
