//! Secrets: one's own, and nobody else's.

use palisade_database::{DatabaseError, SealedSecret, UserSecrets};

use crate::world::both;

fn sealed(bytes: &[u8], revision: i64) -> SealedSecret<'_> {
    SealedSecret {
        name: "openai",
        sealed: bytes,
        last_characters: Some("wxyz"),
        revision,
        key_version: 1,
    }
}

#[tokio::test]
async fn a_secret_is_kept_as_it_was_sealed_and_seen_by_its_owner_alone() {
    both(async |world| {
        let mut alice = world.user("alice").await;
        alice.put_secret(sealed(b"\0one", 1)).await.unwrap();
        alice.commit().await.unwrap();

        let mut alice = world.user("alice").await;
        let (shown, bytes) = alice.secret("openai").await.unwrap().unwrap();
        assert_eq!((shown.revision, bytes.as_slice()), (1, b"\0one".as_slice()));
        assert_eq!(shown.last_characters.as_deref(), Some("wxyz"));
        assert_eq!(alice.secrets().await.unwrap(), [shown]);
        drop(alice);

        {
            let mut other = world.user("bob").await;
            assert!(other.secrets().await.unwrap().is_empty());
            assert!(other.secret("openai").await.unwrap().is_none());
            assert!(!other.remove_secret("openai").await.unwrap());
        }
        assert!(world.admin().await.secret("openai").await.unwrap().is_none());
        // For the service alone: whose list it is makes no difference to whoever else asks for it.
        assert!(world.admin().await.stale_secrets(9, 9).await.unwrap().is_empty());
        assert!(world.user("bob").await.stale_secrets(9, 9).await.unwrap().is_empty());
        let nobody = world.nobody().await.put_secret(sealed(b"", 1)).await;
        assert!(matches!(nobody, Err(DatabaseError::Denied)), "{nobody:?}");
    })
    .await;
}

#[tokio::test]
async fn of_two_who_change_a_secret_at_once_one_is_told() {
    both(async |world| {
        let mut alice = world.user("alice").await;
        alice.put_secret(sealed(b"one", 1)).await.unwrap();
        alice.put_secret(sealed(b"two", 2)).await.unwrap();
        alice.commit().await.unwrap();
        for late in [1, 2, 4] {
            let put = world.user("alice").await.put_secret(sealed(b"late", late)).await;
            assert!(matches!(put, Err(DatabaseError::Conflict)), "{late}: {put:?}");
        }
        let mut alice = world.user("alice").await;
        assert_eq!(alice.secret("openai").await.unwrap().unwrap().1, b"two");
        assert!(alice.remove_secret("openai").await.unwrap());
        assert!(alice.secrets().await.unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn the_service_wraps_what_an_old_key_seals_and_loses_no_change() {
    both(async |world| {
        let mut alice = world.user("alice").await;
        alice.put_secret(sealed(b"one", 1)).await.unwrap();
        alice.commit().await.unwrap();

        let mut service = world.service().await;
        let stale = service.stale_secrets(2, 10).await.unwrap();
        assert_eq!(stale.len(), 1);
        assert_eq!(
            (stale[0].user_id.as_str(), stale[0].sealed.as_slice()),
            ("alice", b"one".as_slice())
        );
        assert!(service.put_back(&stale[0], b"wrapped", 2).await.unwrap());
        service.commit().await.unwrap();

        let mut alice = world.user("alice").await;
        let (shown, bytes) = alice.secret("openai").await.unwrap().unwrap();
        assert_eq!(
            (shown.revision, shown.key_version, bytes.as_slice()),
            (1, 2, b"wrapped".as_slice())
        );
        alice.put_secret(sealed(b"two", 2)).await.unwrap();
        alice.commit().await.unwrap();

        // What was read before that change is not put over it.
        let mut service = world.service().await;
        assert!(!service.put_back(&stale[0], b"old", 3).await.unwrap());
        service.commit().await.unwrap();
        assert_eq!(world.user("alice").await.secret("openai").await.unwrap().unwrap().1, b"two");
    })
    .await;
}

#[tokio::test]
async fn names_and_sizes_that_are_not_kept_are_invalid() {
    both(async |world| {
        let long = vec![0_u8; 65_537];
        for (name, bytes) in
            [("", b"x".as_slice()), ("../x", b"x"), ("UPPER", b"x"), ("ok", long.as_slice())]
        {
            let secret = SealedSecret { name, ..sealed(bytes, 1) };
            let put = world.user("alice").await.put_secret(secret).await;
            assert!(matches!(put, Err(DatabaseError::Invalid)), "{name}: {put:?}");
        }
    })
    .await;
}
