//! The server's database: a file by itself, or a PostgreSQL that its operator names.

use std::fs;

use palisade_test_support::PostgresServer;
use serde_json::Value;
use tempfile::tempdir;

use crate::server::{Server, run, until};

fn database_of(server: &Server) -> Value {
    let ready: Value = server.get("/readyz").json().unwrap();
    ready["parts"]["database"].clone()
}

#[test]
fn with_nothing_set_there_is_a_database_that_its_owner_alone_may_read() {
    let server = Server::start(&[]);
    assert_eq!(database_of(&server), "ok");
    let folder = server.stop();
    let file = folder.path().join("data/palisade.db");
    assert!(fs::read(&file).unwrap().starts_with(b"SQLite format 3\0"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let other = Server::start_in(folder, &[]);
    assert_eq!(database_of(&other), "ok", "it starts on what is there");
}

#[test]
fn check_config_makes_no_database_and_tells_where_one_would_be() {
    let folder = tempdir().unwrap();
    let (fine, told, errors) = run(folder.path(), &["check-config"], &[]);
    assert!(fine && told.contains("database: data/palisade.db\n"), "{told}{errors}");
    assert!(!folder.path().join("data").exists());
}

#[test]
fn d2_a_role_that_passes_by_the_rules_is_refused_by_the_start_and_by_check_config() {
    let postgres = PostgresServer::start();
    let folder = tempdir().unwrap();
    let owner = postgres.url("owner");
    let migrate_url = ("DATABASE_MIGRATE_URL", &*owner);
    let (fine, told, errors) =
        run(folder.path(), &["migrate"], &[("DATABASE_URL", &owner), migrate_url]);
    assert!(fine && told.contains("up to date"), "{told}{errors}");
    for (role, fault) in [("owner", "owns tables"), ("root", "superuser")] {
        for command in ["serve", "check-config"] {
            let (fine, _, errors) =
                run(folder.path(), &[command], &[("DATABASE_URL", &postgres.url(role))]);
            assert!(!fine && errors.contains(fault), "{command} as {role}: {errors}");
            assert!(errors.starts_with("palisade-server: DATABASE_URL: "), "{errors}");
            assert_eq!(errors.lines().count(), 1, "{errors}");
        }
    }
}

#[test]
fn a_postgres_whose_tables_are_of_no_version_is_refused_with_the_fix_and_the_owner_mends_it() {
    let mut postgres = PostgresServer::start();
    let folder = tempdir().unwrap();
    let (app, owner) = postgres.urls_of_server();
    let (fine, _, errors) = run(folder.path(), &["serve"], &[("DATABASE_URL", &app)]);
    assert!(!fine && errors.contains("DATABASE_MIGRATE_URL"), "{errors}");

    let both = [("DATABASE_URL", &*app), ("DATABASE_MIGRATE_URL", &*owner)];
    let (fine, told, errors) = run(folder.path(), &["check-config"], &both);
    assert!(fine && told.contains("brings up to date"), "{told}{errors}");
    let server = Server::start(&both);
    assert_eq!(database_of(&server), "ok");
    postgres.stop();
    until("the database is missed", || server.get("/readyz").status() == 503);
    assert_eq!(database_of(&server), "degraded");
    assert_eq!(server.get("/api/feed").status(), 200, "what needs none goes on");
    postgres.restart();
    until("it is back", || server.get("/readyz").status() == 200);
    let log = server.log();
    assert!(log.contains("database.down") && log.contains("database.up"), "{log}");
    assert!(!server.folder.path().join("data/palisade.db").exists());
}
