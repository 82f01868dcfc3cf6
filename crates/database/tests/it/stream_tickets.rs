//! One-time tickets, and the key that they are known by.

use palisade_database::{DatabaseError, SharedKeys, StreamTickets, TicketBounds, TicketRow};

use crate::world::{World, both};

/// Later than any test runs.
const LATE: i64 = 4_102_444_800_000;
const BOUNDS: TicketBounds = TicketBounds { of_one: 2, of_all: 3 };

fn ticket(digit: char, user: &str, ends_at: i64) -> TicketRow {
    let (digest, user_id) = (digit.to_string().repeat(64), user.to_owned());
    TicketRow { digest, user_id, sealed: digit.to_string().into_bytes(), ends_at }
}

async fn kept(world: &World, ticket: &TicketRow) -> bool {
    let mut service = world.service().await;
    let kept = service.keep_ticket(ticket, BOUNDS).await.unwrap();
    service.commit().await.unwrap();
    kept
}

async fn taken(world: &World, digit: char) -> Option<Vec<u8>> {
    let mut service = world.service().await;
    let taken = service.take_ticket(&digit.to_string().repeat(64)).await.unwrap();
    service.commit().await.unwrap();
    taken
}

#[tokio::test]
async fn e3_a_ticket_is_taken_once_also_by_two_at_the_same_time() {
    both(async |world| {
        assert!(kept(world, &ticket('a', "alice", LATE)).await);
        let both = tokio::join!(taken(world, 'a'), taken(world, 'a'));
        let got: Vec<_> = [both.0, both.1].into_iter().flatten().collect();
        assert_eq!(got, [b"a".to_vec()]);
        assert_eq!(taken(world, 'b').await, None);
    })
    .await;
}

#[tokio::test]
async fn of_one_user_the_oldest_gives_way_and_beyond_all_none_is_kept_until_some_ended() {
    both(async |world| {
        for (number, digit) in (0..).zip(['a', 'b', 'c']) {
            assert!(kept(world, &ticket(digit, "alice", LATE + number)).await);
        }
        assert_eq!(taken(world, 'a').await, None, "two of one are kept");
        // In time enough to be kept, and late enough to have ended then.
        assert!(kept(world, &ticket('d', "bob", 1)).await);
        assert!(kept(world, &ticket('e', "bob", LATE)).await, "one that ended makes room");
        assert!(!kept(world, &ticket('f', "carol", LATE)).await);
        assert_eq!(taken(world, 'b').await, Some(b"b".to_vec()));
        assert!(kept(world, &ticket('f', "carol", LATE)).await);
    })
    .await;
}

#[tokio::test]
async fn tickets_and_their_key_are_the_services_alone() {
    both(async |world| {
        let key = world.service().await.ticket_key().await.unwrap();
        assert_eq!(key.expose().len(), 32);
        assert_eq!(world.service().await.ticket_key().await.unwrap(), key, "all have the same");
        assert!(!format!("{key:?}").contains(&key.expose()[0].to_string()) || key.expose()[0] < 10);
        assert!(kept(world, &ticket('a', "alice", LATE)).await);
        for mut other in [world.user("alice").await] {
            assert!(matches!(other.ticket_key().await, Err(DatabaseError::NotFound)));
            assert_eq!(other.take_ticket(&"a".repeat(64)).await.unwrap(), None);
            let kept = other.keep_ticket(&ticket('b', "alice", LATE), BOUNDS).await;
            assert!(matches!(kept, Err(DatabaseError::Denied)), "{kept:?}");
        }
        let mut admin = world.admin().await;
        assert!(matches!(admin.ticket_key().await, Err(DatabaseError::NotFound)));
        drop(admin);
        assert_eq!(taken(world, 'a').await, Some(b"a".to_vec()));
    })
    .await;
}
