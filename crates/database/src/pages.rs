//! Content: whose it is, whom it is shared with, and whether all may read it.

use std::fmt;

use crate::{Act, DatabaseError};

/// A page, as far as the caller may read it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct PageRow {
    /// Its id, which never changes.
    pub id: String,
    /// The organisation it belongs to, by its id.
    pub organisation_id: Option<String>,
    /// Whose it is.
    pub owner_id: String,
    /// Its name in URLs, among its owner's.
    pub slug: String,
    /// What it is called.
    pub title: String,
    /// Its text.
    pub body: String,
    /// Whether everybody may read it.
    pub published: bool,
    /// When it was changed, in milliseconds since 1970.
    pub updated_at: i64,
}

/// What a page is to say.
#[derive(Clone, Copy, Debug)]
pub struct PageText<'a> {
    /// Its name in URLs.
    pub slug: &'a str,
    /// What it is called.
    pub title: &'a str,
    /// Its text.
    pub body: &'a str,
    /// Who may read it.
    pub visibility: Visibility,
}

/// Who may read a page.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "there is no third")]
pub enum Visibility {
    /// Who owns it, whom it is shared with, and who runs its organisation.
    Private,
    /// Everybody.
    Published,
}

/// What somebody may do whom a page is shared with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum CollaboratorRole {
    /// Reads it.
    Viewer,
    /// Changes its text.
    Editor,
}

/// Pages: their owners and whom those share them with.
pub trait Pages {
    /// Those the caller may read, by id, behind `after`.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn pages(
        &mut self,
        after: Option<&str>,
        most: u32,
    ) -> impl Future<Output = Result<Vec<PageRow>, DatabaseError>> + Send;

    /// One of them.
    ///
    /// # Errors
    ///
    /// [`NotFound`](DatabaseError::NotFound) if there is none that the caller may read.
    fn page(&mut self, id: &str) -> impl Future<Output = Result<PageRow, DatabaseError>> + Send;

    /// Writes a new one, which is the caller's, in the organisation that the transaction is narrowed to.
    ///
    /// # Errors
    ///
    /// [`Conflict`](DatabaseError::Conflict) if the id or the slug is taken, [`Denied`](DatabaseError::Denied) for whoever is no user or
    /// does not belong to the organisation.
    fn write_page(
        &mut self,
        id: &str,
        text: PageText<'_>,
    ) -> impl Future<Output = Result<(), DatabaseError>> + Send;

    /// Changes the text of one; who may read it is for its owner to say.
    ///
    /// # Errors
    ///
    /// [`Denied`](DatabaseError::Denied) for whoever may only read it, and for an editor who publishes it or takes that back,
    /// [`NotFound`](DatabaseError::NotFound) for whoever may not.
    fn edit_page(
        &mut self,
        id: &str,
        text: PageText<'_>,
    ) -> impl Future<Output = Result<(), DatabaseError>> + Send;

    /// Removes one.
    ///
    /// # Errors
    ///
    /// [`Denied`](DatabaseError::Denied) for whoever is not its owner, [`NotFound`](DatabaseError::NotFound) for whoever may not read it.
    fn remove_page(&mut self, id: &str) -> impl Future<Output = Result<(), DatabaseError>> + Send;
}

/// Whom pages are shared with.
pub trait PageCollaborators {
    /// Whom one is shared with, as far as the caller may know: its owner and editors see all, a viewer himself.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn collaborators(
        &mut self,
        page: &str,
    ) -> impl Future<Output = Result<Vec<(String, CollaboratorRole)>, DatabaseError>> + Send;

    /// Shares one with a user, or changes what he may do.
    ///
    /// # Errors
    ///
    /// [`Denied`](DatabaseError::Denied) for whoever is not its owner, [`NotFound`](DatabaseError::NotFound) for whoever may not read it.
    fn share(
        &mut self,
        page: &str,
        user: &str,
        role: CollaboratorRole,
    ) -> impl Future<Output = Result<(), DatabaseError>> + Send;

    /// Shares it with a user no more. The owner does that, and the user himself. Whether it was shared with him.
    ///
    /// # Errors
    ///
    /// As [`share`](Self::share).
    fn unshare(
        &mut self,
        page: &str,
        user: &str,
    ) -> impl Future<Output = Result<bool, DatabaseError>> + Send;
}

type Columns = (String, Option<String>, String, String, String, String, i64, i64);

// === impl Pages ===

impl Pages for Act {
    async fn pages(
        &mut self,
        after: Option<&str>,
        most: u32,
    ) -> Result<Vec<PageRow>, DatabaseError> {
        let sql = "SELECT id, organisation_id, owner_id, slug, title, body, published, updated_at
            FROM pages WHERE id > $1 ORDER BY id LIMIT $2";
        let rows: Vec<Columns> = sqlx::query_as(sql)
            .bind(after.unwrap_or_default().to_owned())
            .bind(i64::from(most))
            .fetch_all(self.connection())
            .await?;
        Ok(rows.into_iter().map(PageRow::from).collect())
    }

    async fn page(&mut self, id: &str) -> Result<PageRow, DatabaseError> {
        let sql = "SELECT id, organisation_id, owner_id, slug, title, body, published, updated_at
            FROM pages WHERE id = $1";
        let row: Option<Columns> =
            sqlx::query_as(sql).bind(id.to_owned()).fetch_optional(self.connection()).await?;
        row.map(PageRow::from).ok_or(DatabaseError::NotFound)
    }

    async fn write_page(&mut self, id: &str, text: PageText<'_>) -> Result<(), DatabaseError> {
        let owner = self.caller().user_id().ok_or(DatabaseError::Denied)?.to_owned();
        let (organisation, now) = (self.organisation().map(str::to_owned), self.now());
        let sql = "INSERT INTO pages (id, organisation_id, owner_id, slug, title, body, published, created_at, updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        sqlx::query(sql)
            .bind(id.to_owned())
            .bind(organisation)
            .bind(owner)
            .bind(text.slug.to_owned())
            .bind(text.title.to_owned())
            .bind(text.body.to_owned())
            .bind(text.visibility.column())
            .bind(now)
            .bind(now)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    async fn edit_page(&mut self, id: &str, text: PageText<'_>) -> Result<(), DatabaseError> {
        self.page(id).await?;
        let now = self.now();
        let sql =
            "UPDATE pages SET slug = $2, title = $3, body = $4, published = $5, updated_at = $6
            WHERE id = $1 RETURNING slug";
        let edited = sqlx::query(sql)
            .bind(id.to_owned())
            .bind(text.slug.to_owned())
            .bind(text.title.to_owned())
            .bind(text.body.to_owned())
            .bind(text.visibility.column())
            .bind(now)
            .fetch_optional(self.connection())
            .await?;
        edited.map(drop).ok_or(DatabaseError::Denied)
    }

    async fn remove_page(&mut self, id: &str) -> Result<(), DatabaseError> {
        self.page(id).await?;
        let removed = sqlx::query("DELETE FROM pages WHERE id = $1 RETURNING slug");
        let removed = removed.bind(id.to_owned()).fetch_optional(self.connection()).await?;
        removed.map(drop).ok_or(DatabaseError::Denied)
    }
}

// === impl PageCollaborators ===

impl PageCollaborators for Act {
    async fn collaborators(
        &mut self,
        page: &str,
    ) -> Result<Vec<(String, CollaboratorRole)>, DatabaseError> {
        let sql =
            "SELECT user_id, role FROM page_collaborators WHERE page_id = $1 ORDER BY user_id";
        let rows: Vec<(String, String)> =
            sqlx::query_as(sql).bind(page.to_owned()).fetch_all(self.connection()).await?;
        Ok(rows.into_iter().map(|(user, role)| (user, CollaboratorRole::of(&role))).collect())
    }

    async fn share(
        &mut self,
        page: &str,
        user: &str,
        role: CollaboratorRole,
    ) -> Result<(), DatabaseError> {
        self.page(page).await?;
        let (sql, now) = (
            "UPDATE page_collaborators SET role = $3 WHERE page_id = $1 AND user_id = $2 RETURNING role",
            self.now(),
        );
        let changed = sqlx::query(sql)
            .bind(page.to_owned())
            .bind(user.to_owned())
            .bind(role.to_string())
            .fetch_optional(self.connection())
            .await?;
        if changed.is_some() {
            return Ok(());
        }
        let sql = "INSERT INTO page_collaborators (page_id, user_id, role, since) VALUES ($1, $2, $3, $4)";
        let added = sqlx::query(sql)
            .bind(page.to_owned())
            .bind(user.to_owned())
            .bind(role.to_string())
            .bind(now)
            .execute(self.connection())
            .await;
        match added.map_err(DatabaseError::from) {
            // It is shared with him already, and the rules let the caller change nothing about it.
            Err(DatabaseError::Conflict) => Err(DatabaseError::Denied),
            added => added.map(drop),
        }
    }

    async fn unshare(&mut self, page: &str, user: &str) -> Result<bool, DatabaseError> {
        let seen = self.collaborators(page).await?;
        if !seen.iter().any(|(collaborator, _)| collaborator == user) {
            return Ok(false);
        }
        let sql =
            "DELETE FROM page_collaborators WHERE page_id = $1 AND user_id = $2 RETURNING role";
        let removed = sqlx::query(sql)
            .bind(page.to_owned())
            .bind(user.to_owned())
            .fetch_optional(self.connection())
            .await?;
        removed.map(|_| true).ok_or(DatabaseError::Denied)
    }
}

// === impl PageRow ===

impl From<Columns> for PageRow {
    fn from(
        (id, organisation_id, owner_id, slug, title, body, published, updated_at): Columns,
    ) -> Self {
        let published = published != 0;
        Self { id, organisation_id, owner_id, slug, title, body, published, updated_at }
    }
}

// === impl Visibility ===

impl Visibility {
    fn column(self) -> i64 {
        i64::from(self == Self::Published)
    }
}

// === impl CollaboratorRole ===

impl CollaboratorRole {
    /// What a row says. The table holds no other words, and least is given for one it should not hold.
    fn of(text: &str) -> Self {
        if text == "editor" { Self::Editor } else { Self::Viewer }
    }
}

impl fmt::Display for CollaboratorRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
        })
    }
}
