//! Orders: given in the transaction of a record, seen and ended by the service alone.

use palisade_audit::{Action, Actor, Event, Outcome};
use palisade_database::{AuditLog, Caller, DatabaseError, NewOrder, Orders};

use crate::world::{World, both};

fn order(id: &str) -> NewOrder {
    let (id, server) = (id.to_owned(), "one".to_owned());
    NewOrder { id, server, kind: "bans".to_owned(), body: "[]".to_owned() }
}

async fn ids(world: &World) -> Vec<String> {
    let mut service = world.database.read_as(Caller::service()).await.unwrap();
    let orders = service.orders().await.unwrap();
    service.roll_back().await.unwrap();
    orders.into_iter().map(|order| order.id).collect()
}

#[tokio::test]
async fn an_order_is_there_with_its_record_or_neither_is() {
    both(async |world| {
        let event = || Event::new(Action::new("ban.ip"), Actor::system(), Outcome::Done);
        for keeps in [false, true] {
            let mut admin = world.admin().await;
            admin.order(&order("1")).await.unwrap();
            admin.record(event()).await.unwrap();
            if keeps {
                admin.commit().await.unwrap();
            } else {
                admin.roll_back().await.unwrap();
            }
            let mut service = world.database.read_as(Caller::service()).await.unwrap();
            let records = service.audit_records(0, 9).await.unwrap();
            service.roll_back().await.unwrap();
            let expected = usize::from(keeps);
            assert_eq!((records.len(), ids(world).await.len()), (expected, expected));
        }
    })
    .await;
}

#[tokio::test]
async fn admins_and_the_service_give_orders_and_nobody_else_does() {
    both(async |world| {
        let mut admin = world.admin().await;
        admin.order(&order("1")).await.unwrap();
        admin.commit().await.unwrap();
        let mut service = world.service().await;
        service.order(&order("2")).await.unwrap();
        service.commit().await.unwrap();
        let mut alice = world.user("alice").await;
        assert!(matches!(alice.order(&order("3")).await, Err(DatabaseError::Denied)));
        alice.roll_back().await.unwrap();
        let mut nobody = world.nobody().await;
        assert!(matches!(nobody.order(&order("3")).await, Err(DatabaseError::Denied)));
        nobody.roll_back().await.unwrap();
        assert_eq!(ids(world).await.len(), 2);
    })
    .await;
}

#[tokio::test]
async fn the_service_alone_sees_orders_and_ends_them() {
    both(async |world| {
        let mut admin = world.admin().await;
        for id in ["1", "2", "3"] {
            admin.order(&order(id)).await.unwrap();
        }
        admin.commit().await.unwrap();
        for who in [Caller::admin("root"), Caller::user("alice"), Caller::nobody()] {
            let mut other = world.database.act_as(who.clone()).await.unwrap();
            assert_eq!(other.orders().await.unwrap(), [], "{who:?}");
            other.carried_out(&["1".to_owned()]).await.unwrap();
            other.commit().await.unwrap();
        }
        assert_eq!(ids(world).await, ["1", "2", "3"]);
        let mut service = world.database.read_as(Caller::service()).await.unwrap();
        let seen = service.orders().await.unwrap();
        service.roll_back().await.unwrap();
        let first = &seen[0];
        assert_eq!((&*first.server, &*first.kind, &*first.body), ("one", "bans", "[]"));
        assert!(first.at > 0);

        let mut service = world.service().await;
        service.carried_out(&["1".to_owned(), "3".to_owned(), "9".to_owned()]).await.unwrap();
        service.commit().await.unwrap();
        assert_eq!(ids(world).await, ["2"]);
    })
    .await;
}

#[tokio::test]
async fn a_name_that_is_taken_and_what_is_too_long_are_refused() {
    both(async |world| {
        let mut admin = world.admin().await;
        admin.order(&order("1")).await.unwrap();
        admin.commit().await.unwrap();
        let refusal = async |wrong: NewOrder| {
            let mut admin = world.admin().await;
            let refused = admin.order(&wrong).await.unwrap_err();
            admin.roll_back().await.unwrap();
            refused
        };
        assert!(matches!(refusal(order("1")).await, DatabaseError::Conflict));
        let long = |length| "x".repeat(length);
        for wrong in [
            order(""),
            order(&long(65)),
            NewOrder { server: String::new(), ..order("2") },
            NewOrder { kind: long(65), ..order("2") },
            NewOrder { body: long(1_048_577), ..order("2") },
        ] {
            assert!(matches!(refusal(wrong).await, DatabaseError::Invalid));
        }
    })
    .await;
}
