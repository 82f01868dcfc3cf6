//! Keys that all processes on one database have in common, and nobody else.

use std::fmt;

use crate::{Act, DatabaseError};

/// 256 bits, drawn when the table was made. It does not print.
#[derive(Clone, Eq, PartialEq)]
pub struct SharedKey(Box<[u8]>);

/// Keys that all processes on one database have in common. For the service.
pub trait SharedKeys {
    /// The key that authenticates tickets for streams.
    ///
    /// # Errors
    ///
    /// [`NotFound`](DatabaseError::NotFound) for whoever is not the service.
    fn ticket_key(&mut self) -> impl Future<Output = Result<SharedKey, DatabaseError>> + Send;
}

// === impl SharedKeys ===

impl SharedKeys for Act {
    async fn ticket_key(&mut self) -> Result<SharedKey, DatabaseError> {
        let key = sqlx::query_scalar("SELECT key FROM shared_keys WHERE name = 'stream-tickets'");
        let key: Vec<u8> = key.fetch_one(self.connection()).await?;
        Ok(SharedKey(key.into()))
    }
}

// === impl SharedKey ===

impl SharedKey {
    /// Its bytes. They must not reach a log or an error.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SharedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedKey(..)")
    }
}
