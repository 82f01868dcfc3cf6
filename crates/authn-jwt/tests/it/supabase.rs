//! A Supabase project, in each of the ways it may sign and be asked.

use palisade_authn_jwt::{Supabase, Verifier};
use palisade_core::ManualClock;
use serde_json::{Value, json};

use crate::{
    endpoint::{Endpoint, PASSED, send, send_at_once},
    fixture::{SECRET, claims_with, sign},
    published::{ed25519_token, p256_jwk, p256_token, set},
};

const JWKS: &str = "/auth/v1/.well-known/jwks.json";

fn project(endpoint: &Endpoint) -> Supabase {
    // The slash is not doubled.
    Supabase::new(&endpoint.url("/")).dangerous_allow_http()
}

/// What such a project puts into a user's token.
fn user(endpoint: &Endpoint) -> Value {
    claims_with(json!({
        "iss": endpoint.url("/auth/v1"),
        "aud": "authenticated",
        "role": "authenticated",
        "session_id": "0a1b",
        "is_anonymous": false,
        "user_metadata": {"role": "admin"},
    }))
}

/// The old way, in which the token too has a `kid`.
fn old(endpoint: &Endpoint) -> String {
    sign(r#"{"alg":"HS256","kid":"l5sTz7","typ":"JWT"}"#, user(endpoint).to_string())
}

#[tokio::test]
async fn tokens_are_verified_by_the_keys_the_project_publishes() {
    let (endpoint, clock) = (Endpoint::start().await, ManualClock::new());
    endpoint.says(JWKS, set(&[p256_jwk("two")]));
    let verifier = Verifier::new(project(&endpoint).issuer()).unwrap();
    let _refresh = verifier.fetch_keys(&clock.clock()).unwrap();
    let token = p256_token("two", &user(&endpoint));
    assert_eq!(send(&verifier, &token, &clock).await, PASSED);
    let verified = verifier.verify(&token, clock.now().wall()).unwrap();
    // What users can write themselves is no role.
    assert!(!verified.identity().is_admin() && verified.identity().has_role("authenticated"));
    // Without the secret, the old way is closed.
    assert_eq!(send_at_once(&verifier, &old(&endpoint), &clock).0, 401);
    let elsewhere = p256_token("two", &claims_with(json!({"aud": "authenticated"})));
    assert_eq!(send_at_once(&verifier, &elsewhere, &clock).0, 401);
}

#[tokio::test]
async fn the_secret_of_before_is_accepted_beside_them() {
    let (endpoint, clock) = (Endpoint::start().await, ManualClock::new());
    endpoint.says(JWKS, set(&[p256_jwk("two")]));
    let project = project(&endpoint).legacy_secret(SECRET).unwrap();
    let verifier = Verifier::new(project.issuer()).unwrap();
    // At once, also while no key came.
    assert_eq!(send_at_once(&verifier, &old(&endpoint), &clock), PASSED);
    let token = p256_token("two", &user(&endpoint));
    assert_eq!(send_at_once(&verifier, &token, &clock).1, Some("keys-unavailable"));
    let _refresh = verifier.fetch_keys(&clock.clock()).unwrap();
    assert_eq!(send(&verifier, &token, &clock).await, PASSED);
    assert_eq!(send_at_once(&verifier, &old(&endpoint), &clock), PASSED);
    // A name nobody has is that of a key to come, and not the secret's.
    let stranger = ed25519_token("three", &user(&endpoint));
    let got = send_at_once(&verifier, &stranger, &clock);
    assert_eq!(got.1, Some("invalid-token.unknown-key"));
    assert!(Supabase::new("https://x.supabase.co").legacy_secret(b"short").is_err());
}

#[tokio::test]
async fn the_project_is_asked_about_each_token() {
    let (endpoint, clock) = (Endpoint::start().await, ManualClock::new());
    endpoint.says("/auth/v1/user", json!({"id": "alice", "aud": "authenticated"}));
    let verifier = Verifier::new(project(&endpoint).asked_issuer("anon-key")).unwrap();
    assert_eq!(send(&verifier, &old(&endpoint), &clock).await, PASSED);
    assert_eq!(send_at_once(&verifier, &old(&endpoint), &clock), PASSED);
    assert_eq!(endpoint.count("/auth/v1/user"), 1);
    assert!(endpoint.heads()[0].contains("apikey: anon-key"));
}
