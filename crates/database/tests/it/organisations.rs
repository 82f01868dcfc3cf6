//! Organisations, their members, and requests that are narrowed to one.

use palisade_database::{DatabaseError, MemberRole, Organisations, PageText, Pages, Visibility};

use crate::world::{World, both};

const TEXT: PageText<'_> =
    PageText { slug: "plans", title: "Plans", body: "", visibility: Visibility::Private };

/// Acme is Alice's, with Bob as its admin and Carol as a member; Globex is Mallory's.
async fn founded(world: &World) {
    let mut alice = world.user("alice").await;
    alice.found("1", "acme", "Acme").await.unwrap();
    alice.put_member("1", "bob", MemberRole::Admin).await.unwrap();
    alice.put_member("1", "carol", MemberRole::Member).await.unwrap();
    alice.commit().await.unwrap();
    let mut mallory = world.user("mallory").await;
    mallory.found("2", "globex", "Globex").await.unwrap();
    mallory.commit().await.unwrap();
}

#[tokio::test]
async fn members_see_theirs_and_admins_see_all() {
    both(async |world| {
        founded(world).await;
        let slugs = async |mut act: palisade_database::Act| -> Vec<String> {
            act.organisations().await.unwrap().into_iter().map(|found| found.slug).collect()
        };
        assert_eq!(slugs(world.user("carol").await).await, ["acme"]);
        assert_eq!(slugs(world.user("mallory").await).await, ["globex"]);
        assert_eq!(slugs(world.admin().await).await, ["acme", "globex"]);
        assert!(slugs(world.user("dave").await).await.is_empty());
        assert!(slugs(world.nobody().await).await.is_empty());
        assert_eq!(world.user("carol").await.members("1").await.unwrap().len(), 3);
        assert!(world.user("mallory").await.members("1").await.unwrap().is_empty());
        assert_eq!(world.user("bob").await.own_role("1").await.unwrap(), Some(MemberRole::Admin));
        assert_eq!(world.user("bob").await.own_role("2").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn owners_say_who_belongs_and_admins_take_in_plain_members() {
    both(async |world| {
        founded(world).await;
        let mut bob = world.user("bob").await;
        bob.put_member("1", "dave", MemberRole::Member).await.unwrap();
        bob.commit().await.unwrap();
        for (who, whom, role) in [
            ("bob", "erin", MemberRole::Admin),
            ("bob", "bob", MemberRole::Owner),
            ("carol", "erin", MemberRole::Member),
            ("carol", "carol", MemberRole::Admin),
            ("mallory", "mallory", MemberRole::Owner),
            ("mallory", "carol", MemberRole::Member),
        ] {
            let put = world.user(who).await.put_member("1", whom, role).await;
            assert!(
                matches!(put, Err(DatabaseError::Denied | DatabaseError::Conflict)),
                "{who} {whom}: {put:?}"
            );
        }
        let put = world.admin().await.put_member("1", "root", MemberRole::Owner).await;
        assert!(matches!(put, Err(DatabaseError::Denied)), "{put:?}");
        let removed = world.user("carol").await.remove_member("1", "bob").await;
        assert!(matches!(removed, Err(DatabaseError::Denied)), "{removed:?}");
        assert!(world.user("carol").await.remove_member("1", "carol").await.unwrap());
        let closed = world.user("bob").await.close_organisation("1").await;
        assert!(matches!(closed, Err(DatabaseError::Denied)), "{closed:?}");
        let closed = world.user("mallory").await.close_organisation("1").await;
        assert!(matches!(closed, Err(DatabaseError::NotFound)), "{closed:?}");
        world.user("alice").await.close_organisation("1").await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_organisation_always_has_an_owner() {
    both(async |world| {
        founded(world).await;
        let left = world.user("alice").await.remove_member("1", "alice").await;
        assert!(matches!(left, Err(DatabaseError::Conflict)), "{left:?}");
        let made = world.user("alice").await.put_member("1", "alice", MemberRole::Member).await;
        assert!(matches!(made, Err(DatabaseError::Conflict)), "{made:?}");
        let mut alice = world.user("alice").await;
        alice.put_member("1", "bob", MemberRole::Owner).await.unwrap();
        assert!(alice.remove_member("1", "alice").await.unwrap());
        alice.commit().await.unwrap();
        assert_eq!(world.user("bob").await.own_role("1").await.unwrap(), Some(MemberRole::Owner));
        // Who founded it has no way back, and knows of it no more than anybody else.
        assert!(world.user("alice").await.organisations().await.unwrap().is_empty());
        let narrowed = world.user("alice").await.narrow("acme").await;
        assert!(matches!(narrowed, Err(DatabaseError::NotFound)), "{narrowed:?}");
        let back = world.user("alice").await.put_member("1", "alice", MemberRole::Owner).await;
        assert!(matches!(back, Err(DatabaseError::Denied)), "{back:?}");
    })
    .await;
}

#[tokio::test]
async fn d3_a_slug_that_is_not_the_callers_answers_as_one_that_is_nobodys() {
    both(async |world| {
        founded(world).await;
        for slug in ["globex", "nobody", "ACME", "acme ", "аcme", "acme\u{200b}", "", "acme%"] {
            let narrowed = world.user("carol").await.narrow(slug).await;
            assert!(matches!(narrowed, Err(DatabaseError::NotFound)), "{slug:?}: {narrowed:?}");
        }
        // As an admin of one organisation nobody is an admin of another.
        assert!(world.user("bob").await.narrow("globex").await.is_err());
        world.user("carol").await.narrow("acme").await.unwrap();
        world.admin().await.narrow("globex").await.unwrap();
        assert!(world.nobody().await.narrow("acme").await.is_err());
    })
    .await;
}

#[tokio::test]
async fn d3_a_request_for_one_organisation_meets_nothing_of_another() {
    both(async |world| {
        founded(world).await;
        for (who, slug, id) in [
            ("alice", Some("acme"), "a"),
            ("carol", Some("acme"), "c"),
            ("mallory", Some("globex"), "m"),
            ("carol", None, "own"),
        ] {
            let mut act = world.user(who).await;
            if let Some(slug) = slug {
                act.narrow(slug).await.unwrap();
            }
            act.write_page(id, PageText { slug: id, ..TEXT }).await.unwrap();
            act.commit().await.unwrap();
        }
        let seen = async |mut act: palisade_database::Act, slug: &str| -> Vec<String> {
            act.narrow(slug).await.unwrap();
            act.pages(None, 9).await.unwrap().into_iter().map(|page| page.id).collect()
        };
        // A member his own, who runs it all of it, an admin all of it and nothing else.
        assert_eq!(seen(world.user("carol").await, "acme").await, ["c"]);
        assert_eq!(seen(world.user("bob").await, "acme").await, ["a", "c"]);
        assert_eq!(seen(world.admin().await, "acme").await, ["a", "c"]);
        assert_eq!(seen(world.admin().await, "globex").await, ["m"]);
        let mut narrowed = world.user("carol").await;
        narrowed.narrow("acme").await.unwrap();
        let edited = narrowed.edit_page("own", TEXT).await;
        drop(narrowed);
        assert!(matches!(edited, Err(DatabaseError::NotFound)), "{edited:?}");
        // An admin reads, and does not write.
        let edited = world.admin().await.edit_page("c", TEXT).await;
        assert!(matches!(edited, Err(DatabaseError::Denied)), "{edited:?}");
        let removed = world.user("bob").await.remove_page("c").await;
        assert!(matches!(removed, Err(DatabaseError::Denied)), "{removed:?}");
    })
    .await;
}

#[tokio::test]
async fn a_slug_is_lower_case_letters_digits_and_hyphens_and_taken_once() {
    both(async |world| {
        founded(world).await;
        let long = "a".repeat(64);
        for slug in ["", "-a", "a-", "A", "a b", "é", "a/b", long.as_str()] {
            let found = world.user("dave").await.found("3", slug, "x").await;
            assert!(matches!(found, Err(DatabaseError::Invalid)), "{slug:?}: {found:?}");
        }
        let found = world.user("dave").await.found("3", "acme", "x").await;
        assert!(matches!(found, Err(DatabaseError::Conflict)), "{found:?}");
    })
    .await;
}
