//! Why a database was not opened: for an operator, with the fix.

use crate::Engine;

/// Why a database was not opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The URL names no engine that is known.
    #[error("a database URL begins with `sqlite:` or `postgres:`")]
    UnknownScheme,
    /// The URL is not one, or its parts contradict each other.
    #[error("the database URL is not understood")]
    Url(#[source] sqlx::Error),
    /// It does not answer.
    #[error("{engine} does not answer: is it running, and does the URL name it?")]
    Unreachable {
        /// Which engine.
        engine: Engine,
        /// What its driver says.
        #[source]
        source: sqlx::Error,
    },
    /// A migration failed; the database is as it was.
    #[error("the database could not be brought up to date; it is as it was")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// A copy was to be made before a migration.
    #[error("no copy of the database could be made at `{path}`, so it was not brought up to date")]
    Backup {
        /// Where.
        path: String,
        /// What the driver says.
        #[source]
        source: sqlx::Error,
    },
    /// The tables are of an earlier version, and this role may not change them.
    #[error("the database is not up to date: run `migrate` as the owner of its tables")]
    OutOfDate,
    /// The role passes by the rules.
    #[error("the database role `{role}` {fault}: row-level security would not hold for it. {fix}")]
    UnsafeRole {
        /// Its name.
        role: String,
        /// What is wrong with it.
        fault: &'static str,
        /// What to do.
        fix: &'static str,
    },
    /// A table is not guarded.
    #[error("the table `{table}` {fault}: run `migrate` as the owner of the tables")]
    UnguardedTable {
        /// Its name.
        table: String,
        /// What is wrong with it.
        fault: &'static str,
    },
}
