//! A transaction that acts for somebody: the one way to read and write.

use std::time::{SystemTime, UNIX_EPOCH};

use palisade_core::Clock;
use sqlx::{Any, AnyConnection, Transaction};

use crate::{Caller, DatabaseError, Engine, elevations::Hold};

/// A transaction in which the rules know who asks. Dropped without [`commit`](Self::commit), by an error or because whoever waited
/// for it went away, it leaves nothing behind: no row, and nobody's name on the connection.
#[derive(Debug)]
#[must_use = "without a commit nothing of it is kept"]
pub struct Act {
    transaction: Transaction<'static, Any>,
    engine: Engine,
    caller: Caller,
    organisation: Option<Box<str>>,
    clock: Clock,
    purpose: Purpose,
}

/// What a transaction is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Purpose {
    Reading,
    Writing,
}

// === impl Act ===

impl Act {
    pub(crate) async fn begin(
        transaction: Transaction<'static, Any>,
        engine: Engine,
        caller: Caller,
        clock: Clock,
        purpose: Purpose,
    ) -> Result<Self, DatabaseError> {
        let mut act = Self { transaction, engine, caller, organisation: None, clock, purpose };
        act.name_caller().await?;
        act.counts(Hold::Nothing).await?;
        Ok(act)
    }

    /// Who it acts for.
    #[must_use]
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The organisation it is narrowed to, by its id.
    #[must_use]
    pub fn organisation(&self) -> Option<&str> {
        self.organisation.as_deref()
    }

    /// Narrows it to an organisation: from here on, content of no other is seen or changed.
    ///
    /// # Errors
    ///
    /// [`NotFound`](DatabaseError::NotFound) for a slug that is nobody's and for one of an organisation that is not the caller's:
    /// they are not told apart. An admin enters all.
    pub async fn narrow(&mut self, slug: &str) -> Result<(), DatabaseError> {
        let found: Option<(String,)> =
            sqlx::query_as("SELECT id FROM organisations WHERE slug = $1")
                .bind(slug)
                .fetch_optional(self.connection())
                .await?;
        let (id,) = found.ok_or(DatabaseError::NotFound)?;
        self.organisation = Some(id.into());
        self.name_caller().await
    }

    /// Keeps all of it.
    ///
    /// # Errors
    ///
    /// If it could not be kept. Where the connection broke at that moment, it may have been. [`Lapsed`](DatabaseError::Lapsed) where
    /// the caller's right ended meanwhile: then nothing is kept.
    pub async fn commit(mut self) -> Result<(), DatabaseError> {
        if self.purpose == Purpose::Writing {
            self.counts(Hold::UntilTheEnd).await?;
        }
        if self.engine == Engine::Sqlite {
            sqlx::query("DELETE FROM caller").execute(self.connection()).await?;
        }
        Ok(self.transaction.commit().await?)
    }

    /// Takes all of it back. The same as dropping it, but done when this returns.
    ///
    /// # Errors
    ///
    /// If the connection broke; nothing is kept then either.
    pub async fn roll_back(self) -> Result<(), DatabaseError> {
        Ok(self.transaction.rollback().await?)
    }

    pub(crate) fn connection(&mut self) -> &mut AnyConnection {
        &mut self.transaction
    }

    pub(crate) fn engine(&self) -> Engine {
        self.engine
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Milliseconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        milliseconds(self.clock.now().wall())
    }

    /// Tells the rules who asks. It ends with the transaction: on PostgreSQL because it is set locally, on SQLite because it is a row.
    async fn name_caller(&mut self) -> Result<(), DatabaseError> {
        match self.engine {
            Engine::Postgres => {
                let claims = self.caller.claims(self.organisation());
                sqlx::query("SELECT set_config('request.jwt.claims', $1, true)")
                    .bind(claims)
                    .execute(self.connection())
                    .await?;
            }
            Engine::Sqlite => {
                let (id, organisation) = (self.caller.user_id(), self.organisation());
                let (id, organisation) = (id.map(str::to_owned), organisation.map(str::to_owned));
                let (admin, service) = (self.caller.is_admin(), self.caller.is_service());
                let elevation = self.caller.elevation().map(str::to_owned);
                sqlx::query("DELETE FROM caller").execute(self.connection()).await?;
                sqlx::query(
                    "INSERT INTO caller (uid, admin, service, scope, elevation) VALUES ($1, $2, $3, $4, $5)",
                )
                .bind(id)
                .bind(i64::from(admin))
                .bind(i64::from(service))
                .bind(organisation)
                .bind(elevation)
                .execute(self.connection())
                .await?;
            }
        }
        Ok(())
    }
}

pub(crate) fn milliseconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
