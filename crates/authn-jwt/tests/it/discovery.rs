//! Keys at the place that the issuer's own document names.

use std::time::Duration;

use palisade_authn_jwt::{Issuer, Keys, KeysStatus, RemoteKeys, Verifier};
use palisade_core::ManualClock;
use serde_json::{Value, json};

use crate::{
    endpoint::{Endpoint, PASSED, PATIENCE, send, until},
    fixture::claims_with,
    published::{ed25519_jwk, ed25519_token, p256_jwk, p256_token, set},
};

const DOCUMENT: &str = "/tenant/.well-known/openid-configuration";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A verifier of the issuer `/tenant/` at this endpoint, and the issuer's name.
fn verifier(endpoint: &Endpoint) -> (Verifier, String) {
    let name = endpoint.url("/tenant/");
    let keys = RemoteKeys::discovered().dangerous_allow_http().time_limit(PATIENCE);
    let issuer = Issuer::new(name.clone(), Keys::default()).remote_keys(keys).audience("api");
    (Verifier::new(issuer).unwrap(), name)
}

fn document(issuer: &str, jwks_uri: &str) -> Value {
    json!({"issuer": issuer, "jwks_uri": jwks_uri, "token_endpoint": "https://x.example/token"})
}

fn status(verifier: &Verifier) -> KeysStatus {
    verifier.remote_keys().remove(0)
}

#[tokio::test]
async fn an_issuer_says_where_its_keys_are_and_is_asked_again_every_day() {
    let (endpoint, clock) = (Endpoint::start().await, ManualClock::new());
    let (verifier, name) = verifier(&endpoint);
    endpoint.says(DOCUMENT, document(&name, &endpoint.url("/keys")));
    endpoint.says("/keys", set(&[ed25519_jwk("one")]));
    let _refresh = verifier.fetch_keys(&clock.clock()).unwrap();
    let late = json!({"iss": name, "exp": 4_000_000_000_u64});
    let one = ed25519_token("one", &claims_with(late.clone()));
    assert_eq!(send(&verifier, &one, &clock).await, PASSED);
    // The keys are fetched more often than the document.
    clock.advance(Duration::from_secs(600));
    until(|| endpoint.count("/keys") == 2).await;
    until(|| status(&verifier).loaded == Some(clock.now().wall())).await;
    assert_eq!(endpoint.count(DOCUMENT), 1);
    // They move.
    endpoint.says(DOCUMENT, document(&name, &endpoint.url("/moved")));
    endpoint.says("/moved", set(&[p256_jwk("two")]));
    clock.advance(DAY);
    until(|| status(&verifier).loaded == Some(clock.now().wall())).await;
    let two = p256_token("two", &claims_with(late));
    assert_eq!(send(&verifier, &two, &clock).await, PASSED);
    assert_eq!((endpoint.count(DOCUMENT), endpoint.count("/keys")), (2, 2));
}

#[tokio::test]
async fn an_issuer_is_asked_at_once_where_its_keys_went() {
    let (endpoint, clock) = (Endpoint::start().await, ManualClock::new());
    let (verifier, name) = verifier(&endpoint);
    endpoint.says(DOCUMENT, document(&name, &endpoint.url("/keys")));
    endpoint.says("/keys", set(&[ed25519_jwk("one")]));
    let _refresh = verifier.fetch_keys(&clock.clock()).unwrap();
    until(|| status(&verifier).is_ready()).await;
    endpoint.says("/moved", set(&[p256_jwk("two")]));
    endpoint.says(DOCUMENT, document(&name, &endpoint.url("/moved")));
    endpoint.answers("/keys", "410 Gone", "x-none: 1", "");
    let two = p256_token("two", &claims_with(json!({"iss": name})));
    clock.advance(Duration::from_secs(30));
    assert_eq!(send(&verifier, &two, &clock).await.0, 401);
    clock.advance(Duration::from_secs(30));
    assert_eq!(send(&verifier, &two, &clock).await, PASSED);
}

#[tokio::test]
async fn a_document_that_cannot_be_trusted_names_no_keys() {
    let (endpoint, clock) = (Endpoint::start().await, ManualClock::new());
    let (verifier, name) = verifier(&endpoint);
    endpoint.says("/keys", set(&[ed25519_jwk("one")]));
    let keys = endpoint.url("/keys");
    let _refresh = verifier.fetch_keys(&clock.clock()).unwrap();
    let one = ed25519_token("one", &claims_with(json!({"iss": name})));
    for (document, expected) in [
        (document(name.trim_end_matches('/'), &keys), "another issuer"),
        (document(&name.to_uppercase(), &keys), "another issuer"),
        (json!({"jwks_uri": keys}), "another issuer"),
        (json!({"issuer": name}), "jwks_uri"),
        (document(&name, "file:///keys"), "URL"),
        (document(&name, "ftp://id.example/keys"), "https://"),
        (document(&name, "https://user:password@id.example/keys"), "user"),
        (json!([name]), "JSON"),
    ] {
        endpoint.says(DOCUMENT, document);
        clock.advance(Duration::from_secs(5));
        assert_eq!(send(&verifier, &one, &clock).await.1, Some("keys-unavailable"));
        let message = status(&verifier).error.unwrap().message;
        assert!(message.contains(expected), "{message}");
    }
    assert_eq!(endpoint.count("/keys"), 0);
    endpoint.says(DOCUMENT, document(&name, &keys));
    clock.advance(Duration::from_secs(5));
    assert_eq!(send(&verifier, &one, &clock).await, PASSED);
}
