//! The same database twice: embedded, and on a PostgreSQL of the test's own.

use palisade_database::{Act, Caller, Database, DatabaseOptions};
use palisade_test_support::PostgresServer;
use sqlx::Connection as _;
use tempfile::TempDir;

/// A database with what must outlive it.
pub(crate) struct World {
    pub(crate) database: Database,
    pub(crate) postgres: Option<PostgresServer>,
    _folder: TempDir,
}

/// Alice and Bob are users, Root is an admin.
pub(crate) async fn both(behaves: impl AsyncFn(&World)) {
    both_by(DatabaseOptions::new, behaves).await;
}

/// The same with these options, made for each.
pub(crate) async fn both_by(options: impl Fn() -> DatabaseOptions, behaves: impl AsyncFn(&World)) {
    let embedded = World::embedded_by(&options()).await;
    behaves(&embedded).await;
    let served = World::served_by(PostgresServer::start(), &options()).await;
    behaves(&served).await;
    served.database.close().await;
}

impl World {
    pub(crate) async fn embedded() -> Self {
        Self::embedded_by(&DatabaseOptions::new()).await
    }

    async fn embedded_by(options: &DatabaseOptions) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("palisade.db").display());
        let database = Database::open(&url, options).await.unwrap();
        Self { database, postgres: None, _folder: folder }
    }

    pub(crate) async fn served() -> Self {
        Self::served_by(PostgresServer::start(), &DatabaseOptions::new()).await
    }

    pub(crate) async fn served_by(postgres: PostgresServer, options: &DatabaseOptions) -> Self {
        Database::migrate(&postgres.url("owner"), options).await.unwrap();
        postgres.run("owner", "CREATE ROLE app LOGIN IN ROLE palisade_runtime").unwrap();
        let database = Database::open(&postgres.url("app"), options).await.unwrap();
        Self { database, postgres: Some(postgres), _folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) async fn user(&self, id: &str) -> Act {
        self.database.act_as(Caller::user(id)).await.unwrap()
    }

    /// The user with this id, as an admin for a while.
    pub(crate) async fn elevated(&self, id: &str, elevation: &str) -> Act {
        self.database.act_as(Caller::elevated(id, elevation)).await.unwrap()
    }

    pub(crate) async fn admin(&self) -> Act {
        self.database.act_as(Caller::admin("root")).await.unwrap()
    }

    pub(crate) async fn service(&self) -> Act {
        self.database.act_as(Caller::service()).await.unwrap()
    }

    pub(crate) async fn nobody(&self) -> Act {
        self.database.act_as(Caller::nobody()).await.unwrap()
    }

    /// Runs statements past the rules, as whoever owns the tables can.
    pub(crate) async fn past_the_rules(&self, sqlite: &str, postgres: &str) {
        if let Some(server) = &self.postgres {
            server.run("root", postgres).unwrap();
            return;
        }
        let url = format!("sqlite:{}", self._folder.path().join("palisade.db").display());
        let mut connection = sqlx::AnyConnection::connect(&url).await.unwrap();
        let statements = sqlx::AssertSqlSafe(sqlite.to_owned());
        sqlx::raw_sql(statements).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }
}
