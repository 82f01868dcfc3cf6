//! Tokens that were taken back.

use std::time::{Duration, UNIX_EPOCH};

use palisade_core::{Identity, IdentityKind, SecurityContext};
use palisade_test_support::Ask;
use palisade_users::{Proof, UserId};

use crate::fixture::{Bench, HOUR, ISSUER, LEEWAY, SECOND, id};

const REVOKED: &str = "invalid-token.revoked";

#[test]
fn j14_tokens_issued_by_then_are_refused_at_the_next_request_and_later_ones_are_not() {
    let bench = Bench::new();
    let (before, bob) = (bench.token_of("alice"), bench.token_of("bob"));
    bench.clock.advance(SECOND);
    let just_then = bench.token_of("alice");
    assert_eq!(bench.asks(&before), "");
    bench.revocations.revoke(&id("alice"), bench.now());
    assert_eq!(bench.asks(&before), REVOKED);
    assert_eq!(bench.asks(&just_then), REVOKED);
    bench.clock.advance(SECOND);
    assert_eq!(bench.asks(&bench.token_of("alice")), "");
    assert_eq!(bench.asks(&bob), "");
}

#[test]
fn j14_an_earlier_revocation_takes_back_nothing_of_a_later_one() {
    let bench = Bench::new();
    let alice = bench.token_of("alice");
    bench.revocations.revoke(&id("alice"), bench.now());
    bench.revocations.revoke(&id("alice"), bench.now() - HOUR);
    assert_eq!(bench.asks(&alice), REVOKED);
}

#[test]
fn j14_all_tokens_can_be_taken_back() {
    let bench = Bench::new();
    let tokens = ["alice", "bob"].map(|subject| bench.token_of(subject));
    bench.revocations.revoke_all(bench.now());
    for token in &tokens {
        assert_eq!(bench.asks(token), REVOKED);
    }
    bench.clock.advance(SECOND);
    assert_eq!(bench.asks(&bench.token_of("bob")), "");
}

#[test]
fn j14_signing_out_takes_one_token_back_and_no_other() {
    let bench = Bench::new();
    let alice = bench.token_of("alice");
    let proof = Proof::of(&bench.context(&alice, "phone")).unwrap();
    bench.revocations.revoke_token(&proof);
    let send = |token| bench.send(Ask::get("/events").bearer(token), &alice).1;
    assert_eq!((send("phone"), send("laptop")), (REVOKED, ""));
}

/// Of an ECDSA signature (r, s) anybody makes (r, n − s): another text of the same token, and as good.
#[test]
fn j14_signing_out_takes_the_other_spelling_of_the_token_back_too() {
    let zeros = "A".repeat(42);
    let one = format!("a.b.{zeros}{zeros}AQ");
    let other = format!("a.b.{zeros}D_____AAAAAP__________vOb6racXnoTzucrC_GMlUA");
    for (signs_out, follows) in [(&one, &other), (&other, &one)] {
        let bench = Bench::new();
        let alice = bench.token_of("alice");
        let watch = bench.revocations.watch(&bench.context(&alice, follows)).unwrap();
        let proof = Proof::of(&bench.context(&alice, signs_out)).unwrap();
        assert_eq!(proof.digests().count(), 2);
        bench.revocations.revoke_token(&proof);
        let send = |token| bench.send(Ask::get("/events").bearer(token), &alice).1;
        assert_eq!((send(signs_out), send(follows), send("a.b.c")), (REVOKED, REVOKED, ""));
        assert!(watch.is_over(bench.now()));
    }
}

#[test]
fn a_token_that_was_taken_back_stays_so_though_its_end_is_beyond_what_can_be_reckoned() {
    let bench = Bench::new();
    let latest = Duration::from_secs(u64::MAX / 2);
    let alice = bench.token_of("alice").expires(UNIX_EPOCH.checked_add(latest).unwrap());
    let proof = Proof::of(&bench.context(&alice, "a.b.c")).unwrap();
    bench.revocations.revoke_token(&proof);
    assert_eq!(bench.asks(&alice), REVOKED);
}

#[test]
fn j14_who_signs_out_is_signed_out_though_his_issuers_clock_runs_ahead() {
    let bench = Bench::new();
    let alice = bench.token_of("alice").issued_at(bench.now() + 5 * SECOND);
    // The ninth takes all back that were issued until now; this one says that it was not yet.
    for number in 0..9 {
        let context = bench.context(&alice, &format!("token-{number}"));
        bench.revocations.revoke_token(&Proof::of(&context).unwrap());
    }
    let ninth = bench.send(Ask::get("/events").bearer("token-8"), &alice).1;
    assert_eq!(ninth, REVOKED);
}

#[test]
fn what_was_taken_back_of_a_user_can_be_asked() {
    let bench = Bench::new();
    let until = |subject| bench.revocations.revoked_until(&id(subject));
    bench.revocations.user_changed(&id("alice"));
    assert_eq!(until("alice"), None);
    let then = bench.now();
    bench.revocations.revoke(&id("alice"), then);
    assert_eq!((until("alice"), until("bob")), (Some(then), None));
    bench.revocations.revoke_all(then - SECOND);
    assert_eq!((until("alice"), until("bob")), (Some(then), Some(then - SECOND)));
}

#[test]
fn a_proof_without_a_token_takes_all_tokens_of_its_user_back() {
    let bench = Bench::new();
    let context = SecurityContext::new(bench.clock.now());
    context.learn_identity(bench.token_of("alice"));
    bench.revocations.revoke_token(&Proof::of(&context).unwrap());
    assert_eq!(bench.asks(&bench.token_of("alice")), REVOKED);
    assert_eq!(bench.asks(&bench.token_of("bob")), "");
}

#[test]
fn j14_a_removed_user_is_not_the_one_who_is_added_later() {
    let bench = Bench::new();
    let old = bench.token_of("bob");
    assert!(bench.users.remove(&id("bob"), bench.now()));
    assert!(!bench.users.remove(&id("bob"), bench.now()));
    bench.users.put(&id("bob"), palisade_users::User::new()).unwrap();
    assert_eq!(bench.asks(&old), REVOKED);
}

#[test]
fn a_token_that_does_not_say_when_it_was_issued_counts_as_older_for_the_longest_life() {
    let bench = Bench::new();
    let undated = Identity::new("alice", IdentityKind::Jwt).issued_by(ISSUER);
    assert_eq!(bench.asks(&undated), "");
    bench.revocations.revoke(&id("alice"), bench.now());
    assert_eq!(bench.asks(&undated), REVOKED);
    bench.clock.advance(HOUR + LEEWAY - SECOND);
    assert_eq!(bench.asks(&undated), REVOKED);
    bench.clock.advance(SECOND);
    assert_eq!(bench.asks(&undated), "");
}

#[test]
fn j12_a_dated_token_that_was_taken_back_stays_so_wherever_the_clock_goes() {
    let bench = Bench::new();
    let alice = bench.token_of("alice");
    bench.revocations.revoke(&id("alice"), bench.now());
    bench.clock.advance(10 * HOUR);
    assert_eq!(bench.asks(&alice), REVOKED);
    bench.clock.step_wall(bench.now() - 20 * HOUR);
    assert_eq!(bench.asks(&alice), REVOKED);
}

#[test]
fn a_key_is_no_token_and_goes_with_its_user() {
    let bench = Bench::new();
    let key = Identity::new("alice", IdentityKind::ApiKey).issued_by(ISSUER).issued_at(bench.now());
    bench.revocations.revoke(&id("alice"), bench.now());
    bench.revocations.revoke_all(bench.now());
    assert_eq!(bench.asks(&key), "");
    bench.users.disable(&id("alice"));
    assert_eq!(bench.asks(&key), "invalid-token.unknown-user");
}

#[test]
fn j16_subjects_of_two_issuers_are_two_users() {
    let bench = Bench::new();
    bench.revocations.revoke(&UserId::new("alice"), bench.now());
    bench.revocations.revoke(&UserId::new("alice").issued_by("https://evil.example"), bench.now());
    assert_eq!(bench.asks(&bench.token_of("alice")), "");
}

#[test]
fn l9_a_token_that_was_taken_back_is_a_failed_credential() {
    let bench = Bench::new();
    let alice = bench.token_of("alice");
    bench.revocations.revoke(&id("alice"), bench.now());
    let context = SecurityContext::new(bench.clock.now());
    context.learn_identity(alice);
    let policy = palisade_users::RevokedTokensPolicy::new(bench.revocations.clone());
    let answer = Ask::get("/").context(&context).policies(policy);
    let rejection = answer.extensions().get::<palisade_core::Rejection>().unwrap();
    assert_eq!(rejection.violation_kind(), Some(palisade_core::ViolationKind::AuthFailure));
    let challenge = answer.headers()["www-authenticate"].to_str().unwrap();
    assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
}
