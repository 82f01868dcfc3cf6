//! The embedded database as a file.

use palisade_database::{
    Caller, Database, DatabaseOptions, OpenError, PageText, Pages, VfsMounts, Visibility,
};
use sqlx::Connection as _;

const TEXT: PageText<'_> =
    PageText { slug: "plans", title: "Plans", body: "", visibility: Visibility::Private };

#[tokio::test]
async fn it_is_made_where_there_is_none_and_is_there_the_next_time() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("palisade.db").display());
    let database = Database::open(&url, &DatabaseOptions::new()).await.unwrap();
    let mut alice = database.act_as(Caller::user("alice")).await.unwrap();
    alice.write_page("1", TEXT).await.unwrap();
    alice.commit().await.unwrap();
    database.close().await;
    let database = Database::open(&url, &DatabaseOptions::new()).await.unwrap();
    let mut alice = database.read_as(Caller::user("alice")).await.unwrap();
    assert_eq!(alice.page("1").await.unwrap().slug, "plans");
    // Nothing was to be brought up to date, so nothing was copied.
    let copies = std::fs::read_dir(folder.path())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains("before"));
    assert_eq!(copies.count(), 0);
}

#[tokio::test]
async fn one_of_an_earlier_version_is_copied_and_brought_up_to_date_with_all_that_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("palisade.db").display());
    let database = Database::open(&url, &DatabaseOptions::new()).await.unwrap();
    let mut alice = database.act_as(Caller::user("alice")).await.unwrap();
    alice.write_page("1", TEXT).await.unwrap();
    alice.commit().await.unwrap();
    database.close().await;
    let mut connection = sqlx::AnyConnection::connect(&url).await.unwrap();
    let earlier = "DROP TABLE _vfs_changes; DROP TABLE _vfs_files; DROP TABLE _vfs_rules; DROP TABLE _vfs_mounts; DROP TABLE _vfs_orphans;
        DELETE FROM _revisions WHERE name = 'vfs'; DELETE FROM _sqlx_migrations WHERE version >= 5";
    sqlx::raw_sql(earlier).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();

    let database = Database::open(&url, &DatabaseOptions::new()).await.unwrap();
    let mut alice = database.read_as(Caller::user("alice")).await.unwrap();
    assert_eq!(alice.page("1").await.unwrap().slug, "plans");
    let mut service = database.read_as(Caller::service()).await.unwrap();
    assert!(service.mounts(None, 9).await.unwrap().is_empty());
    let copies = std::fs::read_dir(folder.path())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains("before"));
    assert_eq!(copies.count(), 1);
}

#[tokio::test]
async fn what_is_no_database_or_of_a_later_version_is_an_error_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    let notes = "not a database, but somebody's notes".repeat(40);
    std::fs::write(&path, &notes).unwrap();
    let opened =
        Database::open(&format!("sqlite:{}", path.display()), &DatabaseOptions::new()).await;
    assert!(opened.is_err());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), notes);
}

#[tokio::test]
async fn an_error_of_a_url_names_what_is_allowed() {
    let opened = Database::open("mysql://localhost/x", &DatabaseOptions::new()).await;
    assert!(matches!(opened, Err(OpenError::UnknownScheme)));
    assert_eq!(
        opened.unwrap_err().to_string(),
        "a database URL begins with `sqlite:` or `postgres:`"
    );
    let opened =
        Database::open("postgres://app@127.0.0.1:1/palisade", &DatabaseOptions::new()).await;
    let told = opened.unwrap_err().to_string();
    assert_eq!(told, "PostgreSQL does not answer: is it running, and does the URL name it?");
}
