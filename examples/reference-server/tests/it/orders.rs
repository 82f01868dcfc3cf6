//! An order that a start finds is carried out before the first request, whatever kept the process before it from it.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use axum::body::Body;
use http::{Request, header};
use jiff::Timestamp;
use palisade_server::{
    App,
    audit::{AdminAction, AuditEntry, AuditFailed, AuditOutcome, AuditTrail},
    kept::Kept,
};
use palisade_test_support::RedisServer;
use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    geo::{GREAT_BRITAIN, Vendor},
    in_process::{ask, settings},
    server::{Server, until},
};

const USUAL: (&str, &str) = ("RATE_LIMIT_ENABLED", "false");
const DAY: i64 = 86_400_000;

fn table(folder: &Path) -> Connection {
    let database = Connection::open(folder.join("data/palisade.db")).unwrap();
    database.busy_timeout(Duration::from_secs(5)).unwrap();
    database
}

/// A folder in which a server was, and the name it had.
fn used(settings: &[(&str, &str)]) -> (TempDir, String) {
    let folder = Server::start(settings).stop();
    let id = fs::read_to_string(folder.path().join("data/server-id")).unwrap();
    (folder, id)
}

/// Leaves an order behind, as a process that was killed does; its name is its number.
fn leave(folder: &Path, server: &str, id: u32, (kind, body): (&str, &Value), age: i64) {
    let at = Timestamp::now().as_millisecond() - age;
    let row = (id.to_string(), server, kind, body.to_string(), at);
    let sql = "INSERT INTO _orders (id, server, kind, body, at) VALUES (?1, ?2, ?3, ?4, ?5)";
    table(folder).execute(sql, row).unwrap();
}

/// The names of the orders that stand.
fn standing(folder: &Path) -> Vec<String> {
    let database = table(folder);
    let mut all = database.prepare("SELECT id FROM _orders ORDER BY id").unwrap();
    all.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn ban(user: &str, at: Timestamp) -> Value {
    let target = json!({ "kind": "user", "value": user });
    let ban = json!({ "value": user, "since": at.to_string(), "by": "alice", "reason": "spam" });
    json!([{ "target": target, "ban": ban, "at": at.to_string() }])
}

fn lift(user: &str, at: Timestamp) -> Value {
    let target = json!({ "kind": "user", "value": user });
    json!([{ "target": target, "at": at.to_string(), "by": "alice" }])
}

fn banned(server: &Server) -> Vec<String> {
    let alice = server.token("alice", &["admin"]);
    let bans: Value = server.get_as(&alice, "/api/admin/bans").json().unwrap();
    let users = bans["bannedUserIds"].as_array().unwrap();
    let mut users: Vec<_> =
        users.iter().map(|ban| ban["value"].as_str().unwrap().to_owned()).collect();
    users.sort();
    users
}

#[test]
fn a_ban_and_a_lift_are_carried_out_written_down_and_ended() {
    let (folder, id) = used(&[USUAL]);
    let place = folder.path().join("data/server-id");
    assert_eq!(id.len(), 32, "{id}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&place).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let server = Server::start_in(folder, &[USUAL]);
    assert_eq!(fs::read_to_string(&place).unwrap(), id, "its name stays");
    let alice = server.token("alice", &["admin"]);
    for user in ["dora", "eve"] {
        let order = json!({ "userId": user, "reason": "spam" });
        assert_eq!(server.post_as(&alice, "/api/admin/bans/ban-user", &order).status(), 200);
    }
    until("nothing is left to be done", || standing(server.folder.path()).is_empty());
    let folder = server.stop();
    assert!(!fs::read_to_string(folder.path().join("stderr.log")).unwrap().contains("orders."));

    let now = Timestamp::now();
    let before = now - Duration::from_secs(3600);
    let orders = [
        ban("mallory", now),
        lift("eve", now),
        // What is newer stays.
        lift("dora", before),
        ban("oscar", before),
        lift("oscar", now),
    ];
    for (number, body) in (1..).zip(&orders) {
        leave(folder.path(), &id, number, ("bans", body), 0);
    }
    let server = Server::start_in(folder, &[USUAL]);
    assert_eq!(standing(server.folder.path()), [""; 0], "before the first request");
    assert_eq!(banned(&server), ["dora", "mallory"]);
    let log = server.log();
    assert!(log.contains("orders.resumed") && log.contains("ban.added"), "{log}");
    let folder = server.kill();
    let file = fs::read_to_string(folder.path().join("config/ban.json")).unwrap();
    assert!(file.contains("mallory") && file.contains("dora") && !file.contains("eve"), "{file}");
    let server = Server::start_in(folder, &[USUAL]);
    assert_eq!(banned(&server), ["dora", "mallory"]);
}

#[test]
fn what_cannot_be_carried_out_now_stands_until_it_can() {
    let off = ("AUTO_BAN_ENABLED", "false");
    let (folder, id) = used(&[USUAL, off]);
    leave(folder.path(), &id, 1, ("bans", &ban("mallory", Timestamp::now())), 0);
    leave(folder.path(), &id, 2, ("of-a-later-version", &json!({ "x": 1 })), 0);
    leave(folder.path(), &id, 3, ("forget-locations", &json!({})), 0);
    let server = Server::start_in(folder, &[USUAL, off]);
    assert_eq!(standing(server.folder.path()), ["1", "2", "3"]);
    let server = Server::start_in(server.stop(), &[USUAL]);
    assert_eq!(banned(&server), ["mallory"]);
    assert_eq!(standing(server.folder.path()), ["2", "3"]);
}

#[test]
fn locations_that_were_to_be_forgotten_are_not_on_the_disk_any_more() {
    let vendor = Vendor::start(GREAT_BRITAIN);
    let url = vendor.url();
    let settings = [
        USUAL,
        ("TRUSTED_PROXIES", "127.0.0.1/32"),
        ("CLIENT_IP_HEADER", "x-forwarded-for"),
        ("GEOIP_URL", &*url),
    ];
    let visit = |server: &Server| {
        server.request("GET", "/").header("x-forwarded-for", "8.8.8.8").send().unwrap();
    };
    let server = Server::start(&settings);
    visit(&server);
    until("the vendor is asked", || vendor.asked() == 1);
    let cache = |folder: &Path| fs::read_to_string(folder.join("cache/geoip.json")).unwrap();
    let mut folder = server.stop();
    until("the answer is on the disk", || {
        let path = std::mem::replace(&mut folder, tempfile::tempdir().unwrap());
        let server = Server::start_in(path, &settings);
        visit(&server);
        folder = server.stop();
        cache(folder.path()).contains("8.8.8.8")
    });
    let id = fs::read_to_string(folder.path().join("data/server-id")).unwrap();
    leave(folder.path(), &id, 1, ("forget-locations", &json!({})), 0);
    let server = Server::start_in(folder, &settings);
    assert!(!cache(server.folder.path()).contains("8.8.8.8"));
    assert_eq!(standing(server.folder.path()), [""; 0]);
}

#[test]
fn a_deletion_of_records_that_was_cut_off_is_finished_and_recorded() {
    let settings =
        [USUAL, ("TRUSTED_PROXIES", "127.0.0.1"), ("CLIENT_IP_HEADER", "x-forwarded-for")];
    let server = Server::start(&settings);
    for address in ["192.0.2.1", "192.0.2.2"] {
        server.request("GET", "/post/1.md").header("x-forwarded-for", address).send().unwrap();
    }
    let recorded = |server: &Server, address: &str| {
        let alice = server.token("alice", &["admin"]);
        let path = format!("/api/analytics?address={address}");
        let page: Value = server.get_as(&alice, &path).json().unwrap();
        page["page"]["records"].as_array().unwrap().len()
    };
    assert_eq!((recorded(&server, "192.0.2.1"), recorded(&server, "192.0.2.2")), (1, 1));
    let folder = server.stop();
    let id = fs::read_to_string(folder.path().join("data/server-id")).unwrap();
    let request = "0123456789abcdef0123456789abcdef";
    let order = json!({
        "records": "file",
        "chosen": { "address": "192.0.2.1" },
        "at": "2026-01-01T00:00:00Z",
        "admin": { "subject": "alice", "issuer": null, "by": "token", "roles": ["admin"] },
        "address": "127.0.0.1",
        "userAgent": "ops/1",
        "requestId": request,
        "target": "address=192.0.2.1",
    });
    leave(folder.path(), &id, 1, ("clear-records", &order), 0);
    let server = Server::start_in(folder, &settings);
    assert_eq!(standing(server.folder.path()), [""; 0]);
    assert_eq!((recorded(&server, "192.0.2.1"), recorded(&server, "192.0.2.2")), (0, 1));
    let alice = server.token("alice", &["admin"]);
    let found = server.get_as(&alice, "/api/admin/audit?action=analytics.clear");
    let found: Value = found.json().unwrap();
    let [record] = &found["records"].as_array().unwrap()[..] else { panic!("{found}") };
    assert_eq!(
        (&record["outcome"], &record["actor"]["subject"]),
        (&json!("done"), &json!("alice"))
    );
    assert_eq!(record["target"]["id"], "address=192.0.2.1");
    assert!(record.to_string().contains(request) && record.to_string().contains("ops/1"));
    assert!(server.log().contains("admin.action"), "{}", server.log());
}

#[test]
fn a_deletion_of_records_is_ordered_before_it_begins_so_a_kill_in_the_middle_does_not_lose_it() {
    let server = Server::start(&[USUAL]);
    let alice = server.token("alice", &["admin"]);
    assert_eq!(server.get("/post/1.md").status(), 200);
    let records = |server: &Server| {
        let page: Value =
            server.get_as(&alice, "/api/analytics?route=/post/:id.md").json().unwrap();
        page["page"]["records"].as_array().unwrap().len()
    };
    assert_eq!(records(&server), 1);
    // Another process is about to change the file, so the deletion waits.
    let other = Connection::open(server.folder.path().join("data/analytics.db")).unwrap();
    other.busy_timeout(Duration::from_secs(5)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let request = server.request("DELETE", "/api/analytics?route=/post/:id.md");
    let asking = std::thread::spawn({
        let request = request.bearer_auth(&alice);
        move || request.send().is_ok_and(|answer| answer.status().is_success())
    });
    until("it is ordered", || standing(server.folder.path()).len() == 1);
    let folder = server.kill();
    assert!(!asking.join().unwrap());
    drop(other);
    let server = Server::start_in(folder, &[USUAL]);
    assert_eq!(standing(server.folder.path()), [""; 0]);
    assert_eq!(records(&server), 0);
    let found: Value =
        server.get_as(&alice, "/api/admin/audit?action=analytics.clear").json().unwrap();
    let [record] = &found["records"].as_array().unwrap()[..] else { panic!("{found}") };
    assert_eq!(record["outcome"], "done");
    assert_eq!(record["target"]["id"], "route=/post/:id.md");
    assert_eq!(record["actor"]["address"], "127.0.0.1");
}

#[test]
fn orders_of_another_server_stand_for_a_week_and_its_bans_count_where_they_are_shared() {
    let redis = RedisServer::start();
    let url = redis.url();
    let (folder, own) = used(&[USUAL]);
    let other = "0123456789abcdef0123456789abcdef";
    leave(folder.path(), other, 1, ("bans", &ban("mallory", Timestamp::now())), 0);
    leave(folder.path(), other, 2, ("forget-locations", &json!({})), 8 * DAY);
    let server = Server::start_in(folder, &[USUAL]);
    assert_eq!(banned(&server), [""; 0], "it is the other one's alone");
    assert_eq!(standing(server.folder.path()), ["1"]);
    assert!(server.log().contains("orders.forgotten"), "{}", server.log());

    let shared = [USUAL, ("REDIS_URL", &*url)];
    let folder = server.stop();
    leave(folder.path(), &own, 3, ("bans", &ban("eve", Timestamp::now())), 0);
    let server = Server::start_in(folder, &shared);
    assert_eq!(banned(&server), ["eve", "mallory"]);
    until("its own is told and ended", || standing(server.folder.path()) == ["1"]);
    let newcomer = Server::start(&shared);
    until("a third one hears of both", || banned(&newcomer) == ["eve", "mallory"]);
}

/// A trail whose transaction is kept, which nobody hears: the connection breaks at the end of it.
#[derive(Clone, Debug)]
struct Unheard(PathBuf);

impl AuditTrail for Unheard {
    fn begin(&self, _: &AdminAction) -> Result<Box<dyn AuditEntry>, AuditFailed> {
        Ok(Box::new(self.clone()))
    }
}

impl AuditEntry for Unheard {
    fn keep(&mut self, kept: &Kept) -> Result<(), AuditFailed> {
        let Kept::Order(order) = kept else { panic!("{kept:?}") };
        let body: Value = serde_json::from_str(&order.body).unwrap();
        let row = (&order.id, &order.server, &order.kind, body.to_string());
        let sql = "INSERT INTO _orders (id, server, kind, body, at) VALUES (?1, ?2, ?3, ?4, 1)";
        table(&self.0).execute(sql, row).unwrap();
        Ok(())
    }

    fn commit(self: Box<Self>, _: AuditOutcome) -> Result<(), AuditFailed> {
        Err(AuditFailed::new("the connection is gone"))
    }
}

#[test]
fn a2_what_was_kept_though_nobody_heard_it_is_carried_out_as_soon_as_that_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let trail = Unheard(folder.path().to_owned());
        let app = App::audited_by(Arc::new(trail), settings(folder.path())).await.unwrap();
        let order = json!({ "userId": "mallory", "reason": "spam" });
        let carol = include_str!("../data/jwks.token").trim();
        let request = Request::post("/api/admin/bans/ban-user").header(header::HOST, "x");
        let request = request.header(header::AUTHORIZATION, format!("Bearer {carol}"));
        let answer = ask(&app, request.body(Body::from(order.to_string())).unwrap()).await;
        assert_eq!(answer.status(), 503);
        let auto_ban = app.shared().auto_ban().unwrap();
        until("it is banned after all", || {
            auto_ban.bans().users.iter().any(|ban| ban.value == "mallory")
        });
        until("the order is ended", || standing(folder.path()).is_empty());
    });
}
