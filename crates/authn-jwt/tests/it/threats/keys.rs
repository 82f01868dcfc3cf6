//! J5 and J6: keys that are fetched, while strangers come and the endpoint answers anything.

use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use palisade_authn_jwt::{KeyRefresh, Verifier};
use palisade_core::ManualClock;
use serde_json::json;

use super::Findings;
use crate::{
    endpoint::{Endpoint, Got, PASSED, send, until, within},
    fixture::{NOW, claims, claims_with},
    published::{ed25519_token, p256_jwk, p256_token, set},
    remote_keys::{COOLDOWN, JWKS, one, scene, status, two, unknown_key},
};

/// The endpoint that has the key `one`, and the time.
pub(crate) struct Scene {
    pub(crate) endpoint: Endpoint,
    pub(crate) clock: ManualClock,
}

/// A judge with keys that it fetched from the endpoint of a scene, once so far.
pub(crate) trait Judge: Send + Sync + 'static {
    /// What a request with `token` gets.
    fn answer(&self, token: &str, clock: &ManualClock) -> impl Future<Output = Got> + Send;

    /// Whether it tells its operator that it goes on with the keys of before, and why. No row hangs on it.
    fn tells(&self, _why: &str) -> bool {
        true
    }
}

struct Ours {
    verifier: Verifier,
    _refresh: KeyRefresh,
}

// === impl Ours ===

impl Ours {
    async fn start() -> (Scene, Arc<Self>) {
        let (endpoint, verifier, refresh, clock) = scene().await;
        (Scene { endpoint, clock }, Arc::new(Self { verifier, _refresh: refresh }))
    }
}

impl Judge for Ours {
    async fn answer(&self, token: &str, clock: &ManualClock) -> Got {
        send(&self.verifier, token, clock).await
    }

    fn tells(&self, why: &str) -> bool {
        let status = status(&self.verifier);
        let goes_on = status.keys == 1 && status.is_ready() && !status.is_current();
        goes_on && status.error.is_some_and(|error| error.message.contains(why))
    }
}

// === impl Scene ===

impl Scene {
    /// How often the keys were fetched.
    fn fetches(&self) -> usize {
        self.endpoint.count(JWKS)
    }

    /// What a request gets without waiting for anything; nothing, if it waits.
    fn at_once(&self, judge: &impl Judge, token: &str) -> Option<Got> {
        let answer = pin!(judge.answer(token, &self.clock));
        match answer.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(got) => Some(got),
            Poll::Pending => None,
        }
    }
}

/// A flood of tokens that name keys which nobody has.
pub(crate) async fn j5_flood<J: Judge>(scene: &Scene, judge: &Arc<J>) -> Findings {
    let (mut found, one) = (Findings::default(), one());
    let stranger = |number: usize| ed25519_token(&format!("kid-{number}"), &claims());
    let strangers: Vec<String> = (0..50).map(stranger).collect();
    for round in 1..=3 {
        // Within the cooldown, all are refused at once.
        for stranger in &strangers {
            let refused = scene.at_once(&**judge, stranger);
            found.check("a stranger in the cooldown", refused, Some(unknown_key()));
            let passed = scene.at_once(&**judge, &one);
            found.check("a known key in the cooldown", passed, Some(PASSED));
        }
        found.check("fetches in the cooldown", scene.fetches(), round);
        // After it, many at once are one fetch, for which they may wait and known keys do not.
        scene.clock.advance(COOLDOWN);
        scene.endpoint.hold();
        let ask = |token: String| {
            let (judge, clock) = (Arc::clone(judge), scene.clock.clone());
            tokio::spawn(async move { judge.answer(&token, &clock).await })
        };
        let waiting: Vec<_> = strangers.iter().cloned().map(ask).collect();
        until(|| scene.fetches() > round).await;
        let passed = scene.at_once(&**judge, &one);
        found.check("a known key beside a fetch", passed, Some(PASSED));
        scene.endpoint.release();
        for answer in waiting {
            let refused = within(answer).await.unwrap();
            found.check("a stranger after the cooldown", refused, unknown_key());
        }
        found.check("fetches after the cooldown", scene.fetches(), round + 1);
    }
    found
}

/// Tokens that are bad with every key.
pub(crate) async fn j5_hopeless<J: Judge>(scene: &Scene, judge: &Arc<J>) -> Findings {
    let mut found = Findings::default();
    scene.clock.advance(COOLDOWN);
    for changes in [json!({"exp": NOW}), json!({"aud": "other"}), json!({"iss": "x"})] {
        let token = p256_token("two", &claims_with(changes.clone()));
        found.check(&changes, scene.at_once(&**judge, &token), Some(unknown_key()));
    }
    found.check("fetches", scene.fetches(), 1);
    found
}

/// Answers that are no good set of keys: status, header, body, and why.
fn bad_answers(endpoint: &Endpoint) -> [(&'static str, String, String, &'static str); 8] {
    let none = || "x-none: 1".to_owned();
    let many = set(&vec![p256_jwk("two"); 65]);
    let elsewhere = format!("location: {}", endpoint.url("/elsewhere"));
    [
        ("200 OK", none(), r#"{"keys":[]}"#.to_owned(), "usable"),
        ("200 OK", none(), r#"{"keys":[{"kty":"RSA"}]}"#.to_owned(), "usable"),
        ("200 OK", none(), "<html>".to_owned(), "JSON"),
        ("200 OK", none(), String::new(), "JSON"),
        ("200 OK", none(), many, "64 keys"),
        ("200 OK", none(), " ".repeat(256 * 1024 + 1), "limit"),
        ("302 Found", elsewhere, String::new(), "302"),
        ("500 Internal Server Error", none(), set(&[p256_jwk("two")]), "500"),
    ]
}

/// An endpoint that answers what is no good set of keys.
pub(crate) async fn j6<J: Judge>(scene: &Scene, judge: &Arc<J>) -> Findings {
    let (mut found, one, two) = (Findings::default(), one(), two());
    scene.endpoint.says("/elsewhere", set(&[p256_jwk("two")]));
    let answers = bad_answers(&scene.endpoint).into_iter().enumerate();
    for (number, (line, header, body, why)) in answers {
        scene.endpoint.answers(JWKS, line, &header, body);
        scene.clock.advance(COOLDOWN);
        let refused = within(judge.answer(&two, &scene.clock)).await;
        found.check(format!("{why}: a stranger"), refused, unknown_key());
        found.check(format!("{why}: is told"), judge.tells(why), true);
        for _ in 0..10 {
            let refused = scene.at_once(&**judge, &two);
            found.check(format!("{why}: a stranger after it"), refused, Some(unknown_key()));
            let passed = scene.at_once(&**judge, &one);
            found.check(format!("{why}: a known key"), passed, Some(PASSED));
        }
        found.check(format!("{why}: fetches"), scene.fetches(), number + 2);
    }
    found.check("fetches elsewhere", scene.endpoint.count("/elsewhere"), 0);
    found
}

#[tokio::test]
async fn j5_a_flood_of_unknown_keys_is_one_fetch_per_cooldown_and_delays_no_known_key() {
    let (scene, ours) = Ours::start().await;
    assert_eq!(j5_flood(&scene, &ours).await, Findings::default());
    assert_eq!(status(&ours.verifier).fetches, 4);
}

#[tokio::test]
async fn j5_a_token_that_is_bad_with_every_key_asks_for_no_fetch() {
    let (scene, ours) = Ours::start().await;
    assert_eq!(j5_hopeless(&scene, &ours).await, Findings::default());
}

#[tokio::test]
async fn j6_nothing_but_a_good_set_replaces_the_keys_or_ends_the_cooldown() {
    let (scene, ours) = Ours::start().await;
    assert_eq!(j6(&scene, &ours).await, Findings::default());
}
