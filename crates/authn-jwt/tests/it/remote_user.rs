//! Issuers that are asked about each token.

use std::time::Duration;

use palisade_authn_jwt::{Issuer, Keys, OptionalAuth, RemoteUser, Verifier};
use palisade_core::{
    ClientIp, ClientIpSource, Ipv6Prefix, ManualClock, Policy as _, SecurityContext, Verdict,
};
use palisade_test_support::{Ask, SecurityLog, head_of};
use serde_json::json;

use crate::{
    endpoint::{Endpoint, Got, PASSED, PATIENCE, send, send_at_once, until, within},
    fixture::{ISSUER, NOW, claims, claims_with, token},
};

const USER: &str = "/auth/v1/user";

fn rejected() -> Got {
    (401, Some("invalid-token.rejected"), None)
}

fn unavailable() -> Got {
    (503, Some("auth-unavailable"), Some("5".to_owned()))
}

fn remote(endpoint: &Endpoint) -> RemoteUser {
    let user = RemoteUser::new(endpoint.url(USER), "anon-key").dangerous_allow_http();
    user.time_limit(PATIENCE)
}

fn verifier_of(user: RemoteUser) -> Verifier {
    let issuer = Issuer::new(ISSUER, Keys::default()).remote_user(user).audience("api");
    Verifier::new(issuer).unwrap()
}

async fn scene() -> (Endpoint, Verifier, ManualClock) {
    let endpoint = Endpoint::start().await;
    endpoint.says(USER, json!({"id": "alice", "email": "alice@example.org"}));
    let verifier = verifier_of(remote(&endpoint));
    (endpoint, verifier, ManualClock::new())
}

fn alice() -> String {
    token(&claims())
}

#[tokio::test]
async fn an_issuer_that_knows_the_token_is_asked_once_in_thirty_seconds() {
    let (endpoint, verifier, clock) = scene().await;
    assert_eq!(send(&verifier, &alice(), &clock).await, PASSED);
    for _ in 0..5 {
        assert_eq!(send_at_once(&verifier, &alice(), &clock), PASSED);
    }
    assert_eq!(endpoint.count(USER), 1);
    let head = endpoint.heads().remove(0);
    assert!(head.contains("\r\napikey: anon-key\r\n"), "{head}");
    let bearer = format!("\r\nauthorization: bearer {}\r\n", alice().to_ascii_lowercase());
    assert!(head.contains(&bearer), "{head}");
    clock.advance(Duration::from_secs(30));
    assert_eq!(send(&verifier, &alice(), &clock).await, PASSED);
    assert_eq!(endpoint.count(USER), 2);
    // By itself, the verifier asks nobody.
    let error = verifier_of(remote(&endpoint)).verify(&alice(), clock.now().wall()).unwrap_err();
    assert_eq!(error.code().as_str(), "auth-unavailable");
}

#[tokio::test]
async fn j10_what_one_issuer_says_of_a_token_is_not_what_another_says() {
    let (_yes, trusting, clock) = scene().await;
    let no = Endpoint::start().await;
    no.answers(USER, "401 Unauthorized", "x-none: 1", "{}");
    let other = verifier_of(remote(&no));
    assert_eq!(send(&trusting, &alice(), &clock).await, PASSED);
    assert_eq!(send(&other, &alice(), &clock).await, rejected());
    assert_eq!(send_at_once(&trusting, &alice(), &clock), PASSED);
    assert_eq!(send_at_once(&other, &alice(), &clock), rejected());
    assert_eq!(no.count(USER), 1);
}

#[tokio::test]
async fn what_the_token_says_counts_once_it_is_confirmed() {
    let (_endpoint, verifier, clock) = scene().await;
    let context = SecurityContext::new(clock.now());
    let admin = token(&claims_with(json!({"app_metadata": {"role": "admin"}})));
    let mut head = head_of(Ask::get("/").bearer(&admin));
    let auth = OptionalAuth::new(verifier);
    match auth.check(&mut head, &context) {
        Verdict::Wait(answer) => {
            assert!(context.identity().is_none());
            within(answer).await.unwrap();
        }
        verdict => panic!("{verdict:?}"),
    }
    let identity = context.identity().unwrap();
    assert_eq!((identity.subject(), identity.is_admin()), ("alice", true));
}

#[tokio::test]
async fn a_token_that_the_issuer_does_not_accept_is_refused_and_remembered() {
    for status in ["401 Unauthorized", "403 Forbidden"] {
        let (endpoint, verifier, clock) = scene().await;
        endpoint.answers(USER, status, "x-none: 1", r#"{"error_code":"session_not_found"}"#);
        assert_eq!(send(&verifier, &alice(), &clock).await, rejected());
        assert_eq!(send_at_once(&verifier, &alice(), &clock), rejected());
        assert_eq!(endpoint.count(USER), 1);
    }
    // What a gateway says of our own key looks otherwise.
    for body in [
        "",
        "no",
        r#"["message"]"#,
        r#"{"error":"no"}"#,
        r#"{"code":403,"error_code":"bad_jwt","msg":"no"}"#,
        r#"{"code":"bad_jwt","message":"no"}"#,
        r#"{"error_code":"bad_jwt","message":"no"}"#,
        r#"{"msg":"no","message":"no"}"#,
    ] {
        let (endpoint, verifier, clock) = scene().await;
        endpoint.answers(USER, "401 Unauthorized", "x-none: 1", body);
        assert_eq!(send(&verifier, &alice(), &clock).await, rejected(), "{body}");
    }
    // Another one's token is none either.
    let (_endpoint, verifier, clock) = scene().await;
    let bob = token(&claims_with(json!({"sub": "bob"})));
    assert_eq!(send(&verifier, &bob, &clock).await, rejected());
}

#[tokio::test]
async fn what_is_wrong_by_its_own_words_is_refused_without_a_question() {
    let (endpoint, verifier, clock) = scene().await;
    for (changes, code) in [
        (json!({"exp": NOW}), "invalid-token.expired"),
        (json!({"aud": "other"}), "invalid-token.audience"),
        (json!({"iss": "https://other.example"}), "invalid-token.issuer"),
        (json!({"sub": null}), "invalid-token.subject"),
    ] {
        let token = token(&claims_with(changes));
        assert_eq!(send(&verifier, &token, &clock).await.1, Some(code));
    }
    assert_eq!(send_at_once(&verifier, "a.b.c", &clock).0, 401);
    assert_eq!(endpoint.heads().len(), 0);
}

#[tokio::test]
async fn no_answer_is_never_a_pass() {
    let (endpoint, verifier, clock) = scene().await;
    for (status, body) in [
        ("500 Internal Server Error", r#"{"id":"alice"}"#),
        ("429 Too Many Requests", r#"{"id":"alice"}"#),
        ("302 Found", r#"{"id":"alice"}"#),
        ("204 No Content", ""),
        ("200 OK", "<html>welcome to the hotel</html>"),
        ("200 OK", r#"{"id":7}"#),
        ("200 OK", r#"{"id":"bob","id":"alice"}"#),
        ("200 OK", r#"["alice"]"#),
        // Our own key is refused.
        ("401 Unauthorized", r#"{"message":"Invalid API key","hint":"x"}"#),
        ("403 Forbidden", r#"{"message":"No API key found in request"}"#),
    ] {
        endpoint.answers(USER, status, "location: /", body);
        assert_eq!(send(&verifier, &alice(), &clock).await, unavailable(), "{status} {body}");
        assert_eq!(verifier.remembered_refusals(), 0);
    }
    // It is not remembered either.
    endpoint.says(USER, json!({"id": "alice"}));
    assert_eq!(send(&verifier, &alice(), &clock).await, PASSED);
    clock.advance(Duration::from_secs(30));
    endpoint.hold();
    let impatient = verifier_of(remote(&endpoint).time_limit(Duration::from_millis(200)));
    assert_eq!(send(&impatient, &alice(), &clock).await, unavailable());
    assert_eq!(impatient.remembered_refusals(), 0);
    let _deaf = endpoint.stop().await;
    assert_eq!(send(&verifier, &alice(), &clock).await, unavailable());
}

#[tokio::test]
async fn many_requests_with_one_token_are_one_question() {
    let (endpoint, verifier, clock) = scene().await;
    endpoint.hold();
    let ask = || {
        let (verifier, clock) = (verifier.clone(), clock.clone());
        tokio::spawn(async move { send(&verifier, &alice(), &clock).await })
    };
    let (first, others) = (ask(), [(); 20].map(|()| ask()));
    until(|| endpoint.count(USER) == 1).await;
    // The one who asked goes away: another one asks.
    first.abort();
    until(|| endpoint.count(USER) == 2).await;
    endpoint.release();
    for got in others {
        assert_eq!(within(got).await.unwrap(), PASSED);
    }
    assert_eq!(endpoint.count(USER), 2);
}

#[tokio::test]
async fn a_question_from_an_earlier_epoch_answers_nobody_in_a_later_one() {
    let (endpoint, verifier, clock) = scene().await;
    endpoint.hold();
    let ask = || {
        let (verifier, clock) = (verifier.clone(), clock.clone());
        tokio::spawn(async move { send(&verifier, &alice(), &clock).await })
    };
    let before = ask();
    until(|| endpoint.count(USER) == 1).await;
    verifier.bump_epoch();
    let after = [ask(), ask()];
    until(|| endpoint.count(USER) == 2).await;
    // The earlier question leaves the later one its place.
    before.abort();
    assert!(before.await.is_err());
    let late = ask();
    endpoint.release();
    for got in after.into_iter().chain([late]) {
        assert_eq!(within(got).await.unwrap(), PASSED);
    }
    assert_eq!(endpoint.count(USER), 2);
    assert_eq!(send_at_once(&verifier, &alice(), &clock), PASSED);
}

#[tokio::test]
async fn an_issuer_that_is_down_is_one_record_however_many_tokens_come() {
    let (endpoint, verifier, clock) = scene().await;
    let log = SecurityLog::start();
    let mut tokens = (0..).map(|number| token(&claims_with(json!({"jti": number}))));
    endpoint.answers(USER, "500 Internal Server Error", "x-none: 1", "");
    for token in tokens.by_ref().take(10) {
        assert_eq!(send(&verifier, &token, &clock).await, unavailable());
    }
    let down = log.of("issuer.unreachable");
    assert!(down.len() == 1 && down[0].starts_with("WARN"), "{down:?}");
    assert!(log.of("issuer.answers").is_empty());
    // It is up again, and a no is an answer too.
    endpoint.says(USER, json!({"id": "bob"}));
    for token in tokens.by_ref().take(10) {
        assert_eq!(send(&verifier, &token, &clock).await, rejected());
    }
    let up = log.of("issuer.answers");
    assert!(up.len() == 1 && up[0].starts_with("INFO"), "{up:?}");
    let _deaf = endpoint.stop().await;
    for token in tokens.by_ref().take(10) {
        assert_eq!(send(&verifier, &token, &clock).await, unavailable());
    }
    assert_eq!((log.of("issuer.unreachable").len(), log.of("issuer.answers").len()), (2, 1));
}

#[tokio::test]
async fn tokens_beyond_the_questions_there_is_room_for_are_503() {
    let endpoint = Endpoint::start().await;
    endpoint.says(USER, json!({"id": "alice"}));
    let (verifier, clock) = (verifier_of(remote(&endpoint).concurrency(1)), ManualClock::new());
    endpoint.hold();
    let first = tokio::spawn({
        let (verifier, clock) = (verifier.clone(), clock.clone());
        async move { send(&verifier, &alice(), &clock).await }
    });
    until(|| endpoint.count(USER) == 1).await;
    let other = token(&claims_with(json!({"jti": "other"})));
    assert_eq!(send(&verifier, &other, &clock).await, unavailable());
    endpoint.release();
    assert_eq!(within(first).await.unwrap(), PASSED);
    assert_eq!(send(&verifier, &other, &clock).await, PASSED);
    assert_eq!(endpoint.count(USER), 2);
}

#[tokio::test]
async fn nobody_is_asked_about_the_tokens_of_a_client_whose_tokens_are_rejected() {
    let (endpoint, clock) = (Endpoint::start().await, ManualClock::new());
    endpoint.answers(USER, "401 Unauthorized", "x-none: 1", "");
    let issuer = Issuer::new(ISSUER, Keys::default()).remote_user(remote(&endpoint));
    let builder = Verifier::builder().issuer(issuer.audience("api"));
    let auth = OptionalAuth::new(builder.failure_budget(2, 1).build().unwrap());
    for number in 0..4 {
        let token = token(&claims_with(json!({"jti": number})));
        let rejection = match check(&auth, &token, &clock) {
            Verdict::Wait(answer) => within(answer).await.unwrap_err(),
            Verdict::Refuse(rejection) => rejection,
            Verdict::Pass => panic!("it passed"),
        };
        let is_over = rejection.code().as_str() == "quota-exceeded.invalid-tokens";
        assert_eq!(is_over, number >= 2, "{rejection:?}");
    }
    assert_eq!(endpoint.count(USER), 2);
}

/// What `auth` says to one client with `token`, at the time of `clock`.
pub(crate) fn check(auth: &OptionalAuth, token: &str, clock: &ManualClock) -> Verdict {
    let context = SecurityContext::new(clock.now());
    let address = "203.0.113.9".parse().unwrap();
    let client = ClientIp::new(address, ClientIpSource::Peer, Ipv6Prefix::default());
    context.learn_client_ip(client);
    auth.check(&mut head_of(Ask::get("/").bearer(token)), &context)
}

#[tokio::test]
async fn one_rejected_token_is_one_failure_however_many_requests_bring_it_at_once() {
    let (endpoint, clock) = (Endpoint::start().await, ManualClock::new());
    endpoint.answers(USER, "401 Unauthorized", "x-none: 1", "");
    let issuer = Issuer::new(ISSUER, Keys::default()).remote_user(remote(&endpoint));
    let builder = Verifier::builder().issuer(issuer.audience("api"));
    let auth = OptionalAuth::new(builder.failure_budget(2, 1).build().unwrap());
    let asked = |token: &str| match check(&auth, token, &clock) {
        Verdict::Wait(answer) => tokio::spawn(answer),
        verdict => panic!("{verdict:?}"),
    };
    let waiting = [(); 5].map(|()| asked(&alice()));
    for answer in waiting {
        assert!(within(answer).await.unwrap().is_err());
    }
    assert_eq!(endpoint.count(USER), 1);
    // There is one failure left.
    let bob = token(&claims_with(json!({"jti": "bob"})));
    assert!(within(asked(&bob)).await.unwrap().is_err());
    let carol = token(&claims_with(json!({"jti": "carol"})));
    assert!(matches!(check(&auth, &carol, &clock), Verdict::Refuse(_)));
}

#[test]
fn mistakes_are_told_and_the_key_is_not() {
    let error = |user: RemoteUser| {
        assert!(!format!("{user:?}").contains("hunter2"));
        let issuer = Issuer::new(ISSUER, Keys::default()).remote_user(user).audience("api");
        Verifier::new(issuer).expect_err("a mistake").to_string()
    };
    let https = |key: &str| RemoteUser::new("https://id.example/user", key);
    assert!(error(RemoteUser::new("http://id.example/user", "hunter2")).contains("https"));
    for key in ["", "hunter2\n"] {
        let error = error(https(key));
        assert!(error.contains("API key") && !error.contains("hunter2"), "{error}");
    }
    assert!(error(https("hunter2").concurrency(0)).contains("1 to 1000"));
    assert!(error(https("hunter2").concurrency(1_001)).contains("1 to 1000"));
    assert!(error(https("hunter2").time_limit(Duration::from_secs(11))).contains("10 s"));
}
