//! What handlers refuse, and who somebody is, in the security log of a running server.

use serde_json::{Value, json};

use crate::{
    security_log::{FILE, of, path},
    server::{Server, problem},
};

const LOG: &str = "/api/logs/system/stream";
const KEYS: &str = "/api/admin/api-keys";

/// A key of alice's own, who is an admin.
fn own_key(server: &Server, admin: &str) -> String {
    let made: Value = server.post_as(admin, KEYS, &json!({ "roles": ["admin"] })).json().unwrap();
    made["key"].as_str().unwrap().to_owned()
}

/// The only event of this code, which must be `event`, of the request with this id.
fn only(server: &Server, event: &str, code: &str, request_id: &str) -> Value {
    let events = of(server, event);
    let mut found: Vec<_> = events.into_iter().filter(|line| line["code"] == code).collect();
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0]["request_id"], request_id);
    found.remove(0)
}

/// The code of a refusal, and the id that the client can quote.
fn refusal(answer: reqwest::blocking::Response) -> (u16, String, String) {
    let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    let (status, code, _) = problem(answer);
    (status, code, id)
}

#[test]
fn what_a_handler_refuses_is_one_event_with_the_id_that_the_client_quotes() {
    let server = Server::unlimited(&[FILE, ("STREAMS_PER_USER", "1")]);
    let admin = server.token("alice", &["admin"]);
    let key = own_key(&server, &admin);
    let by_key = |method: &str, path: &str| server.request(method, path).header("x-api-key", &key);

    let (status, code, id) = refusal(by_key("POST", KEYS).json(&json!({})).send().unwrap());
    assert_eq!((status, &*code), (403, "token-required"));
    let line = only(&server, "request.refused", &code, &id);
    assert_eq!((&line["status"], &line["user_id"]), (&json!(403), &json!("alice")));
    assert_eq!((&line["method"], &line["path"]), (&json!("POST"), &json!(KEYS)));

    let _open = server.get_as(&admin, LOG);
    let (status, code, id) = refusal(server.get_as(&admin, LOG));
    assert_eq!((status, &*code), (429, "too-many-streams"));
    let line = only(&server, "rate-limit.exceeded", &code, &id);
    assert_eq!((&line["key_kind"], &line["key"]), (&json!("user"), &json!("alice")));
    assert_eq!(line["issuer"], "palisade-development");
    assert!(line["reason"].as_str().unwrap().contains("1 places"), "{line}");

    let report = || server.request("POST", "/api/csp-reports").send().unwrap();
    let refused = std::iter::repeat_with(report).find(|answer| answer.status() == 429).unwrap();
    let (_, code, id) = refusal(refused);
    let line = only(&server, "rate-limit.exceeded", &code, &id);
    assert_eq!((&line["limit"], &line["key_kind"]), (&json!("csp-reports"), &json!("address")));
    assert!(line["reason"].is_string(), "{line}");
}

#[test]
fn e8_what_a_handler_refuses_is_told_without_what_was_sent() {
    let server = Server::unlimited(&[FILE]);
    let admin = server.token("alice", &["admin"]);
    let wrong = server.get_as(&admin, &format!("{LOG}?hunter2=x"));
    assert_eq!(problem(wrong).0, 400);
    for body in [json!({ "hunter2": 1 }), json!({ "roles": "hunter2" })] {
        assert_eq!(problem(server.post_as(&admin, KEYS, &body)).0, 422);
    }
    let report = server.request("POST", "/api/csp-reports");
    let report = report.header("content-type", "application/csp-report").body("hunter2");
    assert_eq!(problem(report.send().unwrap()).0, 422);
    let told = of(&server, "request.refused");
    assert!(told.iter().all(|line| line["reason"].is_string()), "{told:#?}");
    let file = path(&server);
    server.terminate();
    let text = || std::fs::read_to_string(&file).unwrap();
    crate::server::until("both codes", || text().matches("invalid-request").count() > 1);
    assert!(!text().contains("hunter2"), "{}", text());
}

#[test]
fn e2_places_for_streams_are_of_a_user_by_one_kind_of_proof() {
    let server = Server::unlimited(&[FILE, ("STREAMS_PER_USER", "1")]);
    let admin = server.token("alice", &["admin"]);
    let key = own_key(&server, &admin);
    let by_key = || server.request("GET", LOG).header("x-api-key", &key).send().unwrap();
    let (open, other) = (server.get_as(&admin, LOG), by_key());
    assert_eq!(
        (open.status().as_u16(), other.status().as_u16()),
        (200, 200),
        "the same name is two users"
    );
    assert_eq!(problem(by_key()).1, "too-many-streams");
    assert_eq!(problem(server.get_as(&admin, LOG)).1, "too-many-streams");
}

#[test]
fn who_signs_out_and_whose_stream_ends_is_named_with_who_vouches_for_him() {
    let server = Server::unlimited(&[FILE]);
    let admin = server.token("alice", &["admin"]);
    let _open = server.get_as(&admin, LOG);
    let left = server.request("POST", "/api/logout").bearer_auth(&admin).send().unwrap();
    assert_eq!(left.status(), 204);
    for event in ["token.revoked", "stream.ended"] {
        let line = &of(&server, event)[0];
        assert_eq!(line["user_id"], "alice", "{event}");
        assert_eq!(line["issuer"], "palisade-development", "{event}");
    }
}
