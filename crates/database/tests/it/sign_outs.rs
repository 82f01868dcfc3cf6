//! Sign-outs: written by who signs out, followed by the service.

use palisade_database::{DatabaseError, SignOut, SignOuts};

use crate::world::both;

/// Later than any test runs.
const LATE: i64 = 4_102_444_800_000;

fn of(user: &str, token: Option<char>) -> SignOut {
    SignOut {
        user_id: user.to_owned(),
        issuer: Some("https://id.example".to_owned()),
        token: token.map(|digit| digit.to_string().repeat(64)),
        issued_until: Some(7),
        ends_at: LATE,
    }
}

#[tokio::test]
async fn a_user_signs_himself_out_and_nobody_else_and_an_admin_anybody() {
    both(async |world| {
        let own = of("alice", Some('a'));
        let mut alice = world.user("alice").await;
        alice.sign_out(&own).await.unwrap();
        assert!(alice.sign_outs(0, 10).await.unwrap().is_empty(), "they are not his to read");
        alice.commit().await.unwrap();
        let others = world.user("mallory").await.sign_out(&of("alice", None)).await;
        assert!(matches!(others, Err(DatabaseError::Denied)), "{others:?}");
        let others = world.nobody().await.sign_out(&of("alice", None)).await;
        assert!(matches!(others, Err(DatabaseError::Denied)), "{others:?}");
        let mut admin = world.admin().await;
        admin.sign_out(&of("bob", None)).await.unwrap();
        admin.commit().await.unwrap();

        let mut service = world.service().await;
        let all = service.sign_outs(0, 10).await.unwrap();
        let said: Vec<_> = all.iter().map(|row| row.sign_out.clone()).collect();
        assert_eq!(said, [own, of("bob", None)]);
        assert_eq!(service.sign_outs_revision().await.unwrap(), all[1].number);
        let later = service.sign_outs(all[0].number, 10).await.unwrap();
        assert_eq!(later, all[1..], "who follows reads what is new");
    })
    .await;
}

#[tokio::test]
async fn what_ended_is_not_read_and_is_forgotten_and_its_number_is_nobody_elses() {
    both(async |world| {
        let mut alice = world.user("alice").await;
        alice.sign_out(&SignOut { ends_at: 1, ..of("alice", Some('a')) }).await.unwrap();
        alice.commit().await.unwrap();
        let mut service = world.service().await;
        let ended = service.sign_outs_revision().await.unwrap();
        assert!(service.sign_outs(0, 10).await.unwrap().is_empty());
        service.forget_sign_outs().await.unwrap();
        service.commit().await.unwrap();
        let mut alice = world.user("alice").await;
        alice.sign_out(&of("alice", Some('b'))).await.unwrap();
        alice.commit().await.unwrap();
        let rows = world.service().await.sign_outs(0, 10).await.unwrap();
        assert_eq!(rows.len(), 1);
        assert!(rows[0].number > ended);
    })
    .await;
}

#[tokio::test]
async fn two_who_sign_out_at_once_are_numbered_in_the_order_in_which_they_are_seen() {
    both(async |world| {
        let one = async |user: &str| {
            let mut act = world.user(user).await;
            act.sign_out(&of(user, Some('c'))).await.unwrap();
            // Between the two: nobody sees a number while a lower one may still come.
            let seen = world.database.read_as(palisade_database::Caller::service()).await;
            let revision = seen.unwrap().sign_outs_revision().await.unwrap();
            act.commit().await.unwrap();
            revision
        };
        let before = tokio::join!(one("alice"), one("bob"));
        assert_ne!(before.0, before.1, "the second began when the first was kept");
    })
    .await;
}
