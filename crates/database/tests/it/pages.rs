//! Content, and whom it is shared with.

use palisade_database::{
    CollaboratorRole::{Editor, Viewer},
    DatabaseError, PageCollaborators, PageText, Pages, Visibility,
};

use crate::world::{World, both};

const TEXT: PageText<'_> =
    PageText { slug: "plans", title: "Plans", body: "one", visibility: Visibility::Private };

/// Alice's page, which Victor views and Eve edits.
async fn shared(world: &World) {
    let mut alice = world.user("alice").await;
    alice.write_page("1", TEXT).await.unwrap();
    alice.share("1", "victor", Viewer).await.unwrap();
    alice.share("1", "eve", Viewer).await.unwrap();
    alice.share("1", "eve", Editor).await.unwrap();
    alice.commit().await.unwrap();
}

#[tokio::test]
async fn viewers_read_editors_edit_and_owners_share_and_remove() {
    both(async |world| {
        shared(world).await;
        let new = PageText { body: "two", ..TEXT };
        for (who, reads, edits, shares) in [
            ("alice", true, true, true),
            ("eve", true, true, false),
            ("victor", true, false, false),
            ("mallory", false, false, false),
        ] {
            assert_eq!(world.user(who).await.page("1").await.is_ok(), reads, "{who} reads");
            let edited = world.user(who).await.edit_page("1", new).await;
            assert_eq!(edited.is_ok(), edits, "{who} edits: {edited:?}");
            let given = world.user(who).await.share("1", "mallory", Editor).await;
            assert_eq!(given.is_ok(), shares, "{who} shares: {given:?}");
            let raised = world.user(who).await.share("1", who, Editor).await;
            assert_eq!(raised.is_ok(), shares, "{who} raises himself: {raised:?}");
            let removed = world.user(who).await.remove_page("1").await;
            assert_eq!(removed.is_ok(), shares, "{who} removes: {removed:?}");
            let refusal = if reads { "Denied" } else { "NotFound" };
            for refused in [edited.err(), given.err(), removed.err()].into_iter().flatten() {
                assert_eq!(format!("{refused:?}"), refusal, "{who}");
            }
        }
        assert!(world.nobody().await.pages(None, 9).await.unwrap().is_empty());
        // To publish is to share with everybody.
        let published = PageText { visibility: Visibility::Published, ..TEXT };
        let shown = world.user("eve").await.edit_page("1", published).await;
        assert!(matches!(shown, Err(DatabaseError::Denied)), "{shown:?}");
        let mut admin = world.admin().await;
        assert_eq!(admin.page("1").await.unwrap().body, "one");
        let edited = admin.edit_page("1", new).await;
        assert!(matches!(edited, Err(DatabaseError::Denied)), "{edited:?}");
    })
    .await;
}

#[tokio::test]
async fn what_is_published_is_read_by_all_and_edited_by_nobody_else() {
    both(async |world| {
        shared(world).await;
        let mut alice = world.user("alice").await;
        alice.edit_page("1", PageText { visibility: Visibility::Published, ..TEXT }).await.unwrap();
        alice.commit().await.unwrap();
        assert!(world.nobody().await.page("1").await.unwrap().published);
        assert!(world.user("mallory").await.page("1").await.is_ok());
        let edited = world.user("mallory").await.edit_page("1", TEXT).await;
        assert!(matches!(edited, Err(DatabaseError::Denied)), "{edited:?}");
        let edited = world.nobody().await.edit_page("1", TEXT).await;
        assert!(matches!(edited, Err(DatabaseError::Denied)), "{edited:?}");
    })
    .await;
}

#[tokio::test]
async fn a_viewer_leaves_by_himself_and_lets_go_nobody_else() {
    both(async |world| {
        shared(world).await;
        let seen = world.user("victor").await.collaborators("1").await.unwrap();
        assert_eq!(seen, [("victor".to_owned(), Viewer)]);
        let both_of_them = [("eve".to_owned(), Editor), ("victor".to_owned(), Viewer)];
        assert_eq!(world.user("eve").await.collaborators("1").await.unwrap(), both_of_them);
        let denied = world.user("eve").await.unshare("1", "victor").await;
        assert!(matches!(denied, Err(DatabaseError::Denied)), "{denied:?}");
        let mut victor = world.user("victor").await;
        assert!(!victor.unshare("1", "eve").await.unwrap());
        assert!(victor.unshare("1", "victor").await.unwrap());
        assert!(matches!(victor.page("1").await, Err(DatabaseError::NotFound)));
        victor.commit().await.unwrap();
        assert!(!world.user("alice").await.unshare("1", "victor").await.unwrap());
        assert!(world.user("alice").await.unshare("1", "eve").await.unwrap());
    })
    .await;
}

#[tokio::test]
async fn v6_ids_and_slugs_that_look_alike_are_different() {
    both(async |world| {
        let mut alice = world.user("alice").await;
        for (id, slug) in [("a", "x"), ("A", "X"), ("\u{e5}", "\u{e5}"), ("a\u{30a}", "a\u{30a}")] {
            alice.write_page(id, PageText { slug, ..TEXT }).await.unwrap();
        }
        alice.commit().await.unwrap();
        assert_eq!(world.user("alice").await.pages(None, 9).await.unwrap().len(), 4);
        assert!(world.user("Alice").await.pages(None, 9).await.unwrap().is_empty());
        assert!(world.user("alice ").await.pages(None, 9).await.unwrap().is_empty());
    })
    .await;
}
