//! Fetched keys as one writes them in an afternoon, and what others got wrong with theirs.

use std::sync::{Arc, Mutex};

use palisade_authn_jwt::{Keys, verify_jws};
use palisade_core::{ManualClock, Moment};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::part;
use crate::{
    endpoint::{Endpoint, Got, PASSED},
    fixture::ISSUER,
    published::{ed25519_jwk, set},
    remote_keys::{COOLDOWN, JWKS, unknown_key},
    threats::{
        Findings,
        keys::{Judge, Scene, j5_flood, j5_hopeless, j6},
    },
};

/// Fetches keys when a token names one that is not there.
struct Fetches {
    fault: Fault,
    /// Where from, without the path.
    origin: String,
    state: Mutex<State>,
    /// Who is answered, where one is answered after the other.
    turn: tokio::sync::Mutex<()>,
}

struct State {
    set: String,
    /// When the last fetch began.
    began: Option<Moment>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Fault {
    None,
    /// Knows no cooldown (go-oidc#482).
    FetchesForEach,
    /// Reads what a token says when it has the key.
    FetchesForTheHopeless,
    /// Forgets its keys before it has others (zitadel-auth#156).
    ForgetsKeys,
    /// Answers one request after the other.
    KeepsAllWaiting,
    /// A set is what the endpoint says (garden-co/jazz#340).
    BelievesTheEndpoint,
    FollowsRedirects,
    /// The cooldown stands behind what went well (mobula#28).
    ForgetsFailures,
}

// === impl Fetches ===

impl Fetches {
    async fn start(fault: Fault) -> (Scene, Arc<Self>) {
        let (endpoint, clock) = (Endpoint::start().await, ManualClock::new());
        endpoint.says(JWKS, set(&[ed25519_jwk("one")]));
        let state = Mutex::new(State { set: String::new(), began: Some(clock.now()) });
        let origin = endpoint.url("");
        let fetches = Self { fault, origin, state, turn: tokio::sync::Mutex::default() };
        fetches.fetch().await;
        (Scene { endpoint, clock }, Arc::new(fetches))
    }

    fn verdict(&self, token: &str) -> Got {
        let is_good = verify_jws(token, &self.state.lock().unwrap().set).is_ok();
        if is_good { PASSED } else { unknown_key() }
    }

    /// Begins a fetch for a token whose key is not there, if it is time to.
    fn begin(&self, token: &str, now: Moment) -> bool {
        let claims = part(token, 1);
        let is_ours = claims["iss"] == ISSUER && claims["aud"] == "api";
        let has_hope = is_ours && claims["exp"].as_u64() > Some(now.unix_seconds());
        let mut state = self.state.lock().unwrap();
        let is_early = state.began.is_some_and(|began| now.since(began) < COOLDOWN);
        if (is_early && self.fault != Fault::FetchesForEach)
            || (!has_hope && self.fault != Fault::FetchesForTheHopeless)
        {
            return false;
        }
        state.began = Some(now);
        if self.fault == Fault::ForgetsKeys {
            state.set.clear();
        }
        true
    }

    async fn fetch(&self) {
        let (mut head, mut body) = self.get(JWKS).await;
        let place = head.lines().find_map(|line| line.strip_prefix("location: "));
        if self.fault == Fault::FollowsRedirects
            && let Some(path) = place.and_then(|place| place.strip_prefix(&self.origin))
        {
            (head, body) = self.get(path).await;
        }
        let is_good = head.starts_with("HTTP/1.1 200 ") && Keys::jwks_json(&body).is_ok();
        let mut state = self.state.lock().unwrap();
        if is_good || self.fault == Fault::BelievesTheEndpoint {
            state.set = body;
        }
        if !is_good && self.fault == Fault::ForgetsFailures {
            state.began = None;
        }
    }

    /// Head and body of what is at `path`.
    async fn get(&self, path: &str) -> (String, String) {
        let address = self.origin.strip_prefix("http://").unwrap();
        let mut socket = TcpStream::connect(address).await.unwrap();
        socket.write_all(format!("GET {path} HTTP/1.1\r\n\r\n").as_bytes()).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), body.to_owned())
    }
}

impl Judge for Fetches {
    async fn answer(&self, token: &str, clock: &ManualClock) -> Got {
        let _turn = match self.fault {
            Fault::KeepsAllWaiting => Some(self.turn.lock().await),
            _ => None,
        };
        let verdict = self.verdict(token);
        if verdict == PASSED || !self.begin(token, clock.now()) {
            return verdict;
        }
        self.fetch().await;
        self.verdict(token)
    }
}

#[tokio::test]
async fn j5_and_j6_find_nothing_in_fetched_keys_without_a_fault() {
    let (scene, sound) = Fetches::start(Fault::None).await;
    assert_eq!(j5_flood(&scene, &sound).await, Findings::default());
    let (scene, sound) = Fetches::start(Fault::None).await;
    assert_eq!(j5_hopeless(&scene, &sound).await, Findings::default());
    let (scene, sound) = Fetches::start(Fault::None).await;
    assert_eq!(j6(&scene, &sound).await, Findings::default());
}

#[tokio::test]
async fn j5_finds_who_fetches_for_each_or_has_no_known_key_meanwhile() {
    for fault in [Fault::FetchesForEach, Fault::ForgetsKeys, Fault::KeepsAllWaiting] {
        let (scene, broken) = Fetches::start(fault).await;
        assert_ne!(j5_flood(&scene, &broken).await, Findings::default(), "{fault:?}");
    }
}

#[tokio::test]
async fn j5_finds_who_fetches_for_the_hopeless() {
    let (scene, broken) = Fetches::start(Fault::FetchesForTheHopeless).await;
    assert_ne!(j5_hopeless(&scene, &broken).await, Findings::default());
}

#[tokio::test]
async fn j6_finds_who_takes_anything_for_keys_or_forgets_failures() {
    for fault in [Fault::BelievesTheEndpoint, Fault::FollowsRedirects, Fault::ForgetsFailures] {
        let (scene, broken) = Fetches::start(fault).await;
        assert_ne!(j6(&scene, &broken).await, Findings::default(), "{fault:?}");
    }
}
