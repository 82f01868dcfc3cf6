//! What was taken back in another process, or before this one started.

use palisade_core::Identity;
use palisade_test_support::Ask;
use palisade_users::{Proof, Revocation, Revoked};

use crate::fixture::{Bench, HOUR, LEEWAY, SECOND, id};

const REVOKED: &str = "invalid-token.revoked";

fn sign_out(bench: &Bench, who: &Identity, token: &str) -> Revocation {
    bench.revocations.revoke_token(&Proof::of(&bench.context(who, token)).unwrap())
}

fn ask(bench: &Bench, who: &Identity, token: &str) -> &'static str {
    bench.send(Ask::get("/events").bearer(token), who).1
}

#[test]
fn j14_a_token_that_was_taken_back_elsewhere_is_refused_here_and_its_stream_ends() {
    let (here, there) = (Bench::new(), Bench::new());
    let alice = here.token_of("alice");
    let [phone, laptop] = ["phone", "laptop"]
        .map(|token| here.revocations.watch(&here.context(&alice, token)).unwrap());
    let told = sign_out(&there, &alice, "phone");
    assert_eq!(told.user, id("alice"));
    assert_eq!(told.ends, there.now() + HOUR + LEEWAY);
    // Twice is once.
    for _ in 0..2 {
        here.revocations.take_over(&told);
    }
    assert_eq!((ask(&here, &alice, "phone"), ask(&here, &alice, "laptop")), (REVOKED, ""));
    assert!(phone.is_over(here.now()) && !laptop.is_over(here.now()));
}

#[test]
fn j14_all_tokens_of_a_user_that_were_taken_back_elsewhere_are_refused_here() {
    let (here, there) = (Bench::new(), Bench::new());
    let (alice, bob) = (here.token_of("alice"), here.token_of("bob"));
    let told = there.revocations.plan_revoke(&id("alice"), there.now());
    assert_eq!(ask(&there, &alice, "a"), "", "a plan does nothing");
    here.revocations.take_over(&told);
    assert_eq!((ask(&here, &alice, "a"), ask(&here, &bob, "b")), (REVOKED, ""));
    here.clock.advance(SECOND);
    let back = here.token_of("alice");
    let watch = here.revocations.watch(&here.context(&back, "new")).unwrap();
    here.revocations.take_over(&told);
    assert!(!watch.is_over(here.now()), "what is known already ends nothing");
}

#[test]
fn the_ninth_token_of_a_user_tells_that_all_of_his_were_taken_back() {
    let (here, there) = (Bench::new(), Bench::new());
    let alice = here.token_of("alice");
    let told = (0..9).map(|number| sign_out(&there, &alice, &format!("token-{number}")));
    let told: Vec<_> = told.collect();
    assert_eq!(told[8].what, Revoked::IssuedUntil(there.now()));
    told.iter().for_each(|told| here.revocations.take_over(told));
    assert_eq!(ask(&here, &alice, "another"), REVOKED);
}

#[test]
fn what_has_ended_by_itself_is_not_taken_over() {
    let (here, there) = (Bench::new(), Bench::new());
    let told = sign_out(&there, &there.token_of("alice"), "phone");
    here.clock.advance(2 * HOUR);
    here.revocations.take_over(&told);
    assert_eq!(here.revocations.users(), 0);
}

#[test]
fn one_token_more_than_are_kept_takes_all_back_here_too() {
    let (here, there) = (Bench::new(), Bench::new());
    let alice = here.token_of("alice");
    for number in 0..8 {
        drop(sign_out(&here, &alice, &format!("token-{number}")));
    }
    here.revocations.take_over(&sign_out(&there, &alice, "token-8"));
    assert_eq!(ask(&here, &alice, "token-8"), REVOKED);
    assert_eq!(ask(&here, &alice, "another"), REVOKED, "there was no room for one more");
}
