//! The embedded database as a file.

use palisade_database::{
    Caller, Database, DatabaseOptions, OpenError, PageText, Pages, Visibility,
};

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
