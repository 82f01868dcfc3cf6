//! Orders: what is recorded and has still to be carried out, or written down, outside of the database.

use crate::{Act, DatabaseError};

/// An order that is given.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "its parts are all there is to say")]
pub struct NewOrder {
    /// Its name, which nobody else draws: 1 to 64 characters.
    pub id: String,
    /// Whose it is to carry out: the name of a server, 1 to 64 characters.
    pub server: String,
    /// What sort of order it is: 1 to 64 characters.
    pub kind: String,
    /// What it says: as much as a mebibyte.
    pub body: String,
}

/// An order that is not carried out yet, as far as is known.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct OrderRow {
    /// Its name.
    pub id: String,
    /// Whose it is to carry out.
    pub server: String,
    /// What sort of order it is.
    pub kind: String,
    /// What it says.
    pub body: String,
    /// When it was given, in milliseconds since 1970.
    pub at: i64,
}

/// Orders: given by admins and the service in the transaction of their record, read and ended by the service alone.
pub trait Orders {
    /// Gives one.
    ///
    /// # Errors
    ///
    /// [`Denied`](DatabaseError::Denied) for whoever is neither an admin nor the service, [`Conflict`](DatabaseError::Conflict) for a
    /// name that is taken, [`Invalid`](DatabaseError::Invalid) for what is too long.
    fn order(&mut self, order: &NewOrder)
    -> impl Future<Output = Result<(), DatabaseError>> + Send;

    /// All that are not carried out, of every server, the oldest first. Nobody but the service sees any.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn orders(&mut self) -> impl Future<Output = Result<Vec<OrderRow>, DatabaseError>> + Send;

    /// Ends those with these names. One that is not there was ended before; nobody but the service ends any.
    ///
    /// # Errors
    ///
    /// If the database does not answer.
    fn carried_out(
        &mut self,
        ids: &[String],
    ) -> impl Future<Output = Result<(), DatabaseError>> + Send;
}

// === impl Orders ===

impl Orders for Act {
    async fn order(&mut self, order: &NewOrder) -> Result<(), DatabaseError> {
        let NewOrder { id, server, kind, body } = order.clone();
        let now = self.now();
        sqlx::query("INSERT INTO orders (id, server, kind, body, at) VALUES ($1, $2, $3, $4, $5)")
            .bind(id)
            .bind(server)
            .bind(kind)
            .bind(body)
            .bind(now)
            .execute(self.connection())
            .await?;
        Ok(())
    }

    async fn orders(&mut self) -> Result<Vec<OrderRow>, DatabaseError> {
        let sql = "SELECT id, server, kind, body, at FROM orders ORDER BY at, id";
        let rows: Vec<(String, String, String, String, i64)> =
            sqlx::query_as(sql).fetch_all(self.connection()).await?;
        let order = |(id, server, kind, body, at)| OrderRow { id, server, kind, body, at };
        Ok(rows.into_iter().map(order).collect())
    }

    async fn carried_out(&mut self, ids: &[String]) -> Result<(), DatabaseError> {
        for id in ids {
            sqlx::query("DELETE FROM orders WHERE id = $1")
                .bind(id.clone())
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }
}
