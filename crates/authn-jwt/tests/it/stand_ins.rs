//! Keys that answer for a name which no key has yet, while the one that is meant is published elsewhere.

use std::time::Duration;

use palisade_authn_jwt::{Issuer, KeyRefresh, Keys, OptionalAuth, Verifier, VerifierBuilder};
use palisade_core::{ManualClock, Verdict};
use serde_json::json;

use crate::{
    endpoint::{Endpoint, Got, PASSED, send, send_at_once, until, within},
    fixture::{ISSUER, NOW, OTHER_SECRET, claims, claims_with, sign},
    published::{ed25519_jwk, ed25519_token, other_ed25519_jwk, other_ed25519_token, set, unnamed},
    remote_keys::{COOLDOWN, JWKS, no_keys, remote, status},
    remote_user::check,
};

fn wrong() -> Got {
    (401, Some("invalid-token.signature"), None)
}

/// A token of the key that is published later.
fn new(kid: &str) -> String {
    other_ed25519_token(kid, &claims())
}

/// A verifier with these keys at hand, and others that nobody fetches yet.
fn verifier_with(local: Keys, endpoint: &Endpoint) -> VerifierBuilder {
    let issuer = Issuer::new(ISSUER, local).remote_keys(remote(endpoint)).audience("api");
    Verifier::builder().issuer(issuer)
}

/// A verifier that fetched a key without a name.
async fn scene() -> (Endpoint, Verifier, KeyRefresh, ManualClock) {
    let (endpoint, clock) = (Endpoint::start().await, ManualClock::new());
    endpoint.says(JWKS, set(&[unnamed(ed25519_jwk("one"))]));
    let builder = verifier_with(Keys::default(), &endpoint).failure_budget(2, 1);
    let verifier = builder.build().unwrap();
    let refresh = verifier.fetch_keys(&clock.clock()).unwrap();
    until(|| status(&verifier).is_ready()).await;
    (endpoint, verifier, refresh, clock)
}

#[tokio::test]
async fn a_key_without_a_name_gives_way_to_one_with_a_name() {
    let (endpoint, verifier, _refresh, clock) = scene().await;
    let old = ed25519_token("one", &claims());
    assert_eq!(send_at_once(&verifier, &old, &clock), PASSED);
    endpoint.says(JWKS, set(&[other_ed25519_jwk("two")]));
    assert_eq!(send_at_once(&verifier, &new("two"), &clock), wrong());
    clock.advance(COOLDOWN);
    assert_eq!(send(&verifier, &new("two"), &clock).await, PASSED);
    assert_eq!(send_at_once(&verifier, &new("two"), &clock), PASSED);
    assert_eq!(endpoint.count(JWKS), 2);
    // A wrong signature under a name that a key has is the last word.
    clock.advance(COOLDOWN);
    let forged = ed25519_token("two", &claims());
    assert_eq!(send_at_once(&verifier, &forged, &clock), wrong());
}

#[tokio::test]
async fn a_key_at_hand_says_nothing_about_other_names_while_keys_never_came() {
    let (endpoint, clock) = (Endpoint::start().await, ManualClock::new());
    let local = Keys::jwk_json(&unnamed(ed25519_jwk("one")).to_string()).unwrap();
    let verifier = verifier_with(local, &endpoint).build().unwrap();
    assert_eq!(send_at_once(&verifier, &ed25519_token("one", &claims()), &clock), PASSED);
    // Nobody fetches.
    assert_eq!(send_at_once(&verifier, &new("two"), &clock), no_keys());
    // There is nothing.
    let _refresh = verifier.fetch_keys(&clock.clock()).unwrap();
    assert_eq!(send(&verifier, &new("two"), &clock).await, no_keys());
    assert_eq!(send_at_once(&verifier, &new("two"), &clock), no_keys());
    // There is.
    endpoint.says(JWKS, set(&[other_ed25519_jwk("two")]));
    clock.advance(Duration::from_secs(5));
    assert_eq!(send(&verifier, &new("two"), &clock).await, PASSED);
    assert_eq!(send_at_once(&verifier, &ed25519_token("one", &claims()), &clock), PASSED);
    assert_eq!(send_at_once(&verifier, &new("three"), &clock), wrong());
    assert_eq!(endpoint.count(JWKS), 2);
}

#[tokio::test]
async fn no_secret_is_published_so_none_is_waited_for() {
    let (endpoint, clock) = (Endpoint::start().await, ManualClock::new());
    let local = Keys::hs256(OTHER_SECRET).unwrap();
    let verifier = verifier_with(local, &endpoint).build().unwrap();
    let forged = sign(r#"{"alg":"HS256","kid":"two"}"#, claims().to_string());
    assert_eq!(send_at_once(&verifier, &forged, &clock), wrong());
}

#[tokio::test]
async fn j5_a_flood_of_wrong_signatures_under_unknown_names_is_one_fetch_per_cooldown() {
    let (endpoint, verifier, _refresh, clock) = scene().await;
    let good = ed25519_token("one", &claims());
    let strangers: Vec<String> = (0..50).map(|number| new(&format!("kid-{number}"))).collect();
    for fetches in 1..=3 {
        for stranger in &strangers {
            assert_eq!(send_at_once(&verifier, stranger, &clock), wrong());
        }
        assert_eq!(endpoint.count(JWKS), fetches);
        clock.advance(COOLDOWN);
        endpoint.hold();
        let ask = |token: String| {
            let (verifier, clock) = (verifier.clone(), clock.clone());
            tokio::spawn(async move { send(&verifier, &token, &clock).await })
        };
        let waiting: Vec<_> = strangers.iter().cloned().map(ask).collect();
        until(|| endpoint.count(JWKS) > fetches).await;
        assert_eq!(send_at_once(&verifier, &good, &clock), PASSED);
        endpoint.release();
        for got in waiting {
            assert_eq!(within(got).await.unwrap(), wrong());
        }
        assert_eq!(endpoint.count(JWKS), fetches + 1);
    }
    // What is bad with every key is not worth a fetch.
    clock.advance(COOLDOWN);
    for changes in [json!({"exp": NOW}), json!({"aud": "other"}), json!({"iss": "x"})] {
        let hopeless = other_ed25519_token("two", &claims_with(changes));
        assert_eq!(send_at_once(&verifier, &hopeless, &clock).0, 401);
    }
    assert_eq!(endpoint.count(JWKS), 4);
}

#[tokio::test]
async fn a_wrong_signature_counts_although_another_key_is_asked_for() {
    let (endpoint, verifier, _refresh, clock) = scene().await;
    let auth = OptionalAuth::new(verifier);
    clock.advance(COOLDOWN);
    for number in 0..4 {
        let rejection = match check(&auth, &new(&format!("kid-{number}")), &clock) {
            Verdict::Wait(answer) => within(answer).await.unwrap_err(),
            Verdict::Refuse(rejection) => rejection,
            Verdict::Pass => panic!("it passed"),
        };
        let is_over = rejection.code().as_str() == "quota-exceeded.invalid-tokens";
        assert_eq!(is_over, number >= 2, "{rejection:?}");
    }
    assert_eq!(endpoint.count(JWKS), 2);
}
