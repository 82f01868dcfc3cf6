//! Everything is bounded, and no bound lets anyone in.

use palisade_core::Rejection;
use palisade_users::{Proof, StreamTickets, User, Users};

use crate::fixture::{Bench, HOUR, LEEWAY, SECOND, id};

const REVOKED: &str = "invalid-token.revoked";

#[test]
fn p17_beyond_the_most_users_everybody_signs_in_again_and_nobody_taken_back_is_let_in() {
    let bench = Bench::with(|builder| builder.most_users(3));
    let (alice, bob) = (bench.token_of("alice"), bench.token_of("bob"));
    bench.revocations.revoke(&id("alice"), bench.now());
    for number in 0..2 {
        bench.revocations.revoke(&id(&format!("user-{number}")), bench.now());
    }
    assert_eq!((bench.asks(&alice), bench.asks(&bob)), (REVOKED, ""));
    bench.revocations.revoke(&id("user-2"), bench.now());
    assert_eq!((bench.asks(&alice), bench.asks(&bob)), (REVOKED, REVOKED));
    bench.clock.advance(SECOND);
    assert_eq!(bench.asks(&bench.token_of("bob")), "");
}

#[test]
fn p17_single_tokens_stay_taken_back_when_there_is_no_room() {
    let bench = Bench::with(|builder| builder.most_users(2));
    let alice = bench.token_of("alice");
    bench.revocations.revoke_token(&Proof::of(&bench.context(&alice, "a.b.c")).unwrap());
    for number in 0..10 {
        bench.revocations.user_changed(&id(&format!("user-{number}")));
    }
    assert_eq!(bench.asks(&alice), REVOKED);
}

#[test]
fn p17_single_tokens_stay_taken_back_though_their_issuers_clock_runs_ahead() {
    let bench = Bench::with(|builder| builder.most_users(2));
    let alice = bench.token_of("alice").issued_at(bench.now() + 5 * SECOND);
    let bob = bench.token_of("bob");
    bench.revocations.revoke_token(&Proof::of(&bench.context(&alice, "a.b.c")).unwrap());
    bench.revocations.revoke_token(&Proof::of(&bench.context(&bob, "d.e.f")).unwrap());
    for number in 0..10 {
        bench.revocations.user_changed(&id(&format!("user-{number}")));
    }
    assert_eq!((bench.asks(&alice), bench.asks(&bob)), (REVOKED, REVOKED));
    bench.clock.advance(6 * SECOND);
    assert_eq!(bench.asks(&bench.token_of("bob")), "");
}

#[test]
fn changes_that_take_nothing_back_sign_nobody_out() {
    let bench = Bench::with(|builder| builder.most_users(2));
    let alice = bench.token_of("alice");
    for number in 0..10 {
        bench.revocations.user_changed(&id(&format!("user-{number}")));
    }
    assert_eq!(bench.asks(&alice), "");
}

#[test]
fn what_no_token_can_have_outlived_makes_room() {
    let bench = Bench::with(|builder| builder.most_users(2));
    bench.revocations.revoke(&id("user-0"), bench.now());
    bench.revocations.revoke(&id("user-1"), bench.now());
    bench.clock.advance(HOUR + LEEWAY);
    let alice = bench.token_of("alice");
    bench.revocations.revoke(&id("user-2"), bench.now());
    assert_eq!(bench.asks(&alice), "");
}

#[test]
fn making_room_ends_the_streams_of_everybody() {
    let bench = Bench::with(|builder| builder.most_users(1));
    let watch = bench.revocations.watch(&bench.context(&bench.token_of("bob"), "b")).unwrap();
    bench.revocations.revoke(&id("user-0"), bench.now());
    assert!(!watch.is_over(bench.now()));
    bench.revocations.revoke(&id("user-1"), bench.now());
    assert!(watch.is_over(bench.now()));
}

#[test]
fn of_one_user_eight_single_tokens_are_kept_and_the_ninth_takes_all_back() {
    let bench = Bench::new();
    let alice = bench.token_of("alice");
    let sign_out = |number: u8| {
        let context = bench.context(&alice, &format!("token-{number}"));
        bench.revocations.revoke_token(&Proof::of(&context).unwrap());
    };
    (0..8).for_each(sign_out);
    assert_eq!(bench.asks(&alice), "");
    sign_out(8);
    assert_eq!(bench.asks(&alice), REVOKED);
    assert_eq!(bench.asks(&bench.token_of("bob")), "");
}

#[test]
fn the_same_token_is_kept_once_and_one_that_has_ended_makes_room() {
    let bench = Bench::new();
    let sign_out = |number: u32| {
        let context = bench.context(&bench.token_of("alice"), &format!("token-{number}"));
        let proof = Proof::of(&context).unwrap();
        (0..20).for_each(|_| drop(bench.revocations.revoke_token(&proof)));
    };
    for number in 0..40 {
        sign_out(number);
        bench.clock.advance(HOUR / 5);
    }
    assert_eq!(bench.asks(&bench.token_of("alice")), "");
}

#[test]
fn e2_nobody_takes_the_places_of_all_streams() {
    let bench = Bench::with(|builder| builder.most_streams(66));
    let [alice, bob, carol] = ["alice", "bob", "alice"].map(|subject| {
        let context = bench.context(&bench.token_of(subject), "a.b.c");
        move |bench: &Bench| bench.revocations.watch(&context)
    });
    let full = |rejection: Rejection| (rejection.status().as_u16(), rejection.code().as_str());
    let mut open: Vec<_> = (0..64).map(|_| alice(&bench).unwrap()).collect();
    let refused = (503, "temporarily-unavailable");
    assert_eq!(carol(&bench).map_err(full).unwrap_err(), refused);
    open.push(bob(&bench).unwrap());
    open.push(bob(&bench).unwrap());
    assert_eq!(bob(&bench).map_err(full).unwrap_err(), refused);
    open.clear();
    assert!(alice(&bench).is_ok() && bob(&bench).is_ok());
}

#[test]
fn of_one_user_sixteen_tickets_are_kept_and_the_oldest_gives_way() {
    let bench = Bench::new();
    let issue = |subject| {
        bench.clock.advance(SECOND);
        let context = bench.context(&bench.token_of(subject), "a.b.c");
        bench.tickets.issue(&context, "/events").unwrap()
    };
    let bobs = issue("bob");
    let tickets: Vec<_> = (0..17).map(|_| issue("alice")).collect();
    assert_eq!(bench.tickets.count(), 17);
    let redeem = |ticket: &palisade_users::Ticket| {
        bench.tickets.redeem(ticket.expose(), "/events", bench.clock.now()).is_some()
    };
    assert!(!redeem(&tickets[0]));
    assert!(tickets[1..].iter().all(redeem) && redeem(&bobs));
}

#[test]
fn beyond_the_most_tickets_none_is_issued_until_some_are_too_old() {
    let bench = Bench::new();
    let tickets = StreamTickets::with_capacity(2);
    let issue = |subject| {
        let context = bench.context(&bench.token_of(subject), "a.b.c");
        tickets.issue(&context, "/events")
    };
    let (first, second) = (issue("alice").unwrap(), issue("bob").unwrap());
    let rejection = issue("alice").unwrap_err();
    assert_eq!(rejection.code().as_str(), "temporarily-unavailable");
    assert_eq!(rejection.retry_time(), Some(30 * SECOND));
    assert!(tickets.redeem(first.expose(), "/events", bench.clock.now()).is_some());
    assert!(issue("alice").is_ok());
    bench.clock.advance(30 * SECOND);
    assert!(issue("alice").is_ok() && issue("bob").is_ok());
    assert!(tickets.redeem(second.expose(), "/events", bench.clock.now()).is_none());
}

#[test]
fn users_in_memory_are_bounded_and_nobody_is_dropped_for_another() {
    let bench = Bench::new();
    let users = Users::with_capacity(bench.revocations.clone(), 2);
    assert!(users.put(&id("alice"), User::new()).is_ok());
    assert!(users.put(&id("bob"), User::new()).is_ok());
    let error = users.put(&id("carol"), User::new()).unwrap_err();
    assert_eq!(error.to_string(), "all 2 places for users are taken");
    assert!(users.put(&id("bob"), User::new().role("admin")).is_ok());
    assert_eq!((users.count(), users.user(&id("carol"))), (2, None));
    assert!(users.remove(&id("alice"), bench.now()));
    assert!(users.put(&id("carol"), User::new()).is_ok());
}
