//! Users and roles.

use palisade_database::{DatabaseError, UserRow, Users};

use crate::world::both;

fn names(users: &[UserRow]) -> Vec<&str> {
    users.iter().map(|user| user.id.as_str()).collect()
}

#[tokio::test]
async fn an_admin_keeps_users_and_roles_and_everybody_sees_himself() {
    both(async |world| {
        let mut admin = world.admin().await;
        for id in ["alice", "bob", "carol"] {
            admin.know_user(id).await.unwrap();
        }
        // Twice is once.
        admin.know_user("alice").await.unwrap();
        let roles = ["editor".to_owned(), "admin".to_owned(), "editor".to_owned()];
        admin.replace_roles("alice", &roles).await.unwrap();
        admin.disable_user("bob").await.unwrap();
        admin.commit().await.unwrap();

        let mut admin = world.admin().await;
        let first = admin.users(None, 2).await.unwrap();
        assert_eq!(names(&first), ["alice", "bob"]);
        assert_eq!(first[0].roles, ["admin", "editor"]);
        assert!(first[1].disabled_at.is_some());
        assert_eq!(names(&admin.users(Some("bob"), 2).await.unwrap()), ["carol"]);
        admin.enable_user("bob").await.unwrap();
        assert_eq!(admin.user("bob").await.unwrap().unwrap().disabled_at, None);
        admin.roll_back().await.unwrap();

        let mut alice = world.user("alice").await;
        assert_eq!(names(&alice.users(None, 9).await.unwrap()), ["alice"]);
        assert_eq!(alice.user("bob").await.unwrap(), None);
        assert_eq!(alice.user("alice").await.unwrap().unwrap().roles, ["admin", "editor"]);
        drop(alice);
        assert!(world.nobody().await.users(None, 9).await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn nobody_but_an_admin_gives_himself_a_role() {
    both(async |world| {
        let mut admin = world.admin().await;
        admin.know_user("alice").await.unwrap();
        admin.commit().await.unwrap();

        let role = ["admin".to_owned()];
        let taken = world.user("alice").await.replace_roles("alice", &role).await;
        assert!(matches!(taken, Err(DatabaseError::Denied)), "{taken:?}");
        let taken = world.user("alice").await.enable_user("alice").await;
        assert!(matches!(taken, Err(DatabaseError::Denied)), "{taken:?}");
        let taken = world.user("mallory").await.know_user("mallory").await;
        assert!(matches!(taken, Err(DatabaseError::Denied)), "{taken:?}");
        let taken = world.user("mallory").await.forget_user("alice").await;
        assert!(matches!(taken, Ok(false)), "{taken:?}");
        assert!(world.admin().await.user("alice").await.unwrap().unwrap().roles.is_empty());
    })
    .await;
}

#[tokio::test]
async fn every_change_of_users_is_counted_for_those_who_keep_them_in_memory() {
    both(async |world| {
        let before = world.service().await.users_revision().await.unwrap();
        let mut admin = world.admin().await;
        admin.know_user("alice").await.unwrap();
        admin.commit().await.unwrap();
        let known = world.service().await.users_revision().await.unwrap();
        assert!(known > before, "{known} > {before}");
        let mut admin = world.admin().await;
        admin.replace_roles("alice", &["editor".to_owned()]).await.unwrap();
        admin.commit().await.unwrap();
        let given = world.service().await.users_revision().await.unwrap();
        assert!(given > known, "{given} > {known}");
        let mut admin = world.admin().await;
        assert!(admin.forget_user("alice").await.unwrap());
        assert!(!admin.forget_user("alice").await.unwrap());
        admin.commit().await.unwrap();
        assert!(world.service().await.users_revision().await.unwrap() > given);
        // It is nobody else's to read.
        assert!(world.user("alice").await.users_revision().await.is_err());
    })
    .await;
}
