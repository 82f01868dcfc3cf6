//! A database, opened: it hands out transactions that act for somebody, and nothing else.

use std::time::Duration;

use palisade_core::Clock;
use sqlx::{Any, AnyPool, Transaction, any::AnyPoolOptions};

use crate::{
    Act, Caller, DatabaseError, DatabaseOptions, Engine, OpenError, act::Purpose, migrations,
    self_test,
};

/// The rules of an engine that has none of its own.
const RULES: &str =
    concat!(include_str!("policies/sqlite.sql"), include_str!("policies/sqlite_vfs.sql"));

/// A database that is up to date and held by its rules. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Database {
    pool: AnyPool,
    engine: Engine,
    clock: Clock,
}

/// How the connections of a [`Database`] are used.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct DatabaseStatus {
    /// Open ones that a transaction has.
    pub used: u32,
    /// Open ones that nobody has.
    pub idle: u32,
    /// As many as there may be.
    pub capacity: u32,
}

// === impl Database ===

impl Database {
    /// Opens the database at `url` (`sqlite:data/palisade.db`, `postgres://user@host/name`).
    ///
    /// An embedded one is made if there is none, and brought up to date; before that a copy is kept beside it. PostgreSQL is brought
    /// up to date by [`migrate`](Self::migrate), as the owner of its tables, which the role of this `url` must not be.
    ///
    /// # Errors
    ///
    /// If it does not answer, is not up to date, or if its rules would not hold: see [`OpenError`].
    pub async fn open(url: &str, options: &DatabaseOptions) -> Result<Self, OpenError> {
        let engine = Engine::of(url).ok_or(OpenError::UnknownScheme)?;
        if engine == Engine::Sqlite {
            migrations::of_sqlite(url, options).await?;
        }
        let pool = pool(url, engine, options).await?;
        if engine == Engine::Postgres {
            self_test::role(&pool).await?;
            migrations::are_applied(&pool).await?;
            self_test::schemas(&pool).await?;
            self_test::tables(&pool).await?;
        }
        Ok(Self { pool, engine, clock: options.clock.clone() })
    }

    /// Brings the database at `url` up to date. On PostgreSQL this is the owner's work: `url` is his.
    ///
    /// # Errors
    ///
    /// If it does not answer, or a migration fails: then it is as it was.
    pub async fn migrate(url: &str, options: &DatabaseOptions) -> Result<(), OpenError> {
        match Engine::of(url).ok_or(OpenError::UnknownScheme)? {
            Engine::Sqlite => migrations::of_sqlite(url, options).await,
            Engine::Postgres => migrations::of_postgres(url).await,
        }
    }

    /// Which engine it is.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Begins to read and write as `caller`. On SQLite one such transaction runs at a time.
    ///
    /// # Errors
    ///
    /// If there is no connection in time; [`Lapsed`](DatabaseError::Lapsed) where the right of `caller` has ended.
    pub async fn act_as(&self, caller: Caller) -> Result<Act, DatabaseError> {
        let begin = match self.engine {
            // At once for writing: a transaction that becomes one later may find that it cannot.
            Engine::Sqlite => "BEGIN IMMEDIATE",
            Engine::Postgres => "BEGIN",
        };
        self.begin(begin, caller, Purpose::Writing).await
    }

    /// Begins to read as `caller`. Nobody waits for it. All that it reads is of one moment.
    ///
    /// # Errors
    ///
    /// If there is no connection in time; [`Lapsed`](DatabaseError::Lapsed) where the right of `caller` has ended.
    pub async fn read_as(&self, caller: Caller) -> Result<Act, DatabaseError> {
        let begin = match self.engine {
            Engine::Sqlite => "BEGIN",
            Engine::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        self.begin(begin, caller, Purpose::Reading).await
    }

    /// How its connections are used.
    #[must_use]
    pub fn status(&self) -> DatabaseStatus {
        let (open, idle) = (self.pool.size(), self.pool.num_idle());
        let idle = u32::try_from(idle).unwrap_or(u32::MAX).min(open);
        let capacity = self.pool.options().get_max_connections();
        DatabaseStatus { used: open.saturating_sub(idle), idle, capacity }
    }

    /// Ends all connections, those in use when they are given back.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    async fn begin(
        &self,
        begin: &'static str,
        caller: Caller,
        purpose: Purpose,
    ) -> Result<Act, DatabaseError> {
        let transaction: Transaction<'static, Any> = self.pool.begin_with(begin).await?;
        Act::begin(transaction, self.engine, caller, self.clock.clone(), purpose).await
    }
}

async fn pool(url: &str, engine: Engine, options: &DatabaseOptions) -> Result<AnyPool, OpenError> {
    sqlx::any::install_default_drivers();
    let preamble = preamble(engine, options);
    let pool = AnyPoolOptions::new()
        .max_connections(options.connections)
        .acquire_timeout(options.patience)
        .after_connect(move |connection, _| {
            let preamble = preamble.clone();
            Box::pin(async move {
                sqlx::raw_sql(sqlx::AssertSqlSafe(preamble)).execute(connection).await?;
                Ok(())
            })
        });
    pool.connect(url).await.map_err(|source| match source {
        sqlx::Error::Configuration(_) => OpenError::Url(source),
        source => OpenError::Unreachable { engine, source },
    })
}

/// What is said on each connection first.
fn preamble(engine: Engine, options: &DatabaseOptions) -> String {
    match engine {
        Engine::Sqlite => format!("{}{RULES}", pragmas(options.patience)),
        Engine::Postgres => format!(
            "SET statement_timeout = {}; SET idle_in_transaction_session_timeout = '60s'; SET search_path = public",
            options.statement.as_millis()
        ),
    }
}

/// How an embedded database is used: readers and the writer side by side, and what was committed survives a loss of power.
pub(crate) fn pragmas(patience: Duration) -> String {
    format!(
        "PRAGMA busy_timeout = {}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA recursive_triggers = OFF;\n",
        patience.as_millis()
    )
}
