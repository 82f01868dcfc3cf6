//! What a user lets the service keep for him: sealed, his alone, and never shown.

use std::path::Path;

use palisade_vault::Key;
use reqwest::blocking::Response;
use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::server::{Server, problem, run, until};

const KEY: &str = "sk-live-4kq0v7m2x9rt8w3h";

fn write(server: &Server, token: &str, name: &str, value: &str) -> Response {
    let request = server.request("PUT", &format!("/api/me/secrets/{name}"));
    request.bearer_auth(token).json(&json!({ "value": value })).send().unwrap()
}

fn written(server: &Server, token: &str, name: &str, value: &str) -> Value {
    let answer = write(server, token, name, value);
    assert_eq!(answer.status(), 200);
    answer.json().unwrap()
}

fn remove(server: &Server, token: &str, name: &str) -> Value {
    let request = server.request("DELETE", &format!("/api/me/secrets/{name}"));
    request.bearer_auth(token).send().unwrap().json().unwrap()
}

fn list(server: &Server, token: &str) -> Vec<Value> {
    let answer: Value = server.get_as(token, "/api/me/secrets").json().unwrap();
    answer["secrets"].as_array().unwrap().clone()
}

fn table(folder: &Path) -> Connection {
    let database = Connection::open(folder.join("data/palisade.db")).unwrap();
    database.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
    database
}

fn actions(server: &Server, admin: &str) -> Vec<(Value, Value)> {
    let answer: Value = server.get_as(admin, "/api/admin/audit").json().unwrap();
    let records = answer["records"].as_array().unwrap().clone();
    let of_secrets = |record: &&Value| record["target"]["kind"] == "secret";
    let records = records.iter().filter(of_secrets);
    records.map(|record| (record["action"].clone(), record["code"].clone())).collect()
}

pub(crate) fn ring_key() -> String {
    Key::generate().unwrap().expose_base64().expose_str().unwrap().to_owned()
}

#[test]
fn w5_a_secret_goes_in_and_only_its_end_comes_out_to_nobody_but_its_owner() {
    let server = Server::unlimited(&[]);
    let (alice, bob) = (server.token("alice", &["admin"]), server.token("bob", &[]));
    let kept = written(&server, &bob, "openai", KEY);
    assert_eq!(kept["name"], "openai");
    assert_eq!((&kept["has_key"], &kept["lastCharacters"]), (&json!(true), &json!("8w3h")));
    assert!(kept["updatedAt"].is_string());
    assert_eq!(written(&server, &bob, "pin", "123456")["lastCharacters"], json!(null));
    assert_eq!(list(&server, &bob).len(), 2);
    for path in ["/api/me/secrets", "/api/me/secrets/openai"] {
        let text = server.get_as(&bob, path).text().unwrap();
        assert!(text.contains("8w3h") && !text.contains("sk-live"), "{text}");
    }
    assert!(list(&server, &alice).is_empty(), "an admin has his own, and no others");
    let none: Value = server.get_as(&alice, "/api/me/secrets/openai").json().unwrap();
    assert_eq!(none, json!({ "name": "openai", "has_key": false }));
    assert_eq!(problem(server.get("/api/me/secrets")).0, 401);

    let replaced = written(&server, &bob, "openai", "sk-live-another-key-of-bob1");
    assert_eq!(replaced["lastCharacters"], "bob1");
    assert_eq!(remove(&server, &alice, "openai")["removed"], false);
    assert_eq!(remove(&server, &bob, "openai")["removed"], true);
    assert_eq!(remove(&server, &bob, "openai")["removed"], false);
    assert_eq!(list(&server, &bob).len(), 1);
    let actions: Vec<_> = actions(&server, &alice).into_iter().map(|(action, _)| action).collect();
    assert_eq!(actions, ["secret.removed", "secret.written", "secret.written", "secret.written"]);
}

#[test]
fn names_and_values_that_are_none_are_refused_and_not_repeated() {
    let server = Server::unlimited(&[]);
    let bob = server.token("bob", &[]);
    for name in ["OpenAI", "a.b", &"x".repeat(65), "a%20b"] {
        let (status, code, body) = problem(write(&server, &bob, name, KEY));
        assert_eq!((status, &*code), (422, "invalid-request"), "{name}");
        assert!(!body.to_string().contains("sk-live"), "{body}");
    }
    for value in ["", &"x".repeat(16 * 1024 + 1)] {
        assert_eq!(problem(write(&server, &bob, "openai", value)).0, 422);
    }
    let request = server.request("PUT", "/api/me/secrets/openai").bearer_auth(&bob);
    let (status, _, body) = problem(request.json(&json!({ "key": KEY })).send().unwrap());
    assert!(status == 422 && !body.to_string().contains("sk-live"), "{body}");
    assert!(list(&server, &bob).is_empty());
}

#[test]
fn c1_one_that_was_changed_or_moved_in_the_table_is_refused_and_recorded_and_not_written_over() {
    let server = Server::unlimited(&[]);
    let (alice, bob) = (server.token("alice", &["admin"]), server.token("bob", &[]));
    written(&server, &bob, "openai", KEY);
    written(&server, &alice, "openai", "sk-live-of-alice-0123456789");
    let table = table(server.folder.path());
    let moved = "UPDATE _user_secrets SET sealed = (SELECT sealed FROM _user_secrets WHERE user_id LIKE '%|alice') WHERE user_id LIKE '%|bob'";
    assert_eq!(table.execute(moved, []).unwrap(), 1);
    let before: Vec<u8> = sealed(&table);
    let (status, code, body) = problem(write(&server, &bob, "openai", "sk-live-new"));
    assert_eq!((status, &*code), (500, "secret-damaged"), "{body}");
    assert_eq!(sealed(&table), before, "it can be looked at");
    let log = server.log();
    assert!(log.contains("vault.refused") && log.contains("tampered"), "{log}");
    let (action, code) = &actions(&server, &alice)[0];
    assert_eq!((action, code), (&json!("secret.written"), &json!("secret-damaged")));
    assert_eq!(remove(&server, &bob, "openai")["removed"], true);
    written(&server, &bob, "openai", "sk-live-new");
}

fn sealed(table: &Connection) -> Vec<u8> {
    let sql = "SELECT sealed FROM _user_secrets WHERE user_id LIKE '%|bob'";
    table.query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn a_newer_key_takes_over_at_the_start_and_the_old_one_can_go() {
    let (old, new) = (ring_key(), ring_key());
    let start = |folder: TempDir, keys: &str| {
        let off = [("RATE_LIMIT_ENABLED", "false"), ("VAULT_KEYS", keys)];
        Server::start_in(folder, &off)
    };
    let server = start(tempfile::tempdir().unwrap(), &format!("1:{old}"));
    written(&server, &server.token("bob", &[]), "openai", KEY);
    let server = start(server.stop(), &format!("2:{new},1:{old}"));
    let table = table(server.folder.path());
    let version = || -> i64 {
        table.query_row("SELECT key_version FROM _user_secrets", [], |row| row.get(0)).unwrap()
    };
    until("it is wrapped again", || version() == 2);
    let server = start(server.stop(), &format!("2:{new}"));
    written(&server, &server.token("bob", &[]), "openai", "sk-live-another-key-of-bob1");
    let server = start(server.stop(), &format!("3:{old}"));
    let refused = write(&server, &server.token("bob", &[]), "openai", KEY);
    assert_eq!(problem(refused).1, "secret-damaged", "without its key it is nothing");
}

#[test]
fn without_keys_production_keeps_no_secrets_and_says_so() {
    let secret = ("JWT_SECRET", "a test secret of thirty-two bytes or more");
    let settings =
        [("APP_ENV", "production"), secret, ("CORS_ORIGINS", "none"), ("ADMIN_USERS", "alice")];
    let server = Server::unlimited(&settings);
    let (_, token, errors) = run(server.folder.path(), &["token", "--user", "alice"], &settings);
    let (status, code, body) = problem(server.get_as(token.trim(), "/api/me/secrets"));
    assert_eq!((status, &*code), (503, "secrets-unavailable"), "{body}{errors}");
    assert!(server.log().contains("VAULT_KEYS"), "{}", server.log());
    let (fine, told, errors) = run(server.folder.path(), &["check-config"], &settings);
    assert!(fine && told.contains("warning: neither VAULT_KEYS"), "{told}{errors}");
    assert!(!server.folder.path().join("data/vault.keys").exists());
}
