//! Sign-outs: tokens that count no more before they end by themselves.

use crate::{Act, DatabaseError};

/// A sign-out: of one token, or of all that were issued to a user by a time.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SignOut {
    /// The user's id, as `auth.uid()` says it.
    pub user_id: String,
    /// Who issued the tokens, where the id of the user does not say so.
    pub issuer: Option<String>,
    /// The SHA-256 of a token, in hexadecimal digits; none for all of the user's.
    pub token: Option<String>,
    /// Of a token, when it says that it was issued; else up to when tokens were issued that count no more. In milliseconds since
    /// 1970.
    pub issued_until: Option<i64>,
    /// When it can be forgotten, because the tokens ended by themselves. In milliseconds since 1970.
    pub ends_at: i64,
}

/// A sign-out, with its number.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct SignOutRow {
    /// Its number: those that are kept later have higher ones.
    pub number: i64,
    /// What it says.
    pub sign_out: SignOut,
}

/// Sign-outs. A user writes his own, admins and the service anybody's; the service reads them.
pub trait SignOuts {
    /// Keeps one. Until the transaction ends nobody else keeps one.
    ///
    /// # Errors
    ///
    /// [`Denied`](DatabaseError::Denied) if it is another's, and the caller no admin.
    fn sign_out(
        &mut self,
        sign_out: &SignOut,
    ) -> impl Future<Output = Result<(), DatabaseError>> + Send;

    /// The first `most` by number, behind `after`, of those that did not end.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn sign_outs(
        &mut self,
        after: i64,
        most: u32,
    ) -> impl Future<Output = Result<Vec<SignOutRow>, DatabaseError>> + Send;

    /// Forgets those that ended. For the service.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn forget_sign_outs(&mut self) -> impl Future<Output = Result<(), DatabaseError>> + Send;

    /// The number of the last one, whether it is kept still or not. For the service.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn sign_outs_revision(&mut self) -> impl Future<Output = Result<i64, DatabaseError>> + Send;
}

type Columns = (i64, String, Option<String>, Option<String>, Option<i64>, i64);

// === impl SignOuts ===

impl SignOuts for Act {
    async fn sign_out(&mut self, sign_out: &SignOut) -> Result<(), DatabaseError> {
        let sql = "INSERT INTO sign_outs (user_id, issuer, token, issued_until, ends_at) VALUES ($1, $2, $3, $4, $5)";
        let SignOut { user_id, issuer, token, issued_until, ends_at } = sign_out.clone();
        sqlx::query(sql)
            .bind(user_id)
            .bind(issuer)
            .bind(token)
            .bind(issued_until)
            .bind(ends_at)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    async fn sign_outs(&mut self, after: i64, most: u32) -> Result<Vec<SignOutRow>, DatabaseError> {
        let sql = "SELECT number, user_id, issuer, token, issued_until, ends_at FROM sign_outs
            WHERE number > $1 AND ends_at > $2 ORDER BY number LIMIT $3";
        let now = self.now();
        let rows: Vec<Columns> = sqlx::query_as(sql)
            .bind(after)
            .bind(now)
            .bind(i64::from(most))
            .fetch_all(self.connection())
            .await?;
        Ok(rows.into_iter().map(SignOutRow::from).collect())
    }

    async fn forget_sign_outs(&mut self) -> Result<(), DatabaseError> {
        let now = self.now();
        sqlx::query("DELETE FROM sign_outs WHERE ends_at <= $1")
            .bind(now)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    async fn sign_outs_revision(&mut self) -> Result<i64, DatabaseError> {
        let revision =
            sqlx::query_scalar("SELECT revision FROM revisions WHERE name = 'sign_outs'");
        Ok(revision.fetch_one(self.connection()).await?)
    }
}

// === impl SignOutRow ===

impl From<Columns> for SignOutRow {
    fn from((number, user_id, issuer, token, issued_until, ends_at): Columns) -> Self {
        let sign_out = SignOut { user_id, issuer, token, issued_until, ends_at };
        Self { number, sign_out }
    }
}
