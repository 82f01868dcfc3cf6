//! Nothing of a transaction is left that did not end well, and nobody's name.

use palisade_database::{Caller, Database, DatabaseOptions, PageText, Pages, Visibility};

use crate::world::{World, both};

const TEXT: PageText<'_> =
    PageText { slug: "plans", title: "Plans", body: "", visibility: Visibility::Private };

/// One connection, so that whoever comes next has the one that was used before.
async fn narrow_world(behaves: impl AsyncFn(&Database)) {
    let options = DatabaseOptions::new().connections(1);
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("palisade.db").display());
    behaves(&Database::open(&url, &options).await.unwrap()).await;
    let server = palisade_test_support::PostgresServer::start();
    let world = World::served_by(server, &options).await;
    behaves(&world.database).await;
    world.database.close().await;
}

async fn is_nobody(database: &Database, after: &str) {
    let mut next = database.act_as(Caller::nobody()).await.unwrap();
    assert!(next.pages(None, 9).await.unwrap().is_empty(), "{after}");
    next.commit().await.unwrap();
}

#[tokio::test]
async fn d1_a_connection_keeps_nobodys_name_after_an_error_a_hang_up_or_a_panic() {
    narrow_world(async |database| {
        let mut alice = database.act_as(Caller::user("alice")).await.unwrap();
        alice.write_page("1", TEXT).await.unwrap();
        alice.commit().await.unwrap();
        is_nobody(database, "a commit").await;

        let mut alice = database.act_as(Caller::admin("alice")).await.unwrap();
        alice.write_page("1", TEXT).await.unwrap_err();
        drop(alice);
        is_nobody(database, "an error").await;

        let mut alice = database.act_as(Caller::admin("alice")).await.unwrap();
        {
            // Asked, and gone before the answer.
            let mut asked = Box::pin(alice.page("1"));
            let waker = std::task::Waker::noop();
            let _asked = asked.as_mut().poll(&mut std::task::Context::from_waker(waker));
        }
        drop(alice);
        is_nobody(database, "a hang-up").await;

        let panicking = database.clone();
        let ended = tokio::spawn(async move {
            let mut alice = panicking.act_as(Caller::admin("alice")).await.unwrap();
            alice.page("1").await.unwrap();
            panic!("as a handler may");
        });
        assert!(ended.await.unwrap_err().is_panic());
        is_nobody(database, "a panic").await;

        let asking = {
            let database = database.clone();
            tokio::spawn(async move {
                let _alice = database.act_as(Caller::admin("alice")).await;
                std::future::pending::<()>().await;
            })
        };
        tokio::task::yield_now().await;
        asking.abort();
        drop(asking.await);
        is_nobody(database, "a task that was cancelled").await;
    })
    .await;
}

#[tokio::test]
async fn what_was_not_committed_is_not_there() {
    both(async |world| {
        let mut alice = world.user("alice").await;
        alice.write_page("1", TEXT).await.unwrap();
        drop(alice);
        let mut alice = world.user("alice").await;
        alice.write_page("2", TEXT).await.unwrap();
        alice.roll_back().await.unwrap();
        assert!(world.user("alice").await.pages(None, 9).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn whoever_reads_does_not_wait_for_who_writes_and_writes_nothing() {
    both(async |world| {
        let mut writer = world.user("alice").await;
        writer.write_page("1", TEXT).await.unwrap();
        let mut reader = world.database.read_as(Caller::user("alice")).await.unwrap();
        assert!(reader.pages(None, 9).await.unwrap().is_empty());
        drop(reader);
        writer.commit().await.unwrap();
        let mut reader = world.database.read_as(Caller::user("alice")).await.unwrap();
        assert_eq!(reader.pages(None, 9).await.unwrap().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn all_that_is_read_in_one_transaction_is_of_one_moment() {
    both(async |world| {
        let mut reader = world.database.read_as(Caller::user("alice")).await.unwrap();
        assert!(reader.pages(None, 9).await.unwrap().is_empty());
        let mut writer = world.user("alice").await;
        writer.write_page("1", TEXT).await.unwrap();
        writer.commit().await.unwrap();
        assert!(reader.pages(None, 9).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn many_who_write_at_once_all_get_through() {
    both(async |world| {
        let tasks: Vec<_> = (0..40)
            .map(|number| {
                let database = world.database.clone();
                tokio::spawn(async move {
                    let id = number.to_string();
                    let mut act =
                        database.act_as(Caller::user(format!("user-{number}"))).await.unwrap();
                    act.write_page(&id, TEXT).await.unwrap();
                    act.commit().await.unwrap();
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(world.admin().await.pages(None, 99).await.unwrap().len(), 40);
    })
    .await;
}
