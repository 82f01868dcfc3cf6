//! API keys: from their making to their end.

use std::{fs, io::Write, net::TcpStream, path::Path, time::Duration};

use palisade::authn_api_key::{ApiKeys, KeyFormat, NewKey};
use reqwest::blocking::Response;
use serde_json::{Value, json};
use tempfile::tempdir;

use crate::{
    server::{Server, problem, run, until},
    stream::{ends, lines},
};

const KEYS: &str = "/api/admin/api-keys";
/// Limits and bans out of the way.
const OFF: [(&str, &str); 2] = [("RATE_LIMIT_ENABLED", "false"), ("AUTO_BAN_ENABLED", "false")];
/// A file of keys that does not parse.
const BROKEN: &str = "{\"version\":1,\"keys\":[{ ";

/// A key that an admin just made: its id and its text.
fn create(server: &Server, admin: &str, order: &Value) -> (String, String) {
    let answer = server.post_as(admin, KEYS, order);
    assert_eq!(answer.status(), 201, "{order}");
    assert!(answer.headers()["cache-control"].to_str().unwrap().contains("no-store"));
    id_and_text(answer)
}

fn rotate(server: &Server, admin: &str, id: &str, order: &Value) -> String {
    let answer = server.post_as(admin, &format!("{KEYS}/{id}/rotate"), order);
    assert_eq!(answer.status(), 200, "{order}");
    let (same, text) = id_and_text(answer);
    assert_eq!(same, id);
    text
}

fn id_and_text(answer: Response) -> (String, String) {
    let body: Value = answer.json().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&body["apiKey"]["id"]), text(&body["key"]))
}

fn ask(server: &Server, key: &str, path: &str) -> Response {
    server.request("GET", path).header("x-api-key", key).send().unwrap()
}

fn list(server: &Server, admin: &str) -> String {
    server.get_as(admin, KEYS).text().unwrap()
}

/// Runs `palisade-server api-key …` in the server's folder.
fn command(folder: &Path, arguments: &[&str]) -> String {
    let (fine, output, errors) = run(folder, &[&["api-key"], arguments].concat(), &[]);
    assert!(fine, "{arguments:?}: {errors}");
    output.trim().to_owned()
}

#[test]
fn a_key_lives_from_its_making_over_a_rotation_to_its_end() {
    let server = Server::unlimited(&[]);
    let admin = server.token("alice", &["admin"]);
    let order = json!({ "owner": "bob", "name": "nightly export", "scopes": ["posts:read"] });
    let (id, first) = create(&server, &admin, &order);
    let me: Value = ask(&server, &first, "/api/me").json().unwrap();
    let bob = json!({ "sub": "bob", "roles": [], "authenticatedBy": "api-key", "isAdmin": false });
    assert_eq!(me, bob);

    let second = rotate(&server, &admin, &id, &json!({ "overlapSeconds": 3600 }));
    for key in [&first, &second] {
        assert_eq!(ask(&server, key, "/api/me").status(), 200, "both are good in the overlap");
    }
    assert!(list(&server, &admin).contains("oldSecretUntil"));
    let third = rotate(&server, &admin, &id, &json!({ "overlapSeconds": 0 }));
    for key in [&first, &second] {
        assert_eq!(problem(ask(&server, key, "/api/me")).1, "invalid-api-key");
    }
    assert_eq!(ask(&server, &third, "/api/me").status(), 200);
    let listed = list(&server, &admin);
    for part in [&*id, "nightly export", "posts:read", "lastUsed"] {
        assert!(listed.contains(part), "{part} in {listed}");
    }

    let path = format!("{KEYS}/{id}");
    let revoked = server.request("DELETE", &path).bearer_auth(&admin).send().unwrap();
    assert_eq!(revoked.status(), 200);
    let answer = ask(&server, &third, "/api/feed");
    assert_eq!(answer.headers()["www-authenticate"], "ApiKey realm=\"api\"");
    let (status, code, _) = problem(answer);
    assert_eq!((status, &*code), (401, "invalid-api-key"), "on a public route too");
    assert!(list(&server, &admin).contains("disabled"));

    let folder = server.stop();
    let file = fs::read(folder.path().join("data/palisade.db")).unwrap();
    let file = String::from_utf8_lossy(&file);
    assert!(file.contains("nightly export"));
    let log = fs::read_to_string(folder.path().join("stderr.log")).unwrap();
    for key in [&first, &second, &third] {
        let (_, secret) = key.rsplit_once('_').unwrap();
        assert!(!file.contains(secret) && !log.contains(secret) && !listed.contains(secret));
    }
}

#[test]
fn a_key_is_no_more_than_its_owner_and_manages_no_keys() {
    let server = Server::unlimited(&[]);
    let admin = server.token("alice", &["admin"]);
    // Whose owner is not named is the admin's own.
    let (id, own) = create(&server, &admin, &json!({ "roles": ["admin"] }));
    assert_eq!(ask(&server, &own, "/api/analytics").status(), 200);
    let (_, plain) = create(&server, &admin, &json!({}));
    assert_eq!(problem(ask(&server, &plain, "/api/analytics")).1, "insufficient-role");
    let (_, of_bob) = create(&server, &admin, &json!({ "owner": "bob", "roles": ["admin"] }));
    assert_eq!(problem(ask(&server, &of_bob, "/api/analytics")).1, "insufficient-role");
    for (method, path) in [
        ("POST", KEYS.to_owned()),
        ("POST", format!("{KEYS}/{id}/rotate")),
        ("DELETE", format!("{KEYS}/{id}")),
    ] {
        let answer = server.request(method, &path).header("x-api-key", &own).send().unwrap();
        let (status, code, _) = problem(answer);
        assert_eq!((status, &*code), (403, "token-required"), "{method} {path}");
    }
    let logout = server.request("POST", "/api/logout").header("x-api-key", &own).send().unwrap();
    assert_eq!(problem(logout).1, "invalid-request");
    assert_eq!(ask(&server, &own, "/api/me").status(), 200);
}

#[test]
fn keys_are_managed_by_admins_and_only_if_there_are_any() {
    let server = Server::unlimited(&[]);
    let (admin, bob) = (server.token("alice", &["admin"]), server.token("bob", &[]));
    assert_eq!(problem(server.get(KEYS)).1, "credentials-required");
    assert_eq!(problem(server.get_as(&bob, KEYS)).1, "insufficient-role");
    for id in ["000000000000", "no-id", "0000000000000000000000000000"] {
        let answer = server.post_as(&admin, &format!("{KEYS}/{id}/rotate"), &json!({}));
        assert_eq!(problem(answer).1, "not-found", "{id}");
        let answer = server.request("DELETE", &format!("{KEYS}/{id}")).bearer_auth(&admin);
        assert_eq!(problem(answer.send().unwrap()).1, "not-found", "{id}");
    }
    for order in [
        json!({ "owner": "" }),
        json!({ "owner": "bob\n" }),
        json!({ "scopes": ["two words"] }),
        json!({ "role": "admin" }),
        json!({ "expiresInSeconds": -1 }),
        json!({ "expiresInSeconds": u64::MAX }),
    ] {
        let answer = server.post_as(&admin, KEYS, &order);
        assert_eq!(problem(answer).1, "invalid-request", "{order}");
    }
    assert_eq!(list(&server, &admin), "{\"apiKeys\":[]}");
    assert!(!server.folder.path().join("config/api-keys.json").exists());
}

#[test]
fn the_command_line_manages_the_keys_of_a_running_server() {
    let server = Server::unlimited(&[]);
    let admin = server.token("alice", &["admin"]);
    let folder = server.folder.path();
    let first = command(folder, &["create", "--owner", "bob", "--name", "cron", "--ttl", "1h"]);
    until("the key", || ask(&server, &first, "/api/me").status() == 200);
    let key: Value = serde_json::from_str(&command(folder, &["list"])).unwrap();
    assert_eq!((&key["owner"], &key["name"]), (&json!("bob"), &json!("cron")));
    let id = key["id"].as_str().unwrap();

    // Both write, and neither loses what the other did.
    let (_, other) = create(&server, &admin, &json!({ "owner": "bob" }));
    let second = command(folder, &["rotate", id, "--overlap", "1h"]);
    until("the new secret", || ask(&server, &second, "/api/me").status() == 200);
    assert_eq!(ask(&server, &first, "/api/me").status(), 200);
    command(folder, &["revoke", id]);
    until("the end", || ask(&server, &second, "/api/me").status() == 401);
    assert_eq!(ask(&server, &first, "/api/me").status(), 401);
    assert_eq!(ask(&server, &other, "/api/me").status(), 200);
    assert_eq!(command(folder, &["list"]).lines().count(), 2);
    for wrong in [&["revoke", "no-id"][..], &["rotate", "000000000000"], &["create"], &[]] {
        let (fine, _, errors) = run(folder, &[&["api-key"], wrong].concat(), &[]);
        assert!(!fine && !errors.is_empty(), "{wrong:?}");
    }
}

#[test]
fn e3_a_stream_ends_with_the_key_that_opened_it_however_it_ends() {
    let server = Server::unlimited(&[]);
    let admin = server.token("alice", &["admin"]);
    let open = |order: &Value| {
        let (id, key) = create(&server, &admin, order);
        let stream = server.request("GET", "/api/analytics/stream").header("x-api-key", &key);
        let stream = lines(stream.timeout(Duration::from_secs(20)).send().unwrap());
        (id, key, stream)
    };
    let (id, key, revoked) = open(&json!({ "roles": ["admin"] }));
    let answer = server.request("DELETE", &format!("{KEYS}/{id}")).bearer_auth(&admin).send();
    assert_eq!(answer.unwrap().status(), 200);
    assert_eq!(problem(ask(&server, &key, "/api/feed")).1, "invalid-api-key");
    ends(revoked);

    let (id, _, rotated) = open(&json!({ "roles": ["admin"] }));
    rotate(&server, &admin, &id, &json!({ "overlapSeconds": 0 }));
    ends(rotated);
    let (id, _, revoked_elsewhere) = open(&json!({ "roles": ["admin"] }));
    command(server.folder.path(), &["revoke", &id]);
    ends(revoked_elsewhere);
    let (_, _, expired) = open(&json!({ "roles": ["admin"], "expiresInSeconds": 3 }));
    ends(expired);
}

#[test]
fn a_file_of_keys_from_before_is_taken_over_once_and_set_aside() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("config/api-keys.json");
    let format = KeyFormat::new("palisade", "test").unwrap();
    let of_file = ApiKeys::builder(format).file(&path).build().unwrap();
    let [first, second] =
        ["one", "two"].map(|name| of_file.create(NewKey::owned_by("bob").name(name)).unwrap());
    let text = fs::read_to_string(&path).unwrap();
    let (fine, told, errors) = run(folder.path(), &["check-config"], &[]);
    assert!(
        fine && told.contains("api-keys.json (2 keys), which the start takes over"),
        "{told}{errors}"
    );
    assert!(path.exists() && !folder.path().join("data").exists(), "it changes nothing");

    let server = Server::start_in(folder, &OFF);
    for issued in [&first, &second] {
        assert_eq!(ask(&server, issued.text.expose(), "/api/me").status(), 200);
    }
    command(server.folder.path(), &["revoke", first.key.id.as_str()]);
    let folder = server.kill();
    assert!(!path.exists());
    let aside = |name: &str| fs::read_to_string(folder.path().join("config").join(name)).unwrap();
    assert_eq!(aside("api-keys.json.taken-over"), text);

    // As if it had been ended before the file was renamed: what happened to its keys since is not undone.
    fs::write(&path, &text).unwrap();
    assert_eq!(command(folder.path(), &["list"]).lines().count(), 2);
    assert_eq!(aside("api-keys.json.taken-over-2"), text);
    let server = Server::start_in(folder, &OFF);
    assert_eq!(problem(ask(&server, first.text.expose(), "/api/me")).1, "invalid-api-key");
    assert_eq!(ask(&server, second.text.expose(), "/api/me").status(), 200);
    let admin = server.token("alice", &["admin"]);
    let recorded = server.get_as(&admin, "/api/admin/audit?action=api-keys.taken-over");
    let recorded: Value = recorded.json().unwrap();
    assert_eq!(recorded["records"].as_array().unwrap().len(), 1, "{recorded}");
}

#[test]
fn a_broken_file_of_keys_stops_the_start_and_stays_as_it_is() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("config/api-keys.json");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, BROKEN).unwrap();
    for command in [&["serve"][..], &["check-config"], &["api-key", "list"]] {
        let (fine, _, errors) = run(folder.path(), command, &[]);
        assert!(!fine && errors.contains("api-keys.json"), "{command:?}: {errors}");
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), BROKEN);
}

#[test]
fn a_key_that_the_database_holds_and_that_cannot_be_read_is_refused_and_told() {
    let server = Server::unlimited(&[]);
    let admin = server.token("alice", &["admin"]);
    let (id, key) = create(&server, &admin, &json!({ "owner": "bob" }));
    let (_, other) = create(&server, &admin, &json!({ "owner": "bob" }));
    let database = server.hold_database();
    database.execute("UPDATE _api_keys SET body = '{}' WHERE id = ?1", [&id]).unwrap();
    database.execute_batch("COMMIT").unwrap();
    until("it is refused", || ask(&server, &key, "/api/me").status() == 401);
    assert_eq!(ask(&server, &other, "/api/me").status(), 200, "the others are good");
    let parts: Value = server.get("/readyz").json().unwrap();
    assert_eq!(parts["parts"]["apiKeys"], "degraded");
    assert!(server.log().contains("api-keys.unreadable"), "{}", server.log());
}

#[test]
fn a2_a_key_whose_change_the_database_does_not_keep_is_as_it_was() {
    let server = Server::unlimited(&[]);
    let admin = server.token("alice", &["admin"]);
    let (id, key) = create(&server, &admin, &json!({ "owner": "bob" }));
    let database = server.hold_database();
    let answer = server.request("DELETE", &format!("{KEYS}/{id}")).bearer_auth(&admin).send();
    assert_eq!(problem(answer.unwrap()).0, 503);
    assert_eq!(problem(server.post_as(&admin, KEYS, &json!({}))).0, 503);
    assert_eq!(ask(&server, &key, "/api/me").status(), 200, "who asked knows that it is good");
    database.execute_batch("ROLLBACK").unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(&list(&server, &admin)).unwrap()["apiKeys"][0]["disabled"],
        Value::Null
    );
    let answer = server.request("DELETE", &format!("{KEYS}/{id}")).bearer_auth(&admin).send();
    assert_eq!(answer.unwrap().status(), 200);
    let again = Server::start_in(server.kill(), &OFF);
    assert_eq!(problem(ask(&again, &key, "/api/me")).1, "invalid-api-key");
}

#[test]
fn an_admin_who_hangs_up_leaves_a_line_in_the_log_and_no_stream_behind() {
    let server = Server::unlimited(&[]);
    let admin = server.token("alice", &["admin"]);
    let (id, key) = create(&server, &admin, &json!({ "roles": ["admin"] }));
    let stream = server.request("GET", "/api/analytics/stream").header("x-api-key", &key);
    let stream = lines(stream.timeout(Duration::from_secs(20)).send().unwrap());
    // So the change takes its time.
    let database = server.hold_database();
    let mut socket = TcpStream::connect(server.base.strip_prefix("http://").unwrap()).unwrap();
    let head =
        format!("DELETE {KEYS}/{id} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {admin}\r\n\r\n");
    socket.write_all(head.as_bytes()).unwrap();
    // By then it has begun.
    assert!((0..20).all(|_| ask(&server, &key, "/api/feed").status() == 200));
    drop(socket);
    assert_eq!(server.get("/healthz").status(), 200);
    database.execute_batch("ROLLBACK").unwrap();
    until("the revocation", || ask(&server, &key, "/api/feed").status() == 401);
    ends(stream);
    until("the line", || server.log().contains("action=\"api-key.revoke\""));
}

#[test]
fn when_a_key_was_last_used_is_known_after_a_restart() {
    let server = Server::unlimited(&[]);
    let admin = server.token("alice", &["admin"]);
    let (_, key) = create(&server, &admin, &json!({ "owner": "bob" }));
    assert_eq!(ask(&server, &key, "/api/me").status(), 200);
    let folder = server.stop();
    let listed = command(folder.path(), &["list"]);
    assert!(listed.contains("lastUsed"), "{listed}");
}

#[test]
fn a_key_of_the_test_environment_is_nothing_in_production() {
    let folder = tempdir().unwrap();
    let test = command(folder.path(), &["create", "--owner", "bob"]);
    assert!(test.starts_with("palisade_test_"), "{test}");
    let production = [
        ("APP_ENV", "production"),
        ("JWT_SECRET", "a test secret of thirty-two bytes or more"),
        ("CORS_ORIGINS", "https://app.example"),
        ("RATE_LIMIT_ENABLED", "false"),
        ("ADMIN_USERS", "carol"),
    ];
    let create = ["api-key", "create", "--owner", "carol", "--role", "admin"];
    let (fine, live, errors) = run(folder.path(), &create, &production);
    assert!(fine && live.starts_with("palisade_live_"), "{live}{errors}");
    let server = Server::start_in(folder, &production);
    assert_eq!(ask(&server, live.trim(), "/api/analytics").status(), 200);
    assert_eq!(problem(ask(&server, &test, "/api/feed")).1, "invalid-api-key");
}
