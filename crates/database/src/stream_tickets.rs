//! One-time tickets: what one process hands out and another one takes.

use std::fmt;

use crate::{Act, DatabaseError};

/// A ticket, as it is kept until it is used.
#[derive(Clone, Eq, PartialEq)]
pub struct TicketRow {
    /// The SHA-256 of its text, in hexadecimal digits.
    pub digest: String,
    /// Whose it is.
    pub user_id: String,
    /// What it stands for, sealed: this crate does not look into it.
    pub sealed: Vec<u8>,
    /// When it is good no more, in milliseconds since 1970.
    pub ends_at: i64,
}

/// How many tickets are kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TicketBounds {
    /// Of one user: the oldest gives way.
    pub of_one: u32,
    /// Of all: none is kept beyond.
    pub of_all: u32,
}

/// One-time tickets. For the service.
pub trait StreamTickets {
    /// Keeps one; whether there is room.
    ///
    /// # Errors
    ///
    /// [`Denied`](DatabaseError::Denied) for whoever is not the service.
    fn keep_ticket(
        &mut self,
        ticket: &TicketRow,
        bounds: TicketBounds,
    ) -> impl Future<Output = Result<bool, DatabaseError>> + Send;

    /// Takes one, and says what it stands for. Of two who take the same one it is there.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn take_ticket(
        &mut self,
        digest: &str,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, DatabaseError>> + Send;

    /// Forgets those that ended.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn forget_tickets(&mut self) -> impl Future<Output = Result<(), DatabaseError>> + Send;
}

// === impl StreamTickets ===

impl StreamTickets for Act {
    async fn keep_ticket(
        &mut self,
        ticket: &TicketRow,
        bounds: TicketBounds,
    ) -> Result<bool, DatabaseError> {
        self.forget_tickets().await?;
        let all: i64 = sqlx::query_scalar("SELECT count(*) FROM stream_tickets")
            .fetch_one(self.connection())
            .await?;
        if all >= i64::from(bounds.of_all) {
            return Ok(false);
        }
        let older = "DELETE FROM stream_tickets WHERE user_id = $1 AND digest NOT IN (
            SELECT digest FROM stream_tickets WHERE user_id = $1 ORDER BY ends_at DESC, digest LIMIT $2)";
        sqlx::query(older)
            .bind(ticket.user_id.clone())
            .bind(i64::from(bounds.of_one.saturating_sub(1)))
            .execute(self.connection())
            .await?;
        let sql =
            "INSERT INTO stream_tickets (digest, user_id, sealed, ends_at) VALUES ($1, $2, $3, $4)";
        let TicketRow { digest, user_id, sealed, ends_at } = ticket.clone();
        sqlx::query(sql)
            .bind(digest)
            .bind(user_id)
            .bind(sealed)
            .bind(ends_at)
            .execute(self.connection())
            .await?;
        Ok(true)
    }

    async fn take_ticket(&mut self, digest: &str) -> Result<Option<Vec<u8>>, DatabaseError> {
        let taken =
            sqlx::query_scalar("DELETE FROM stream_tickets WHERE digest = $1 RETURNING sealed")
                .bind(digest.to_owned())
                .fetch_optional(self.connection())
                .await?;
        Ok(taken)
    }

    async fn forget_tickets(&mut self) -> Result<(), DatabaseError> {
        let now = self.now();
        sqlx::query("DELETE FROM stream_tickets WHERE ends_at <= $1")
            .bind(now)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

// === impl TicketRow ===

impl fmt::Debug for TicketRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TicketRow").field("ends_at", &self.ends_at).finish_non_exhaustive()
    }
}
