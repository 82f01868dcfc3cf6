//! How long verdicts are remembered, and how many.

use std::time::Duration;

use palisade_authn_jwt::{Keys, Verifier};
use palisade_core::ManualClock;
use serde_json::json;

use crate::fixture::{HS256, ISSUER, NOW, claims, claims_with, issuer, sign, token, verifier};

#[test]
fn only_good_tokens_are_remembered_as_good() {
    let (clock, verifier) = (ManualClock::new(), verifier());
    assert!(verifier.authenticate(&token(&claims()), clock.now()).is_ok());
    for bad in ["x", "a.b.c", &token(&claims_with(json!({"exp": NOW}))), &sign(HS256, "{}")] {
        assert!(verifier.authenticate(bad, clock.now()).is_err());
    }
    assert_eq!(verifier.remembered(), 1);
}

#[test]
fn what_is_cheap_to_refuse_or_may_heal_is_not_remembered() {
    let (clock, verifier) = (ManualClock::new(), verifier());
    let early = token(&claims_with(json!({"nbf": NOW + 15})));
    for bad in ["", "a.b.c", &"x".repeat(1 << 16), &sign(r#"{"alg":"none"}"#, "{}"), &early] {
        assert!(verifier.authenticate(bad, clock.now()).is_err());
    }
    assert_eq!(verifier.remembered_refusals(), 0);
    clock.advance(Duration::from_secs(5));
    assert!(verifier.authenticate(&early, clock.now()).is_ok());
}

#[test]
fn a_bad_token_is_refused_the_same_way_again() {
    let (clock, verifier) = (ManualClock::new(), verifier());
    let expired = token(&claims_with(json!({"exp": NOW})));
    let mut forged = token(&claims());
    forged.replace_range(forged.len() - 10..forged.len() - 9, "_");
    for (bad, code) in [(&expired, "invalid-token.expired"), (&forged, "invalid-token.signature")] {
        for _ in 0..3 {
            let error = verifier.authenticate(bad, clock.now()).unwrap_err();
            assert_eq!(error.code().as_str(), code);
        }
    }
    assert_eq!(verifier.remembered_refusals(), 2);
}

#[test]
fn one_signature_is_computed_of_a_token_that_is_bad_by_what_it_says() {
    let (clock, verifier) = (ManualClock::new(), verifier());
    for (changes, code) in [
        (json!({"iss": "https://other.example"}), "invalid-token.issuer"),
        (json!({"iss": 7}), "invalid-token.malformed"),
        (json!({"aud": "other"}), "invalid-token.audience"),
        (json!({"at_hash": "x"}), "invalid-token.type"),
        (json!({"sub": null}), "invalid-token.subject"),
    ] {
        let (bad, before) = (token(&claims_with(changes)), verifier.computed_signatures());
        for _ in 0..5 {
            let error = verifier.authenticate(&bad, clock.now()).unwrap_err();
            assert_eq!(error.code().as_str(), code);
        }
        assert_eq!(verifier.computed_signatures(), before + 1, "{code}");
    }
}

#[test]
fn both_memories_are_bounded() {
    let clock = ManualClock::new();
    let verifier = Verifier::builder().issuer(issuer()).cache_capacity(5).build().unwrap();
    for number in 0..50 {
        let good = token(&claims_with(json!({"sub": format!("user-{number}")})));
        assert!(verifier.authenticate(&good, clock.now()).is_ok());
        let bad = token(&claims_with(json!({"aud": format!("aud-{number}")})));
        assert!(verifier.authenticate(&bad, clock.now()).is_err());
    }
    assert!(verifier.remembered() <= 5, "{}", verifier.remembered());
    assert!(verifier.remembered_refusals() <= 5, "{}", verifier.remembered_refusals());
}

#[test]
fn a_flood_of_bad_tokens_drives_no_good_one_out() {
    let clock = ManualClock::new();
    let verifier = Verifier::builder().issuer(issuer()).cache_capacity(5).build().unwrap();
    assert!(verifier.authenticate(&token(&claims()), clock.now()).is_ok());
    for number in 0..200 {
        let bad = token(&claims_with(json!({"aud": format!("aud-{number}")})));
        assert!(verifier.authenticate(&bad, clock.now()).is_err());
    }
    assert_eq!(verifier.remembered(), 1);
}

#[test]
fn a_later_epoch_does_not_see_what_was_remembered() {
    let (clock, verifier) = (ManualClock::new(), verifier());
    let token = token(&claims());
    let remembered = |times: usize| {
        (0..times).all(|_| verifier.clone().authenticate(&token, clock.now()).is_ok())
    };
    // Each thread remembers what it saw more than once.
    assert!(remembered(4));
    verifier.bump_epoch();
    assert!(remembered(4));
    assert_eq!(verifier.remembered(), 1);
}

#[test]
fn without_memory_all_works_the_same() {
    let clock = ManualClock::new();
    let verifier = Verifier::builder().issuer(issuer()).cache_capacity(0).build().unwrap();
    let token = token(&claims());
    assert!(verifier.authenticate(&token, clock.now()).is_ok());
    assert!(verifier.authenticate(&token, clock.now()).is_ok());
    assert_eq!(verifier.remembered(), 0);
}

#[test]
fn a_token_seen_many_times_ends_with_its_key_and_with_its_life() {
    let (clock, verifier) = (ManualClock::new(), verifier());
    let (short, long) = (token(&claims_with(json!({"exp": NOW + 20}))), token(&claims()));
    let are_good = |token: &str, times: usize| {
        (0..times).all(|_| verifier.authenticate(token, clock.now()).is_ok())
    };
    assert!(are_good(&short, 5) && are_good(&long, 5));
    clock.advance(Duration::from_secs(25));
    assert!(!are_good(&short, 1) && are_good(&long, 5));
    let other = Keys::hs256(b"another secret, forty bytes long as well").unwrap();
    verifier.replace_keys(Some(ISSUER), other).unwrap();
    assert!(!are_good(&long, 1));
}

#[test]
fn tokens_that_want_the_same_place_are_not_mistaken_for_each_other() {
    let clock = ManualClock::new();
    let verifier = Verifier::builder().issuer(issuer()).cache_capacity(1).build().unwrap();
    let tokens =
        ["alice", "bob", "carol"].map(|user| (user, token(&claims_with(json!({"sub": user})))));
    for (user, token) in
        tokens.iter().cycle().take(30).chain(tokens.iter().flat_map(|token| [token; 9]))
    {
        let verified = verifier.authenticate(token, clock.now()).unwrap();
        assert_eq!(verified.identity().subject(), *user);
    }
}
