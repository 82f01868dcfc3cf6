//! Keys that are fetched from an endpoint that rotates them, lies, hangs, redirects and goes down.

use std::time::Duration;

use palisade_authn_jwt::{Issuer, KeyRefresh, Keys, KeysStatus, RemoteKeys, Verifier};
use palisade_core::ManualClock;
use serde_json::json;

use crate::{
    endpoint::{Endpoint, Got, PASSED, PATIENCE, send, send_at_once, until, within},
    fixture::{ISSUER, NOW, at, claims, claims_with},
    published::{ed25519_jwk, ed25519_token, p256_jwk, p256_token, set},
};

pub(crate) const JWKS: &str = "/jwks.json";
pub(crate) const COOLDOWN: Duration = Duration::from_secs(30);

pub(crate) fn unknown_key() -> Got {
    (401, Some("invalid-token.unknown-key"), None)
}

pub(crate) fn no_keys() -> Got {
    (503, Some("keys-unavailable"), Some("5".to_owned()))
}

pub(crate) fn remote(endpoint: &Endpoint) -> RemoteKeys {
    RemoteKeys::jwks_url(endpoint.url(JWKS)).dangerous_allow_http().time_limit(PATIENCE)
}

fn verifier_of(keys: RemoteKeys) -> Verifier {
    let issuer = Issuer::new(ISSUER, Keys::default()).remote_keys(keys).audience("api");
    Verifier::new(issuer).unwrap()
}

pub(crate) fn status(verifier: &Verifier) -> KeysStatus {
    verifier.remote_keys().remove(0)
}

/// Whether the next fetch is due when a set of this life, which was fetched then, is old; or up to a tenth sooner.
fn is_due(status: &KeysStatus, fetched: u64, life: u64) -> bool {
    let next = status.next.unwrap();
    (at(fetched + life - life / 10)..=at(fetched + life)).contains(&next)
}

/// An endpoint with the key `one`, and a verifier that fetched it.
pub(crate) async fn scene() -> (Endpoint, Verifier, KeyRefresh, ManualClock) {
    scene_with(PATIENCE).await
}

/// The same, with this much time for a fetch.
async fn scene_with(limit: Duration) -> (Endpoint, Verifier, KeyRefresh, ManualClock) {
    let (endpoint, clock) = (Endpoint::start().await, ManualClock::new());
    endpoint.says(JWKS, set(&[ed25519_jwk("one")]));
    let verifier = verifier_of(remote(&endpoint).time_limit(limit));
    let refresh = verifier.fetch_keys(&clock.clock()).unwrap();
    until(|| {
        let status = status(&verifier);
        // A short limit may pass where the machine is busy: then it is tried again.
        if status.error.as_ref().is_some_and(|error| error.at == clock.now().wall()) {
            clock.advance(Duration::from_secs(5));
        }
        status.is_ready()
    })
    .await;
    (endpoint, verifier, refresh, clock)
}

pub(crate) fn one() -> String {
    ed25519_token("one", &claims())
}

pub(crate) fn two() -> String {
    p256_token("two", &claims())
}

#[tokio::test]
async fn keys_that_never_came_are_503_and_the_first_requests_wait_for_them() {
    let (endpoint, clock) = (Endpoint::start().await, ManualClock::new());
    let verifier = verifier_of(remote(&endpoint));
    // Nobody fetches.
    assert_eq!(send_at_once(&verifier, &one(), &clock), no_keys());
    assert!(!status(&verifier).is_ready());
    assert_eq!(endpoint.heads().len(), 0);
    // The endpoint is not ready: the request waits for its no, and those after it do not.
    let refresh = verifier.fetch_keys(&clock.clock()).unwrap();
    assert_eq!(send(&verifier, &one(), &clock).await, no_keys());
    assert_eq!(send_at_once(&verifier, &one(), &clock), no_keys());
    let message = status(&verifier).error.unwrap().message;
    assert!(message.contains("404"), "{message}");
    // It is.
    endpoint.says(JWKS, set(&[ed25519_jwk("one")]));
    clock.advance(Duration::from_secs(5));
    assert_eq!(send(&verifier, &one(), &clock).await, PASSED);
    assert_eq!(send_at_once(&verifier, &one(), &clock), PASSED);
    assert_eq!(endpoint.count(JWKS), 2);
    let status = status(&verifier);
    assert!(status.is_ready() && status.is_current());
    assert_eq!((status.keys, status.fetches), (1, 2));
    assert_eq!(status.loaded, Some(at(NOW + 5)));
    assert!(is_due(&status, NOW + 5, 600), "{status:?}");
    assert_eq!(status.issuer.as_deref(), Some(ISSUER));
    drop(refresh);
}

#[tokio::test]
async fn the_request_that_brings_a_new_key_waits_for_it() {
    let (endpoint, verifier, _refresh, clock) = scene().await;
    endpoint.says(JWKS, set(&[p256_jwk("two")]));
    assert_eq!(send_at_once(&verifier, &two(), &clock), unknown_key());
    clock.advance(COOLDOWN);
    assert_eq!(send(&verifier, &two(), &clock).await, PASSED);
    assert_eq!(send_at_once(&verifier, &two(), &clock), PASSED);
    // The old key is gone, and what was remembered of its tokens with it.
    assert_eq!(send_at_once(&verifier, &one(), &clock), unknown_key());
    assert_eq!(endpoint.count(JWKS), 2);
}

#[tokio::test]
async fn an_endpoint_that_hangs_holds_up_those_who_need_it_and_not_for_long() {
    let (endpoint, verifier, _refresh, clock) = scene_with(Duration::from_secs(1)).await;
    let fetches = status(&verifier).fetches;
    endpoint.hold();
    clock.advance(COOLDOWN);
    let waiting = tokio::spawn({
        let (verifier, clock) = (verifier.clone(), clock.clone());
        async move { send(&verifier, &two(), &clock).await }
    });
    until(|| status(&verifier).fetches == fetches + 1).await;
    assert_eq!(send_at_once(&verifier, &one(), &clock), PASSED);
    assert_eq!(within(waiting).await.unwrap(), unknown_key());
    let message = status(&verifier).error.unwrap().message;
    assert!(message.contains("in time"), "{message}");
}

#[tokio::test]
async fn an_endpoint_that_goes_down_takes_no_key_with_it() {
    let (endpoint, verifier, _refresh, clock) = scene().await;
    let _deaf = endpoint.stop().await;
    // The set is old, and cannot be fetched again.
    clock.advance(Duration::from_secs(700));
    until(|| status(&verifier).error.is_some()).await;
    let token = ed25519_token("one", &claims_with(json!({"sub": "bob"})));
    for _ in 0..10 {
        assert_eq!(send_at_once(&verifier, &token, &clock), PASSED);
        assert_eq!(send_at_once(&verifier, &two(), &clock), unknown_key());
    }
    assert_eq!(status(&verifier).fetches, 2);
}

#[tokio::test]
async fn a_set_is_fetched_again_when_it_says_that_it_is_old_within_bounds() {
    for (header, life) in [
        ("cache-control: public, max-age=900, must-revalidate", 900),
        ("Cache-Control: MAX-AGE=\"1200\"", 1_200),
        ("cache-control: max-age=1", 300),
        ("cache-control: max-age=0, no-store", 300),
        ("cache-control: max-age=999999999", 86_400),
        ("cache-control: max-age=99999999999999999999999", 600),
        ("cache-control: no-cache", 600),
        // It comes from a cache that has had it for a while.
        ("cache-control: max-age=1800\r\nage: 600", 1_200),
        ("age: 86400\r\ncache-control: max-age=3600", 300),
        ("cache-control: max-age=1200\r\nage: old", 1_200),
    ] {
        let (endpoint, clock) = (Endpoint::start().await, ManualClock::new());
        endpoint.answers(JWKS, "200 OK", header, set(&[ed25519_jwk("one")]));
        let verifier = verifier_of(remote(&endpoint));
        let _refresh = verifier.fetch_keys(&clock.clock()).unwrap();
        until(|| status(&verifier).is_ready()).await;
        assert!(is_due(&status(&verifier), NOW, life), "{header}: {:?}", status(&verifier).next);
    }
    let (endpoint, verifier, _refresh, clock) = scene().await;
    endpoint.says(JWKS, set(&[p256_jwk("two")]));
    clock.advance(Duration::from_secs(600));
    until(|| status(&verifier).loaded == Some(at(NOW + 600))).await;
    assert_eq!(send_at_once(&verifier, &two(), &clock), PASSED);
    assert_eq!(endpoint.count(JWKS), 2);
}

#[tokio::test]
async fn servers_that_start_together_do_not_fetch_together_for_ever() {
    let endpoint = Endpoint::start().await;
    endpoint.answers(JWKS, "200 OK", "cache-control: max-age=86400", set(&[ed25519_jwk("one")]));
    let mut times = std::collections::BTreeSet::new();
    for _ in 0..8 {
        let (verifier, clock) = (verifier_of(remote(&endpoint)), ManualClock::new());
        let _refresh = verifier.fetch_keys(&clock.clock()).unwrap();
        until(|| status(&verifier).is_ready()).await;
        assert!(is_due(&status(&verifier), NOW, 86_400));
        times.insert(status(&verifier).next);
    }
    // Of a hundred and one times that can be drawn.
    assert!(times.len() > 1);
}

#[tokio::test]
async fn no_set_is_fetched_again_within_the_cooldown_however_soon_it_is_old() {
    let endpoint = Endpoint::start().await;
    endpoint.answers(JWKS, "200 OK", "cache-control: max-age=60", set(&[ed25519_jwk("one")]));
    for _ in 0..8 {
        let keys = remote(&endpoint).cooldown(Duration::from_secs(300));
        let (verifier, clock) = (verifier_of(keys), ManualClock::new());
        let _refresh = verifier.fetch_keys(&clock.clock()).unwrap();
        until(|| status(&verifier).is_ready()).await;
        let next = status(&verifier).next.unwrap();
        assert!(next >= at(NOW + 300), "{next:?}");
    }
}

#[tokio::test]
async fn one_key_that_cannot_be_read_spoils_no_set() {
    let (endpoint, verifier, _refresh, clock) = scene().await;
    let encrypts = json!({"kty": "RSA", "use": "enc", "alg": "RSA-OAEP"});
    let secret = json!({"kty": "oct", "kid": "s", "alg": "HS256", "k": "A".repeat(43)});
    let again = ed25519_jwk("two");
    endpoint.says(JWKS, set(&[json!(7), p256_jwk("two"), encrypts, secret, again]));
    clock.advance(COOLDOWN);
    assert_eq!(send(&verifier, &two(), &clock).await, PASSED);
    assert_eq!((status(&verifier).keys, status(&verifier).skipped), (1, 4));
}

#[tokio::test]
async fn keys_at_hand_stay_beside_those_that_come() {
    let (endpoint, clock) = (Endpoint::start().await, ManualClock::new());
    endpoint.says(JWKS, set(&[ed25519_jwk("one"), p256_jwk("local")]));
    let local = Keys::jwk_json(&ed25519_jwk("local").to_string()).unwrap();
    let issuer = Issuer::new(ISSUER, local).remote_keys(remote(&endpoint)).audience("api");
    let verifier = Verifier::new(issuer).unwrap();
    let local = ed25519_token("local", &claims());
    assert_eq!(send_at_once(&verifier, &local, &clock), PASSED);
    assert_eq!(send_at_once(&verifier, &one(), &clock), no_keys());
    let _refresh = verifier.fetch_keys(&clock.clock()).unwrap();
    assert_eq!(send(&verifier, &one(), &clock).await, PASSED);
    // A name that is taken stays with the key at hand.
    assert_eq!(send_at_once(&verifier, &local, &clock), PASSED);
    assert_eq!((status(&verifier).keys, status(&verifier).skipped), (2, 1));
}

#[tokio::test]
async fn keys_at_hand_are_replaced_beside_those_that_were_fetched_and_do_not_come_back() {
    let (endpoint, clock) = (Endpoint::start().await, ManualClock::new());
    endpoint.says(JWKS, set(&[ed25519_jwk("one")]));
    let leaked = Keys::jwk_json(&ed25519_jwk("local").to_string()).unwrap();
    let issuer = Issuer::new(ISSUER, leaked).remote_keys(remote(&endpoint)).audience("api");
    let verifier = Verifier::new(issuer).unwrap();
    let _refresh = verifier.fetch_keys(&clock.clock()).unwrap();
    until(|| status(&verifier).is_ready()).await;
    let (leaked, new) = (ed25519_token("local", &claims()), p256_token("new", &claims()));
    assert_eq!(send_at_once(&verifier, &leaked, &clock), PASSED);
    let keys = Keys::jwk_json(&p256_jwk("new").to_string()).unwrap();
    verifier.replace_keys(Some(ISSUER), keys).unwrap();
    let check = |good: &[&String]| {
        for good in good {
            assert_eq!(send_at_once(&verifier, good, &clock), PASSED);
        }
        assert_eq!(send_at_once(&verifier, &leaked, &clock), unknown_key());
        assert_eq!(status(&verifier).keys, good.len());
    };
    check(&[&one(), &new]);
    // What comes later does not bring it back either.
    endpoint.says(JWKS, set(&[ed25519_jwk("one"), p256_jwk("two")]));
    clock.advance(COOLDOWN);
    assert_eq!(send(&verifier, &two(), &clock).await, PASSED);
    check(&[&one(), &two(), &new]);
    // There may be none.
    verifier.replace_keys(Some(ISSUER), Keys::default()).unwrap();
    assert_eq!(send_at_once(&verifier, &new, &clock), unknown_key());
    assert_eq!(send_at_once(&verifier, &one(), &clock), PASSED);
    assert_eq!((status(&verifier).keys, endpoint.count(JWKS)), (2, 2));
}

#[tokio::test]
async fn who_waits_is_told_when_nobody_fetches_any_more() {
    let (endpoint, verifier, refresh, clock) = scene().await;
    // A second one for the same verifier has nothing to do.
    drop(verifier.fetch_keys(&clock.clock()).unwrap());
    endpoint.hold();
    clock.advance(COOLDOWN);
    let waiting = tokio::spawn({
        let (verifier, clock) = (verifier.clone(), clock.clone());
        async move { send(&verifier, &two(), &clock).await }
    });
    // It began: whether the endpoint has heard of it by now is for the machine to say.
    until(|| status(&verifier).fetches == 2).await;
    drop(refresh);
    assert_eq!(within(waiting).await.unwrap(), unknown_key());
    clock.advance(COOLDOWN);
    assert_eq!(send_at_once(&verifier, &two(), &clock), unknown_key());
    assert_eq!(send_at_once(&verifier, &one(), &clock), PASSED);
    // And on again.
    endpoint.release();
    let _refresh = verifier.fetch_keys(&clock.clock()).unwrap();
    assert_eq!(send(&verifier, &two(), &clock).await, unknown_key());
    assert_eq!(status(&verifier).fetches, 3);
}

#[tokio::test]
async fn who_takes_over_at_once_fetches_on() {
    let (endpoint, verifier, refresh, clock) = scene().await;
    endpoint.says(JWKS, set(&[p256_jwk("two")]));
    // The task of before has had no time to notice that it was ended.
    drop(refresh);
    let _refresh = verifier.fetch_keys(&clock.clock()).unwrap();
    clock.advance(COOLDOWN);
    assert_eq!(send(&verifier, &two(), &clock).await, PASSED);
    assert_eq!(endpoint.count(JWKS), 2);
}

#[tokio::test]
async fn a_fetch_that_was_given_up_is_made_up_for_after_the_cooldown() {
    let (endpoint, verifier, refresh, clock) = scene().await;
    endpoint.hold();
    clock.advance(Duration::from_secs(700));
    until(|| status(&verifier).fetches == 2).await;
    drop(refresh);
    endpoint.release();
    endpoint.says(JWKS, set(&[p256_jwk("two")]));
    let _refresh = verifier.fetch_keys(&clock.clock()).unwrap();
    assert_eq!(status(&verifier).next, Some(at(NOW + 730)));
    clock.advance(COOLDOWN);
    until(|| status(&verifier).loaded == Some(at(NOW + 730))).await;
    assert_eq!(send_at_once(&verifier, &two(), &clock), PASSED);
}

#[test]
fn mistakes_are_told_when_a_verifier_is_built() {
    let error = |name: Option<&str>, keys: RemoteKeys| {
        let issuer = name.map_or_else(
            || Issuer::any_name(Keys::default()),
            |name| Issuer::new(name, Keys::default()),
        );
        let issuer = issuer.remote_keys(keys).audience("api");
        Verifier::new(issuer).expect_err("a mistake").to_string()
    };
    let is_told = |keys: RemoteKeys, expected: &str| {
        let error = error(Some(ISSUER), keys);
        assert!(error.contains(expected), "{error}");
    };
    let url = |url: &str| RemoteKeys::jwks_url(url);
    is_told(url("http://id.example/jwks"), "expected https");
    is_told(url("file:///etc/passwd").dangerous_allow_http(), "URL");
    is_told(url("ftp://id.example/jwks").dangerous_allow_http(), "https://");
    is_told(url("//id.example/jwks"), "URL");
    is_told(url("jwks.json"), "URL");
    is_told(url("https://id.example/jwks#now"), "fragment");
    is_told(url("https://user:password@id.example/jwks"), "user");
    let secret = error(Some(ISSUER), url("https://user:password@id.example/jwks"));
    assert!(!secret.contains("password"), "{secret}");
    is_told(url("https://id.example/").cooldown(Duration::from_millis(999)), "1 s");
    is_told(url("https://id.example/").cooldown(Duration::from_secs(301)), "5 minutes");
    is_told(url("https://id.example/").time_limit(Duration::ZERO), "10 s");
    is_told(url("https://id.example/").time_limit(Duration::from_secs(11)), "10 s");
    assert!(error(None, RemoteKeys::discovered()).contains("`iss`"));
    assert!(error(Some("dev"), RemoteKeys::discovered()).contains("URL"));
    assert!(error(Some("http://id.example"), RemoteKeys::discovered()).contains("https"));
}

#[test]
fn keys_are_not_fetched_outside_a_runtime() {
    let verifier = verifier_of(RemoteKeys::jwks_url("http://127.0.0.1:1/").dangerous_allow_http());
    let error = verifier.fetch_keys(&ManualClock::new().clock()).unwrap_err().to_string();
    assert!(error.contains("tokio"), "{error}");
}
