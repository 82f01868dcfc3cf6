//! Users: who is known, who is let in no more, and what each may.

use crate::{Act, DatabaseError};

/// A user who is known.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct UserRow {
    /// His id, as `auth.uid()` says it.
    pub id: String,
    /// Since when he is let in no more, in milliseconds since 1970.
    pub disabled_at: Option<i64>,
    /// What he may, in alphabetical order.
    pub roles: Vec<String>,
}

/// Users and their roles. Everybody sees himself; admins and the service see all, and make changes. An admin for a while makes none.
pub trait Users {
    /// The user with this id.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn user(
        &mut self,
        id: &str,
    ) -> impl Future<Output = Result<Option<UserRow>, DatabaseError>> + Send;

    /// The first `most` by id, behind `after`.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn users(
        &mut self,
        after: Option<&str>,
        most: u32,
    ) -> impl Future<Output = Result<Vec<UserRow>, DatabaseError>> + Send;

    /// Makes a user known, if he is not yet.
    ///
    /// # Errors
    ///
    /// [`Denied`](DatabaseError::Denied) for whoever is no admin.
    fn know_user(&mut self, id: &str) -> impl Future<Output = Result<(), DatabaseError>> + Send;

    /// Gives a user these roles and no others.
    ///
    /// # Errors
    ///
    /// [`Denied`](DatabaseError::Denied) for whoever is no admin, [`NotFound`](DatabaseError::NotFound) if the user is not known.
    fn replace_roles(
        &mut self,
        id: &str,
        roles: &[String],
    ) -> impl Future<Output = Result<(), DatabaseError>> + Send;

    /// Lets a user in no more.
    ///
    /// # Errors
    ///
    /// [`Denied`](DatabaseError::Denied) for whoever is no admin, [`NotFound`](DatabaseError::NotFound) if the user is not known.
    fn disable_user(&mut self, id: &str) -> impl Future<Output = Result<(), DatabaseError>> + Send;

    /// Lets a user in again.
    ///
    /// # Errors
    ///
    /// As [`disable_user`](Self::disable_user).
    fn enable_user(&mut self, id: &str) -> impl Future<Output = Result<(), DatabaseError>> + Send;

    /// Forgets a user with his roles. Whether there was one.
    ///
    /// # Errors
    ///
    /// [`Denied`](DatabaseError::Denied) for whoever is no admin.
    fn forget_user(&mut self, id: &str)
    -> impl Future<Output = Result<bool, DatabaseError>> + Send;

    /// A number that grows with every change of users or roles, by whichever process. For the service.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn users_revision(&mut self) -> impl Future<Output = Result<i64, DatabaseError>> + Send;
}

// === impl Users ===

impl Users for Act {
    async fn user(&mut self, id: &str) -> Result<Option<UserRow>, DatabaseError> {
        let found: Option<(String, Option<i64>)> =
            sqlx::query_as("SELECT id, disabled_at FROM users WHERE id = $1")
                .bind(id.to_owned())
                .fetch_optional(self.connection())
                .await?;
        let Some((id, disabled_at)) = found else { return Ok(None) };
        let roles =
            sqlx::query_scalar("SELECT role FROM user_roles WHERE user_id = $1 ORDER BY role")
                .bind(id.clone())
                .fetch_all(self.connection())
                .await?;
        Ok(Some(UserRow { id, disabled_at, roles }))
    }

    async fn users(
        &mut self,
        after: Option<&str>,
        most: u32,
    ) -> Result<Vec<UserRow>, DatabaseError> {
        let sql = "SELECT u.id, u.disabled_at, r.role
            FROM (SELECT id, disabled_at FROM users WHERE id > $1 ORDER BY id LIMIT $2) u
            LEFT JOIN user_roles r ON r.user_id = u.id
            ORDER BY u.id, r.role";
        let rows: Vec<(String, Option<i64>, Option<String>)> = sqlx::query_as(sql)
            .bind(after.unwrap_or_default().to_owned())
            .bind(i64::from(most))
            .fetch_all(self.connection())
            .await?;
        let mut users: Vec<UserRow> = Vec::new();
        for (id, disabled_at, role) in rows {
            match users.last_mut().filter(|user| user.id == id) {
                Some(user) => user.roles.extend(role),
                None => users.push(UserRow { id, disabled_at, roles: role.into_iter().collect() }),
            }
        }
        Ok(users)
    }

    async fn know_user(&mut self, id: &str) -> Result<(), DatabaseError> {
        if self.user(id).await?.is_some() {
            return Ok(());
        }
        let now = self.now();
        sqlx::query("INSERT INTO users (id, created_at) VALUES ($1, $2)")
            .bind(id.to_owned())
            .bind(now)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    async fn replace_roles(&mut self, id: &str, roles: &[String]) -> Result<(), DatabaseError> {
        self.may_keep_users(id).await?;
        sqlx::query("DELETE FROM user_roles WHERE user_id = $1")
            .bind(id.to_owned())
            .execute(self.connection())
            .await?;
        let (now, mut given) = (self.now(), Vec::new());
        for role in roles {
            if given.contains(&role) {
                continue;
            }
            given.push(role);
            sqlx::query("INSERT INTO user_roles (user_id, role, granted_at) VALUES ($1, $2, $3)")
                .bind(id.to_owned())
                .bind(role.clone())
                .bind(now)
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }

    async fn disable_user(&mut self, id: &str) -> Result<(), DatabaseError> {
        self.may_keep_users(id).await?;
        let now = self.now();
        sqlx::query("UPDATE users SET disabled_at = $2 WHERE id = $1 AND disabled_at IS NULL")
            .bind(id.to_owned())
            .bind(now)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    async fn enable_user(&mut self, id: &str) -> Result<(), DatabaseError> {
        self.may_keep_users(id).await?;
        sqlx::query("UPDATE users SET disabled_at = NULL WHERE id = $1")
            .bind(id.to_owned())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    async fn forget_user(&mut self, id: &str) -> Result<bool, DatabaseError> {
        match self.may_keep_users(id).await {
            Ok(()) => {}
            Err(DatabaseError::NotFound) => return Ok(false),
            Err(error) => return Err(error),
        }
        sqlx::query("DELETE FROM users WHERE id = $1")
            .bind(id.to_owned())
            .execute(self.connection())
            .await?;
        Ok(true)
    }

    async fn users_revision(&mut self) -> Result<i64, DatabaseError> {
        let revision = sqlx::query_scalar("SELECT revision FROM revisions WHERE name = 'users'");
        Ok(revision.fetch_one(self.connection()).await?)
    }
}

impl Act {
    /// The rules would let a change of what is not one's to change pass without effect: here it is said.
    async fn may_keep_users(&mut self, id: &str) -> Result<(), DatabaseError> {
        let caller = self.caller();
        let is_for_good = caller.is_admin() && caller.elevation().is_none();
        let keeps = is_for_good || caller.is_service();
        match self.user(id).await? {
            None => Err(DatabaseError::NotFound),
            Some(_) if keeps => Ok(()),
            Some(_) => Err(DatabaseError::Denied),
        }
    }
}
