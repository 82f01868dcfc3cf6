//! API keys: kept by admins, read by the service, and nobody else's to see.

use palisade_database::{ApiKeyRow, ApiKeys, DatabaseError};

use crate::world::both;

const ID: &str = "4kq0v7m2x9rt";

fn row(body: &str, revision: i64) -> ApiKeyRow {
    ApiKeyRow { id: ID.to_owned(), body: body.to_owned(), revision, last_used: None }
}

#[tokio::test]
async fn an_admin_keeps_keys_and_every_change_is_counted_but_not_a_use() {
    both(async |world| {
        let before = world.service().await.api_keys_revision().await.unwrap();
        let mut admin = world.admin().await;
        admin.put_api_key(&row("one", 1)).await.unwrap();
        admin.commit().await.unwrap();
        let made = world.service().await.api_keys_revision().await.unwrap();
        assert!(made > before);
        let mut admin = world.admin().await;
        admin.put_api_key(&row("two", 2)).await.unwrap();
        admin.commit().await.unwrap();
        let changed = world.service().await.api_keys_revision().await.unwrap();
        assert!(changed > made);

        let mut service = world.service().await;
        for (noted, kept) in [(5, 5), (9, 9), (7, 9)] {
            service.note_api_key_use(ID, noted).await.unwrap();
            let keys = service.api_keys(None, 10).await.unwrap();
            assert_eq!(keys, [ApiKeyRow { last_used: Some(kept), ..row("two", 2) }]);
        }
        service.commit().await.unwrap();
        let mut service = world.service().await;
        assert_eq!(service.api_keys_revision().await.unwrap(), changed, "a use is no change");
        assert!(service.api_keys(Some(ID), 10).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn of_two_changes_of_one_key_the_second_is_refused() {
    both(async |world| {
        let mut admin = world.admin().await;
        admin.put_api_key(&row("one", 1)).await.unwrap();
        admin.put_api_key(&row("disabled", 2)).await.unwrap();
        admin.commit().await.unwrap();
        for late in [row("made", 1), row("rotated", 2), row("rotated", 4)] {
            let refused = world.admin().await.put_api_key(&late).await;
            assert!(matches!(refused, Err(DatabaseError::Conflict)), "{late:?}: {refused:?}");
        }
        let keys = world.service().await.api_keys(None, 10).await.unwrap();
        assert_eq!(keys, [row("disabled", 2)]);
    })
    .await;
}

#[tokio::test]
async fn w5_nobody_but_admins_and_the_service_sees_or_makes_a_key() {
    both(async |world| {
        let mut admin = world.admin().await;
        admin.put_api_key(&row("one", 1)).await.unwrap();
        admin.commit().await.unwrap();
        for mut other in [world.user("alice").await] {
            assert!(other.api_keys(None, 10).await.unwrap().is_empty());
            other.note_api_key_use(ID, 5).await.unwrap();
            let put = other.put_api_key(&row("two", 2)).await;
            assert!(matches!(put, Err(DatabaseError::Denied)), "{put:?}");
            other.commit().await.unwrap();
        }
        let put = world.nobody().await.put_api_key(&row("two", 2)).await;
        assert!(matches!(put, Err(DatabaseError::Denied)), "{put:?}");
        let wrong = ApiKeyRow { id: "no id".to_owned(), ..row("one", 1) };
        let put = world.admin().await.put_api_key(&wrong).await;
        assert!(matches!(put, Err(DatabaseError::Invalid)), "{put:?}");
        assert_eq!(world.admin().await.api_keys(None, 10).await.unwrap(), [row("one", 1)]);
    })
    .await;
}
