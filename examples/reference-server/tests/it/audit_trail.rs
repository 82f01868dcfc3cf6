//! What admins did stands in the database, and shows whether somebody changed it.

use std::{fs, path::Path};

use palisade_test_support::PostgresServer;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::server::{Server, command, problem};

/// The exit status of `palisade-server audit …`, and what it printed.
fn audit(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let output = command(folder).arg("audit").args(arguments).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

fn ban(server: &Server, admin: &str, user: &str) -> u16 {
    let order = json!({ "userId": user, "reason": "spam" });
    server.post_as(admin, "/api/admin/bans/ban-user", &order).status().as_u16()
}

fn records(server: &Server, admin: &str, query: &str) -> Vec<Value> {
    let answer = server.get_as(admin, &format!("/api/admin/audit{query}"));
    assert_eq!(answer.status(), 200);
    let answer: Value = answer.json().unwrap();
    answer["records"].as_array().unwrap().clone()
}

#[test]
fn an_admin_reads_what_admins_did_the_latest_first_and_that_he_read_it() {
    let server = Server::start(&[("RATE_LIMIT_ENABLED", "false")]);
    let alice = server.token("alice", &["admin"]);
    for user in ["mallory", "eve"] {
        assert_eq!(ban(&server, &alice, user), 200);
    }
    let own = json!({ "userId": "alice", "roles": [] });
    let refused = server.post_as(&alice, "/api/admin/users/roles", &own).status();
    let all = records(&server, &alice, "");
    let banned: Vec<_> = all.iter().filter(|record| record["action"] == "ban.user").collect();
    assert_eq!(
        (&banned[0]["target"]["id"], &banned[1]["target"]["id"]),
        (&json!("eve"), &json!("mallory"))
    );
    let first = banned[1];
    assert_eq!(first["sequence"], 1);
    assert_eq!(first["actor"]["subject"], "alice");
    assert_eq!(first["actor"]["address"], "127.0.0.1");
    assert_eq!((&first["reason"], &first["outcome"]), (&json!("spam"), &json!("done")));
    assert_eq!(refused, 422);

    let read = records(&server, &alice, "?action=audit.read");
    assert_eq!(read.len(), 1, "the one before this: {read:?}");
    let of_eve = records(&server, &alice, "?target=eve&outcome=done&actor=alice&limit=5");
    assert_eq!(of_eve.len(), 1);
    assert_eq!(of_eve[0]["target"]["id"], "eve");
    let details = &records(&server, &alice, "?action=audit.read")[0]["details"];
    assert_eq!(
        details["detail"], "outcome=done actor=alice target=eve",
        "what was asked for: {details}"
    );

    let page: Value =
        server.get_as(&alice, "/api/admin/audit?limit=1&action=ban.user").json().unwrap();
    let next = page["next"].as_u64().unwrap();
    let page = records(&server, &alice, &format!("?limit=1&action=ban.user&cursor={next}"));
    assert_eq!(page[0]["target"]["id"], "mallory");

    for wrong in ["?actor=", "?limit=x", "?since=yesterday", "?typo=1"] {
        let answer = server.get_as(&alice, &format!("/api/admin/audit{wrong}"));
        assert_eq!(problem(answer).0, 400, "{wrong}");
    }
    let bob = server.token("bob", &[]);
    for path in ["/api/admin/audit", "/api/admin/audit/export"] {
        assert_eq!(problem(server.get_as(&bob, path)).1, "insufficient-role");
    }
}

#[test]
fn a1_an_export_is_whole_and_one_that_was_changed_is_not_and_says_where() {
    let server = Server::start(&[("RATE_LIMIT_ENABLED", "false")]);
    let alice = server.token("alice", &["admin"]);
    for user in ["mallory", "eve", "oscar"] {
        assert_eq!(ban(&server, &alice, user), 200);
    }
    let answer = server.get_as(&alice, "/api/admin/audit/export");
    assert_eq!(answer.headers()["content-type"], "application/x-ndjson");
    let export = answer.text().unwrap();
    assert_eq!(export.lines().count(), 4, "with itself: {export}");
    assert!(export.lines().last().unwrap().contains("audit.exported"));
    let file = server.folder.path().join("export.ndjson");
    let verified = |text: &str| {
        fs::write(&file, text).unwrap();
        audit(server.folder.path(), &["verify", "--export", "export.ndjson"])
    };
    let (status, told) = verified(&export);
    assert!(status == 0 && told.starts_with("whole: 4 records"), "{told}");
    let (status, told) = verified(&export.replace("\"eve\"", "\"bob\""));
    assert!(status == 1 && told.contains("record 2 was edited"), "{told}");
    let without: String =
        export.split_inclusive('\n').filter(|line| !line.contains("\"eve\"")).collect();
    let (status, told) = verified(&without);
    assert!(status == 1 && told.contains("record 2 is missing"), "{told}");
    let (status, told) = audit(server.folder.path(), &["verify", "--export", "nowhere"]);
    assert!(status == 2 && told.contains("nowhere"), "{told}");
    let (status, told) = audit(server.folder.path(), &["verify"]);
    assert!(status == 0 && told.starts_with("whole: 4 records"), "while the server runs: {told}");
}

#[test]
fn a1_a_log_that_was_cut_after_a_checkpoint_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let (status, verifies) =
        audit(folder.path(), &["key", "--file", "audit.key", "--name", "audit.example"]);
    assert!(status == 0 && verifies.starts_with("audit.example+"), "{verifies}");
    assert!(!verifies.contains("PRIVATE"), "{verifies}");
    assert_eq!(
        audit(folder.path(), &["key", "--file", "audit.key"]).0,
        2,
        "it is not written over"
    );
    fs::write(folder.path().join("keys.txt"), &verifies).unwrap();
    let settings = [
        ("RATE_LIMIT_ENABLED", "false"),
        ("AUDIT_SIGNING_KEY_FILE", "audit.key"),
        ("AUDIT_CHECKPOINT_FILE", "checkpoints.txt"),
    ];
    let server = Server::start_in(folder, &settings);
    let alice = server.token("alice", &["admin"]);
    for user in ["mallory", "eve"] {
        assert_eq!(ban(&server, &alice, user), 200);
    }
    let folder = server.stop();
    let verify = || {
        let with = ["verify", "--checkpoints", "checkpoints.txt", "--keys", "keys.txt"];
        audit(folder.path(), &with)
    };
    let (status, told) = verify();
    assert!(status == 0 && told.contains("up to its end"), "{told}");
    let database = Connection::open(folder.path().join("data/palisade.db")).unwrap();
    database
        .execute_batch(
            "DROP TRIGGER _audit_is_not_deleted; DELETE FROM _audit_log WHERE sequence = 2",
        )
        .unwrap();
    drop(database);
    let (status, told) = verify();
    assert!(status == 1 && told.contains("before the checkpoint of record 2"), "{told}");
    let server = Server::start_in(folder, &settings);
    let folder = server.stop();
    let log = fs::read_to_string(folder.path().join("stderr.log")).unwrap();
    assert!(log.contains("audit.alarm"), "{log}");
}

#[test]
fn a2_what_the_database_does_not_record_is_not_done() {
    let mut postgres = PostgresServer::start();
    let (app, owner) = postgres.urls_of_server();
    let server = Server::start(&[
        ("RATE_LIMIT_ENABLED", "false"),
        ("DATABASE_URL", &app),
        ("DATABASE_MIGRATE_URL", &owner),
    ]);
    let alice = server.token("alice", &["admin"]);
    assert_eq!(ban(&server, &alice, "mallory"), 200);
    postgres.stop();
    let order = json!({ "userId": "eve", "reason": "spam" });
    let refused = server.post_as(&alice, "/api/admin/bans/ban-user", &order);
    assert!(refused.headers().contains_key("retry-after"));
    let (status, code, body) = problem(refused);
    assert_eq!((status, &*code), (503, "audit-unavailable"));
    assert!(!body.to_string().contains("postgres"), "{body}");
    let (status, code, _) = problem(server.get_as(&alice, "/api/admin/audit"));
    assert_eq!((status, &*code), (503, "temporarily-unavailable"));
    let bans = server.get_as(&alice, "/api/admin/bans").text().unwrap();
    assert!(bans.contains("mallory") && !bans.contains("eve"), "{bans}");
    postgres.restart();
    crate::server::until("it is back", || ban(&server, &alice, "eve") == 200);
    let actions: Vec<_> = records(&server, &alice, "?action=ban.user")
        .iter()
        .map(|record| record["target"]["id"].clone())
        .collect();
    assert_eq!(actions, ["eve", "mallory"]);
}
