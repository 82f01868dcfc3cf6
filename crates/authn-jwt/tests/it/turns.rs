//! Many requests with one token at one time.

use std::{sync::Barrier, thread};

use palisade_authn_jwt::{Issuer, Keys, Verifier};
use palisade_core::ManualClock;
use serde_json::json;

use crate::{
    fixture::{ISSUER, claims_with},
    published::{p256_jwk, p256_token},
};

const THREADS: usize = 8;

fn verifier(capacity: u64) -> Verifier {
    let keys = Keys::jwk_json(&p256_jwk("one").to_string()).unwrap();
    let issuer = Issuer::new(ISSUER, keys).audience("api");
    Verifier::builder().issuer(issuer).cache_capacity(capacity).build().unwrap()
}

/// A token of this user, which takes long enough to verify that all threads are there meanwhile.
fn token(user: usize) -> String {
    p256_token("one", &claims_with(json!({"sub": format!("user-{user}")})))
}

/// Has many threads ask for each of these tokens at one time; returns how many signatures were computed, and how many were good.
fn ask(verifier: &Verifier, tokens: &[String]) -> (u64, usize) {
    let (clock, barrier, before) =
        (ManualClock::new(), Barrier::new(THREADS), verifier.computed_signatures());
    let ask_all = || {
        let asked = tokens.iter().filter(|token| {
            barrier.wait();
            verifier.authenticate(token, clock.now()).is_ok()
        });
        asked.count()
    };
    let good = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(ask_all)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    (verifier.computed_signatures() - before, good)
}

#[test]
fn requests_that_miss_one_token_at_one_time_verify_it_once() {
    let tokens: Vec<String> = (0..10).map(token).collect();
    let verifier = verifier(1_000);
    assert_eq!(ask(&verifier, &tokens), (10, 10 * THREADS));
    assert_eq!(ask(&verifier, &tokens), (0, 10 * THREADS));
    verifier.bump_epoch();
    assert_eq!(ask(&verifier, &tokens), (10, 10 * THREADS));
}

#[test]
fn requests_that_bring_one_bad_token_at_one_time_verify_it_once() {
    let with_another_end = |token: String| format!("{}{}", &token[..token.len() - 8], "AAAAAAAA");
    let tokens: Vec<String> = (0..10).map(token).map(with_another_end).collect();
    assert_eq!(ask(&verifier(1_000), &tokens), (10, 0));
}

#[test]
fn where_nothing_is_remembered_nobody_waits_for_anybody() {
    let tokens: Vec<String> = (0..3).map(token).collect();
    assert_eq!(ask(&verifier(0), &tokens), (3 * 8, 3 * THREADS));
}
