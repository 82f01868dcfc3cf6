//! Signing out: of one token, at once, also where a stream is open.

use std::time::Duration;

use reqwest::blocking::Response;
use serde_json::{Value, json};

use crate::{
    server::{Server, problem},
    stream::{ends, event, follow, lines},
};

fn logout(server: &Server, token: &str) -> Response {
    server.request("POST", "/api/logout").bearer_auth(token).send().unwrap()
}

#[test]
fn e3_who_signs_out_is_refused_with_the_next_request_and_his_stream_ends() {
    let server = Server::unlimited(&[]);
    let [phone, laptop] = [(); 2].map(|()| server.token("alice", &["admin"]));
    let (on_phone, mut on_laptop) =
        (lines(follow(&server, &phone)), lines(follow(&server, &laptop)));
    assert_eq!(server.get_as(&phone, "/api/me").status(), 200);

    let left = logout(&server, &phone);
    assert_eq!(left.status(), 204);
    assert_eq!(left.headers()["clear-site-data"], "\"cache\", \"cookies\", \"storage\"");
    let refused = server.get_as(&phone, "/api/feed");
    let challenge = refused.headers()["www-authenticate"].to_str().unwrap().to_owned();
    assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
    let (status, code, _) = problem(refused);
    assert_eq!((status, &*code), (401, "invalid-token.revoked"));
    assert_eq!(problem(logout(&server, &phone)).1, "invalid-token.revoked");
    ends(on_phone);

    // Another token of the same user is good, and its stream goes on.
    assert_eq!(server.get_as(&laptop, "/api/profiles").status(), 200);
    while event(&mut on_laptop)["path"] != "/api/profiles" {}
    assert!(!server.log().contains(&phone));
}

#[test]
fn e3_a_restart_forgets_no_sign_out_and_it_stands_in_the_log_of_what_was_done() {
    let server = Server::unlimited(&[]);
    let alice = server.token("alice", &["admin"]);
    let [phone, laptop] = [(); 2].map(|()| server.token("bob", &[]));
    assert_eq!(logout(&server, &phone).status(), 204);
    let off = [("RATE_LIMIT_ENABLED", "false"), ("AUTO_BAN_ENABLED", "false")];
    let again = Server::start_in(server.kill(), &off);
    assert_eq!(problem(again.get_as(&phone, "/api/me")).1, "invalid-token.revoked");
    assert_eq!(again.get_as(&laptop, "/api/me").status(), 200);
    let log = again.get_as(&alice, "/api/admin/audit?action=user.logout");
    let log: Value = log.json().unwrap();
    assert_eq!(log["records"][0]["actor"]["subject"], "bob");
    assert!(log["records"][1].is_null(), "{log}");
}

#[test]
fn e3_who_signs_out_while_the_database_does_not_answer_reads_so_and_is_signed_out_here() {
    let server = Server::unlimited(&[]);
    let bob = server.token("bob", &[]);
    let database = server.hold_database();
    let left = logout(&server, &bob);
    assert!(left.headers().contains_key("retry-after"));
    let (status, code, _) = problem(left);
    assert_eq!((status, &*code), (503, "temporarily-unavailable"));
    assert_eq!(problem(server.get_as(&bob, "/api/me")).1, "invalid-token.revoked");
    database.execute_batch("ROLLBACK").unwrap();
}

#[test]
fn e3_a_stream_ends_within_a_second_of_its_token_and_of_its_key() {
    let server = Server::unlimited(&[]);
    let admin = server.token("alice", &["admin"]);
    let by_token = || {
        let token = server.token("alice", &["admin"]);
        let stream = lines(follow(&server, &token));
        assert_eq!(logout(&server, &token).status(), 204);
        ends(stream)
    };
    let by_key = || {
        let order = json!({ "roles": ["admin"] });
        let made: Value = server.post_as(&admin, "/api/admin/api-keys", &order).json().unwrap();
        let (id, key) = (made["apiKey"]["id"].as_str().unwrap(), made["key"].as_str().unwrap());
        let stream = server.request("GET", "/api/analytics/stream").header("x-api-key", key);
        let stream = lines(stream.timeout(Duration::from_secs(20)).send().unwrap());
        let revoke = server.request("DELETE", &format!("/api/admin/api-keys/{id}"));
        assert_eq!(revoke.bearer_auth(&admin).send().unwrap().status(), 200);
        ends(stream)
    };
    // A machine with other work may take longer now and then, but not every time.
    let second = Duration::from_secs(1);
    assert!((0..5).any(|_| by_token() < second));
    assert!((0..5).any(|_| by_key() < second));
}

#[test]
fn nobody_cannot_sign_out() {
    let server = Server::unlimited(&[]);
    let answer = server.request("POST", "/api/logout").send().unwrap();
    assert_eq!(problem(answer).1, "credentials-required");
    let bob = server.token("bob", &[]);
    assert_eq!(problem(server.get_as(&bob, "/api/logout")).1, "method-not-allowed");
    assert_eq!(server.get_as(&bob, "/api/me").status(), 200);
}
