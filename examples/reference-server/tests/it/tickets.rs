//! One-time tickets for streams.

use std::{fs, time::Duration};

use palisade::core::Presented;
use reqwest::blocking::Response;
use serde_json::{Value, json};

use crate::{
    server::{Server, problem},
    stream::{ends, lines},
};

/// A ticket's place to be used.
fn ticket(server: &Server, token: &str) -> String {
    let wanted = json!({ "route": "/api/analytics/stream" });
    let answer = server.post_as(token, "/api/stream-tickets", &wanted);
    assert_eq!(answer.status(), 201);
    assert!(answer.headers()["cache-control"].to_str().unwrap().contains("no-store"));
    let body: Value = answer.json().unwrap();
    assert_eq!(body["expiresInSeconds"], 30);
    let url = body["url"].as_str().unwrap().to_owned();
    assert!(url.ends_with(body["ticket"].as_str().unwrap()));
    url
}

fn follow(server: &Server, url: &str) -> Response {
    server.request("GET", url).timeout(Duration::from_secs(20)).send().unwrap()
}

#[test]
fn a_ticket_opens_a_stream_once_as_the_one_who_asked_for_it() {
    for query_token in ["streams", "off"] {
        let server = Server::unlimited(&[("QUERY_TOKEN", query_token)]);
        let url = ticket(&server, &server.token("alice", &["admin"]));
        let stream = follow(&server, &url);
        assert_eq!(stream.headers()["content-type"], "text/event-stream");
        drop(lines(stream));
        assert_eq!(problem(follow(&server, &url)).1, "invalid-token.ticket", "it is used up");
        let url = ticket(&server, &server.token("bob", &[]));
        assert_eq!(problem(follow(&server, &url)).1, "insufficient-role");
        assert!(!server.log().contains("ticket="), "a ticket is in the log: {}", server.log());
    }
}

#[test]
fn e3_a_stream_that_a_ticket_opened_ends_with_the_token_behind_it() {
    let server = Server::unlimited(&[]);
    let alice = server.token("alice", &["admin"]);
    let (first, second) = (ticket(&server, &alice), ticket(&server, &alice));
    let stream = lines(follow(&server, &first));
    let left = server.request("POST", "/api/logout").bearer_auth(&alice).send().unwrap();
    assert_eq!(left.status(), 204);
    ends(stream);
    assert_eq!(problem(follow(&server, &second)).1, "invalid-token.revoked");
}

#[test]
fn e3_what_is_no_new_ticket_of_ours_does_not_make_it_to_the_database() {
    let server = Server::unlimited(&[]);
    let url = ticket(&server, &server.token("alice", &["admin"]));
    let (path, text) = url.split_once("ticket=").unwrap();
    let other = if text.ends_with('0') { "1" } else { "0" };
    let forged = [
        format!("{}{other}", &text[..text.len() - 1]),
        format!("{other}{}", &text[1..]),
        text.to_uppercase(),
        format!("{text}00"),
        "0".repeat(text.len()),
        "0".repeat(40),
    ];
    // Whatever asks the database now reads 503.
    let database = server.hold_database();
    for forged in forged.iter().filter(|forged| *forged != text) {
        let answer = follow(&server, &format!("{path}ticket={forged}"));
        assert_eq!(problem(answer).1, "invalid-token.ticket", "{forged}");
    }
    assert_eq!(problem(follow(&server, &url)).1, "temporarily-unavailable");
    database.execute_batch("ROLLBACK").unwrap();
    drop(lines(follow(&server, &url)));
    let _database = server.hold_database();
    assert_eq!(problem(follow(&server, &url)).1, "invalid-token.ticket", "it was brought before");
}

/// The digest of the other text that an ECDSA token has. Of this one, which is none, it only looks like it.
fn digest_of_twin(token: &str) -> String {
    let bearer = format!("Bearer {token}");
    let request = http::Request::builder().header("authorization", bearer).body(()).unwrap();
    let (head, ()) = request.into_parts();
    let presented = Presented::find(&head, None);
    presented.one().unwrap().token().digests().nth(1).unwrap().to_string()
}

#[test]
fn e3_a_stream_that_a_ticket_opened_ends_when_its_token_is_blocked_by_either_digest() {
    let keys = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/jwks.json");
    let settings = [("JWKS_FILE", keys), ("JWT_AUDIENCE", "api"), ("ADMIN_USERS", "carol")];
    let server = Server::unlimited(&settings);
    let carol = include_str!("../data/jwks.token").trim();
    let stream = lines(follow(&server, &ticket(&server, carol)));
    let path = server.folder.path().join("config/blocklist.json");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let entry = format!("sha256:{}", digest_of_twin(carol));
    fs::write(&path, json!({ "blockedTokens": [entry] }).to_string()).unwrap();
    ends(stream);
    assert_eq!(problem(server.get_as(carol, "/api/feed")).1, "blocked");
    let log = server.log();
    let line = log.lines().find(|line| line.contains("stream.ended")).unwrap();
    assert!(line.contains("cause=\"blocked\""), "{line}");
}

#[test]
fn tickets_are_for_streams_and_for_those_who_are_known() {
    let server = Server::unlimited(&[]);
    let alice = server.token("alice", &["admin"]);
    for body in [json!({ "route": "/api/me" }), json!({ "path": "/api/analytics/stream" })] {
        let answer = server.post_as(&alice, "/api/stream-tickets", &body);
        assert_eq!(problem(answer).1, "invalid-request", "{body}");
    }
    let order = json!({ "roles": ["admin"] });
    let made: Value = server.post_as(&alice, "/api/admin/api-keys", &order).json().unwrap();
    let key = made["key"].as_str().unwrap();
    let by_key = server.request("POST", "/api/stream-tickets").header("x-api-key", key);
    let by_key = by_key.json(&json!({ "route": "/api/analytics/stream" })).send().unwrap();
    assert_eq!(problem(by_key).1, "token-required", "a key goes into a header, and ends there");
    let nobody = server.request("POST", "/api/stream-tickets").send().unwrap();
    assert_eq!(problem(nobody).1, "credentials-required");
    let url = ticket(&server, &alice);
    let beside = server.request("GET", &url).bearer_auth(&alice).send().unwrap();
    assert_eq!(problem(beside).1, "ambiguous-credentials");
    let elsewhere = url.replace("/api/analytics/stream", "/api/me");
    assert_eq!(problem(server.get(&elsewhere)).1, "credentials-required");
}
