//! The tables, version by version, in both engines.

use std::path::{Path, PathBuf};

use sqlx::{
    AnyConnection, AnyPool, AssertSqlSafe, Connection, SqlSafeStr, SqlStr,
    migrate::{Migrate, MigrateError, Migration, MigrationType, Migrator},
};

use crate::{DatabaseOptions, Engine, OpenError, act::milliseconds, database::pragmas};

/// The newest version.
const NEWEST: i64 = 6;

/// A version: its number, what it brings, and how each engine says it.
struct Version {
    number: i64,
    brings: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

const VERSIONS: &[Version] = &[
    Version {
        number: 1,
        brings: "users, secrets, content and organisations",
        sqlite: include_str!("migrations/sqlite_1.sql"),
        postgres: include_str!("migrations/postgres_1.sql"),
    },
    Version {
        number: 2,
        brings: "orders",
        sqlite: include_str!("migrations/sqlite_2.sql"),
        postgres: include_str!("migrations/postgres_2.sql"),
    },
    Version {
        number: 3,
        brings: "API keys, sign-outs and tickets",
        sqlite: include_str!("migrations/sqlite_3.sql"),
        postgres: include_str!("migrations/postgres_3.sql"),
    },
    Version {
        number: 4,
        brings: "admin rights for a while",
        sqlite: include_str!("migrations/sqlite_4.sql"),
        postgres: include_str!("migrations/postgres_4.sql"),
    },
    Version {
        number: 5,
        brings: "mounts, rules and files of the virtual file system",
        sqlite: include_str!("migrations/sqlite_5.sql"),
        postgres: include_str!("migrations/postgres_5.sql"),
    },
    Version {
        number: 6,
        brings: "which rules of files changed",
        sqlite: include_str!("migrations/sqlite_6.sql"),
        postgres: include_str!("migrations/postgres_6.sql"),
    },
];

/// Brings an embedded database up to date, after a copy was made where there is something to lose.
pub(crate) async fn of_sqlite(url: &str, options: &DatabaseOptions) -> Result<(), OpenError> {
    sqlx::any::install_default_drivers();
    let mut connection = connect(&creating(url), Engine::Sqlite).await?;
    let pragmas = AssertSqlSafe(pragmas(options.patience));
    sqlx::raw_sql(pragmas).execute(&mut connection).await.map_err(OpenError::Url)?;
    let migrator = migrator(|version| version.sqlite);
    if let (Some(path), Some(version)) = (path(url), version(&mut connection).await)
        && version < NEWEST
    {
        let now = milliseconds(options.clock.now().wall());
        copy(&mut connection, &path.with_added_extension(format!("before-{NEWEST}-{now}"))).await?;
    }
    run(&migrator, connection).await
}

/// Brings PostgreSQL up to date, as the owner of the tables.
pub(crate) async fn of_postgres(url: &str) -> Result<(), OpenError> {
    sqlx::any::install_default_drivers();
    let mut connection = connect(url, Engine::Postgres).await?;
    let migrator = migrator(|version| version.postgres);
    migrator.run(&mut connection).await.map_err(OpenError::Migration)?;
    // The server looks how far they are.
    let readable = sqlx::raw_sql("GRANT SELECT ON _sqlx_migrations TO palisade_runtime");
    readable.execute(&mut connection).await.map_err(|error| OpenError::Migration(error.into()))?;
    drop(connection.close().await);
    Ok(())
}

/// Fails unless the newest version was applied, and no later one.
pub(crate) async fn are_applied(pool: &AnyPool) -> Result<(), OpenError> {
    let newest = sqlx::query_scalar("SELECT max(version) FROM _sqlx_migrations WHERE success");
    match newest.fetch_one(pool).await {
        Ok(Some(NEWEST)) => Ok(()),
        Ok(Some(later)) if later > NEWEST => {
            Err(OpenError::Migration(MigrateError::VersionMissing(later)))
        }
        Ok(_) | Err(sqlx::Error::Database(_)) => Err(OpenError::OutOfDate),
        Err(source) => Err(OpenError::Unreachable { engine: Engine::Postgres, source }),
    }
}

async fn run(migrator: &Migrator, mut connection: AnyConnection) -> Result<(), OpenError> {
    migrator.run(&mut connection).await.map_err(OpenError::Migration)?;
    drop(connection.close().await);
    Ok(())
}

async fn connect(url: &str, engine: Engine) -> Result<AnyConnection, OpenError> {
    AnyConnection::connect(url).await.map_err(|source| match source {
        sqlx::Error::Configuration(_) => OpenError::Url(source),
        source => OpenError::Unreachable { engine, source },
    })
}

fn migrator(text: impl Fn(&Version) -> &'static str) -> Migrator {
    let migrations = VERSIONS.iter().map(|version| {
        let sql: SqlStr = text(version).into_sql_str();
        let Version { number, brings, .. } = version;
        Migration::new(*number, (*brings).into(), MigrationType::Simple, sql, false)
    });
    Migrator::with_migrations(migrations.collect())
}

/// The version of a database that has one.
async fn version(connection: &mut AnyConnection) -> Option<i64> {
    let applied = connection.list_applied_migrations("_sqlx_migrations").await.ok()?;
    applied.iter().map(|migration| migration.version).max()
}

async fn copy(connection: &mut AnyConnection, path: &Path) -> Result<(), OpenError> {
    let path = path.display().to_string();
    let copied = sqlx::query("VACUUM INTO $1").bind(path.clone()).execute(connection).await;
    copied.map(drop).map_err(|source| OpenError::Backup { path, source })
}

/// The URL, with leave to make the file where nothing was said of it.
fn creating(url: &str) -> String {
    match url.split_once('?') {
        None => format!("{url}?mode=rwc"),
        Some((_, query)) if query.contains("mode=") => url.to_owned(),
        Some(_) => format!("{url}&mode=rwc"),
    }
}

/// The file that a URL names, unless it is in memory.
fn path(url: &str) -> Option<PathBuf> {
    let rest = url.strip_prefix("sqlite:")?;
    let path = rest.strip_prefix("//").unwrap_or(rest).split('?').next()?;
    (!path.is_empty() && path != ":memory:").then(|| PathBuf::from(path))
}
