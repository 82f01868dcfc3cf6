//! Organisations and who belongs to them.

use std::fmt;

use crate::{Act, DatabaseError};

/// An organisation that the caller may know of.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct OrganisationRow {
    /// Its id, which never changes.
    pub id: String,
    /// Its name in URLs and in `X-Org-Slug`.
    pub slug: String,
    /// Its name for people.
    pub name: String,
}

/// Who belongs to it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct MemberRow {
    /// Who.
    pub user_id: String,
    /// As what.
    pub role: MemberRole,
}

/// As what somebody belongs to an organisation.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum MemberRole {
    /// Does everything, and says who else does.
    Owner,
    /// Reads all of its content, and takes in members.
    Admin,
    /// Has his own content there.
    Member,
}

/// Organisations. Members see theirs, and admins see all.
pub trait Organisations {
    /// Those the caller sees, by slug.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn organisations(
        &mut self,
    ) -> impl Future<Output = Result<Vec<OrganisationRow>, DatabaseError>> + Send;

    /// The one with this slug.
    ///
    /// # Errors
    ///
    /// [`NotFound`](DatabaseError::NotFound) if there is none, or none that the caller may know of.
    fn organisation(
        &mut self,
        slug: &str,
    ) -> impl Future<Output = Result<OrganisationRow, DatabaseError>> + Send;

    /// Founds one under a new id. The caller is its owner.
    ///
    /// # Errors
    ///
    /// [`Conflict`](DatabaseError::Conflict) if the slug is taken, [`Invalid`](DatabaseError::Invalid) if it is none,
    /// [`Denied`](DatabaseError::Denied) for whoever is no user.
    fn found(
        &mut self,
        id: &str,
        slug: &str,
        name: &str,
    ) -> impl Future<Output = Result<(), DatabaseError>> + Send;

    /// Who belongs to the one with this id.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn members(
        &mut self,
        id: &str,
    ) -> impl Future<Output = Result<Vec<MemberRow>, DatabaseError>> + Send;

    /// As what the caller belongs to the one with this id.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn own_role(
        &mut self,
        id: &str,
    ) -> impl Future<Output = Result<Option<MemberRole>, DatabaseError>> + Send;

    /// Takes somebody in, or gives him another role.
    ///
    /// # Errors
    ///
    /// [`Denied`](DatabaseError::Denied) if that is not the caller's to do; [`Conflict`](DatabaseError::Conflict) if it would be left
    /// without an owner.
    fn put_member(
        &mut self,
        id: &str,
        user: &str,
        role: MemberRole,
    ) -> impl Future<Output = Result<(), DatabaseError>> + Send;

    /// Lets somebody go. Whether he belonged to it.
    ///
    /// # Errors
    ///
    /// As [`put_member`](Self::put_member).
    fn remove_member(
        &mut self,
        id: &str,
        user: &str,
    ) -> impl Future<Output = Result<bool, DatabaseError>> + Send;

    /// Closes it, with all of its content.
    ///
    /// # Errors
    ///
    /// [`Denied`](DatabaseError::Denied) for whoever is not an owner, [`NotFound`](DatabaseError::NotFound) for whoever may not know.
    fn close_organisation(
        &mut self,
        id: &str,
    ) -> impl Future<Output = Result<(), DatabaseError>> + Send;
}

// === impl Organisations ===

impl Organisations for Act {
    async fn organisations(&mut self) -> Result<Vec<OrganisationRow>, DatabaseError> {
        let rows = sqlx::query_as("SELECT id, slug, name FROM organisations ORDER BY slug");
        let rows: Vec<(String, String, String)> = rows.fetch_all(self.connection()).await?;
        Ok(rows.into_iter().map(OrganisationRow::from).collect())
    }

    async fn organisation(&mut self, slug: &str) -> Result<OrganisationRow, DatabaseError> {
        let row = sqlx::query_as("SELECT id, slug, name FROM organisations WHERE slug = $1")
            .bind(slug.to_owned())
            .fetch_optional(self.connection())
            .await?;
        row.map(<OrganisationRow as From<(String, String, String)>>::from)
            .ok_or(DatabaseError::NotFound)
    }

    async fn found(&mut self, id: &str, slug: &str, name: &str) -> Result<(), DatabaseError> {
        let founder = self.caller().user_id().ok_or(DatabaseError::Denied)?.to_owned();
        let now = self.now();
        let sql = "INSERT INTO organisations (id, slug, name, created_by, created_at) VALUES ($1, $2, $3, $4, $5)";
        sqlx::query(sql)
            .bind(id.to_owned())
            .bind(slug.to_owned())
            .bind(name.to_owned())
            .bind(founder.clone())
            .bind(now)
            .execute(self.connection())
            .await?;
        self.add_member(id, &founder, MemberRole::Owner).await
    }

    async fn members(&mut self, id: &str) -> Result<Vec<MemberRow>, DatabaseError> {
        let sql = "SELECT user_id, role FROM organisation_members WHERE organisation_id = $1 ORDER BY user_id";
        let rows: Vec<(String, String)> =
            sqlx::query_as(sql).bind(id.to_owned()).fetch_all(self.connection()).await?;
        Ok(rows
            .into_iter()
            .map(|(user_id, role)| MemberRow { user_id, role: MemberRole::of(&role) })
            .collect())
    }

    async fn own_role(&mut self, id: &str) -> Result<Option<MemberRole>, DatabaseError> {
        let Some(own) = self.caller().user_id().map(str::to_owned) else { return Ok(None) };
        self.member_role(id, &own).await
    }

    async fn put_member(
        &mut self,
        id: &str,
        user: &str,
        role: MemberRole,
    ) -> Result<(), DatabaseError> {
        let Some(before) = self.member_role(id, user).await? else {
            return self.add_member(id, user, role).await;
        };
        if before == MemberRole::Owner && role != MemberRole::Owner {
            self.keeps_an_owner(id, user).await?;
        }
        let sql = "UPDATE organisation_members SET role = $3 WHERE organisation_id = $1 AND user_id = $2 RETURNING role";
        let changed = sqlx::query(sql)
            .bind(id.to_owned())
            .bind(user.to_owned())
            .bind(role.to_string())
            .fetch_optional(self.connection())
            .await?;
        changed.map(drop).ok_or(DatabaseError::Denied)
    }

    async fn remove_member(&mut self, id: &str, user: &str) -> Result<bool, DatabaseError> {
        let Some(role) = self.member_role(id, user).await? else { return Ok(false) };
        if role == MemberRole::Owner {
            self.keeps_an_owner(id, user).await?;
        }
        let sql = "DELETE FROM organisation_members WHERE organisation_id = $1 AND user_id = $2 RETURNING role";
        let removed = sqlx::query(sql)
            .bind(id.to_owned())
            .bind(user.to_owned())
            .fetch_optional(self.connection())
            .await?;
        removed.map(|_| true).ok_or(DatabaseError::Denied)
    }

    async fn close_organisation(&mut self, id: &str) -> Result<(), DatabaseError> {
        let seen = sqlx::query("SELECT id FROM organisations WHERE id = $1").bind(id.to_owned());
        seen.fetch_optional(self.connection()).await?.ok_or(DatabaseError::NotFound)?;
        let closed = sqlx::query("DELETE FROM organisations WHERE id = $1 RETURNING id");
        let closed = closed.bind(id.to_owned()).fetch_optional(self.connection()).await?;
        closed.map(drop).ok_or(DatabaseError::Denied)
    }
}

impl Act {
    async fn member_role(
        &mut self,
        id: &str,
        user: &str,
    ) -> Result<Option<MemberRole>, DatabaseError> {
        let sql =
            "SELECT role FROM organisation_members WHERE organisation_id = $1 AND user_id = $2";
        let role: Option<String> = sqlx::query_scalar(sql)
            .bind(id.to_owned())
            .bind(user.to_owned())
            .fetch_optional(self.connection())
            .await?;
        Ok(role.as_deref().map(MemberRole::of))
    }

    async fn add_member(
        &mut self,
        id: &str,
        user: &str,
        role: MemberRole,
    ) -> Result<(), DatabaseError> {
        let now = self.now();
        let sql = "INSERT INTO organisation_members (organisation_id, user_id, role, since) VALUES ($1, $2, $3, $4)";
        sqlx::query(sql)
            .bind(id.to_owned())
            .bind(user.to_owned())
            .bind(role.to_string())
            .bind(now)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// One who is left must be able to take others in.
    async fn keeps_an_owner(&mut self, id: &str, without: &str) -> Result<(), DatabaseError> {
        // Holds the row until the end, so that of two owners who let each other go at once one is left.
        sqlx::query("UPDATE organisations SET name = name WHERE id = $1")
            .bind(id.to_owned())
            .execute(self.connection())
            .await?;
        let sql = "SELECT user_id FROM organisation_members WHERE organisation_id = $1 AND role = 'owner' AND user_id <> $2";
        let others = sqlx::query(sql)
            .bind(id.to_owned())
            .bind(without.to_owned())
            .fetch_optional(self.connection())
            .await?;
        others.map(drop).ok_or(DatabaseError::Conflict)
    }
}

// === impl OrganisationRow ===

impl From<(String, String, String)> for OrganisationRow {
    fn from((id, slug, name): (String, String, String)) -> Self {
        Self { id, slug, name }
    }
}

// === impl MemberRole ===

impl MemberRole {
    /// What a row says. The table holds no other words, and least is given for one it should not hold.
    fn of(text: &str) -> Self {
        match text {
            "owner" => Self::Owner,
            "admin" => Self::Admin,
            _ => Self::Member,
        }
    }
}

impl fmt::Display for MemberRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Member => "member",
        })
    }
}
