//! What an admin changes and its record are one: without the one there is not the other.

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use axum::body::{Body, to_bytes};
use futures_util::FutureExt;
use http::{Request, header};
use palisade_server::{
    App,
    audit::{AdminAction, AuditEntry, AuditFailed, AuditOutcome, AuditTrail},
};
use serde_json::{Value, json};
use tokio::runtime;

use crate::in_process::{LIMIT, ask, settings};

/// When the trail fails.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fails {
    Never,
    AtBegin,
    AtCommit,
}

/// Keeps what it is told, unless it fails.
#[derive(Clone, Debug)]
struct Trail {
    fails: Arc<Mutex<Fails>>,
    kept: Arc<Mutex<Vec<(AdminAction, AuditOutcome)>>>,
}

struct Entry(Trail, AdminAction);

impl AuditTrail for Trail {
    fn begin(&self, action: &AdminAction) -> Result<Box<dyn AuditEntry>, AuditFailed> {
        match *self.fails.lock().unwrap() {
            Fails::AtBegin => Err(AuditFailed::new("the disk is full")),
            _ => Ok(Box::new(Entry(self.clone(), action.clone()))),
        }
    }
}

impl AuditEntry for Entry {
    fn commit(self: Box<Self>, outcome: AuditOutcome) -> Result<(), AuditFailed> {
        let Self(trail, action) = *self;
        match *trail.fails.lock().unwrap() {
            Fails::AtCommit => Err(AuditFailed::new("the connection is gone")),
            _ => {
                trail.kept.lock().unwrap().push((action, outcome));
                Ok(())
            }
        }
    }
}

/// A server with such a trail.
struct Audited {
    app: App,
    trail: Trail,
}

impl Audited {
    async fn start(folder: &Path) -> Self {
        let trail = Trail { fails: Arc::new(Mutex::new(Fails::Never)), kept: Arc::default() };
        let app = App::audited_by(Arc::new(trail.clone()), settings(folder)).await.unwrap();
        Self { app, trail }
    }

    fn fail(&self, fails: Fails) {
        *self.trail.fails.lock().unwrap() = fails;
    }

    /// Asks as carol: the status and what was answered.
    async fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let carol = include_str!("../data/jwks.token").trim();
        let request = Request::builder().method(method).uri(path).header(header::HOST, "x");
        let request = request.header(header::AUTHORIZATION, format!("Bearer {carol}"));
        let answer = ask(&self.app, request.body(Body::from(body.to_string())).unwrap()).await;
        let status = answer.status().as_u16();
        let body = to_bytes(answer.into_body(), LIMIT).await.unwrap();
        (status, serde_json::from_slice(&body).unwrap_or_default())
    }

    async fn done(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.ask("POST", path, &body).await;
        assert!((200..300).contains(&status), "{path}: {answer}");
        answer
    }

    /// What admins can change, as they see it; bans without the time at which they were made.
    async fn state(&self) -> Value {
        let mut bans = self.ask("GET", "/api/admin/bans", &json!(null)).await.1;
        for list in bans.as_object_mut().unwrap().values_mut() {
            for ban in list.as_array_mut().unwrap() {
                ban.as_object_mut().unwrap().remove("since");
                // Of one that ends, what is left is made again to the millisecond or so.
                let until = ban["until"].as_str().map(|until| until[..16].to_owned());
                ban["until"] = json!(until);
            }
            list.as_array_mut().unwrap().sort_by_key(ToString::to_string);
        }
        let users = self.ask("GET", "/api/admin/users", &json!(null)).await.1;
        let visits = self.ask("GET", "/api/analytics?route=/post/:id.md", &json!(null)).await.1;
        let visits = visits["page"]["records"].as_array().unwrap().len();
        json!({ "bans": bans, "users": users, "visits": visits })
    }

    fn is_told_to_restart(&self) -> bool {
        self.app.shared().restart_asked().now_or_never().is_some()
    }
}

/// Some of everything that can be changed.
async fn prepare(server: &Audited) {
    let get = Request::get("/post/1.md").header(header::HOST, "x").body(Body::empty()).unwrap();
    assert_eq!(ask(&server.app, get).await.status(), 200);
    let year = 30_000_000_000_u64;
    for (what, order) in [
        ("ban-ip", json!({ "ip": "203.0.113.9", "reason": "first" })),
        ("ban-ip", json!({ "ip": "2001:db8:1:2::/64", "reason": "net", "durationMs": year })),
        ("ban-ip", json!({ "ip": "2001:db8:1:2::3", "reason": "one" })),
        ("ban-user", json!({ "userId": "mallory", "reason": "spam" })),
        ("ban-token", json!({ "token": "stolen", "reason": "leak" })),
    ] {
        server.done(&format!("/api/admin/bans/{what}"), order).await;
    }
    server.done("/api/admin/users/roles", json!({ "userId": "bob", "roles": ["editor"] })).await;
    server.done("/api/admin/users/disable", json!({ "userId": "dora" })).await;
}

/// Changes of each kind: of what is there, and of what is not.
fn changes() -> Vec<(&'static str, &'static str, Value)> {
    let post = |path, body| ("POST", path, body);
    vec![
        post("/api/admin/bans/ban-ip", json!({ "ip": "198.51.100.7", "reason": "new" })),
        post(
            "/api/admin/bans/ban-ip",
            json!({ "ip": "203.0.113.9", "reason": "again", "durationMs": 1000 }),
        ),
        post("/api/admin/bans/ban-ip", json!({ "ip": "2001:db8:1::/48", "reason": "all of it" })),
        post("/api/admin/bans/ban-user", json!({ "userId": "eve", "reason": "new" })),
        post("/api/admin/bans/ban-user", json!({ "userId": "mallory", "reason": "again" })),
        post("/api/admin/bans/ban-token", json!({ "token": "other", "reason": "new" })),
        post("/api/admin/bans/unban-ip", json!({ "ip": "203.0.113.9" })),
        post("/api/admin/bans/unban-ip", json!({ "ip": "2001:db8:1:2::3" })),
        post("/api/admin/bans/unban-ip", json!({ "ip": "2001:db8:1:2::/64" })),
        post("/api/admin/bans/unban-ip", json!({ "ip": "192.0.2.1" })),
        post("/api/admin/bans/unban-user", json!({ "userId": "mallory" })),
        post("/api/admin/bans/unban-token", json!({ "token": "stolen" })),
        post("/api/admin/users/disable", json!({ "userId": "bob" })),
        post("/api/admin/users/disable", json!({ "userId": "stranger" })),
        post("/api/admin/users/enable", json!({ "userId": "dora" })),
        post("/api/admin/users/roles", json!({ "userId": "bob", "roles": ["admin"] })),
        post("/api/admin/users/roles", json!({ "userId": "stranger", "roles": ["admin"] })),
        post("/api/admin/users/sign-out", json!({ "userId": "bob", "issuer": "" })),
        post("/api/admin/system/restart", json!(null)),
        post("/api/flush-cache", json!(null)),
        ("DELETE", "/api/analytics", json!(null)),
    ]
}

fn run(test: impl AsyncFnOnce(&Audited)) {
    let folder = tempfile::tempdir().unwrap();
    runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(async {
        test(&Audited::start(folder.path()).await).await;
    });
}

/// Nothing changes where the trail fails so, and everything can be changed once it works again.
fn nothing_changes_where_it(fails: Fails) {
    run(async |server| {
        prepare(server).await;
        let (before, kept) = (server.state().await, server.trail.kept.lock().unwrap().len());
        server.fail(fails);
        // What nothing takes back and what may fail is done before it is recorded.
        let stands = |path| fails == Fails::AtCommit && path == "/api/analytics";
        for (method, path, order) in changes().into_iter().filter(|change| !stands(change.1)) {
            let (status, answer) = server.ask(method, path, &order).await;
            assert_eq!((status, &answer["code"]), (503, &json!("audit-unavailable")), "{path}");
            assert!(!answer.to_string().contains("disk"), "why is nobody's business: {answer}");
            assert_eq!(server.state().await, before, "{fails:?}: {path} {order}");
            assert!(!server.is_told_to_restart(), "{path}");
        }
        assert_eq!(server.trail.kept.lock().unwrap().len(), kept);
        server.fail(Fails::Never);
        for (method, path, order) in changes() {
            let (status, answer) = server.ask(method, path, &order).await;
            assert!((200..300).contains(&status), "{path} {order}: {answer}");
        }
        assert_eq!(server.trail.kept.lock().unwrap().len(), kept + changes().len());
        assert_ne!(server.state().await, before);
        assert!(server.is_told_to_restart());
    });
}

#[test]
fn a2_what_cannot_be_recorded_is_not_done() {
    nothing_changes_where_it(Fails::AtBegin);
}

#[test]
fn a2_what_could_not_be_recorded_is_taken_back() {
    nothing_changes_where_it(Fails::AtCommit);
}

#[test]
fn a2_a_deletion_that_fails_is_not_recorded_as_done() {
    let folder = tempfile::tempdir().unwrap();
    runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(async {
        let server = Audited::start(folder.path()).await;
        prepare(&server).await;
        let kept = || server.trail.kept.lock().unwrap().last().unwrap().clone();
        // Another process is about to change the file.
        let other = rusqlite::Connection::open(folder.path().join("data/analytics.db")).unwrap();
        other.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let path = "/api/analytics?address=2001:DB8:0::7";
        let (status, answer) = server.ask("DELETE", path, &json!(null)).await;
        assert_eq!((status, &answer["code"]), (503, &json!("temporarily-unavailable")));
        let (action, outcome) = kept();
        assert_eq!(action.action, "analytics.clear");
        assert!(matches!(outcome, AuditOutcome::Refused(code) if code.as_str() == "temporarily-unavailable"));
        other.execute_batch("ROLLBACK").unwrap();
        assert_eq!(server.ask("DELETE", path, &json!(null)).await.0, 200);
        let (action, outcome) = kept();
        assert_eq!(outcome, AuditOutcome::Done);
        assert_eq!(action.target.as_deref(), Some("address=2001:db8::7"), "as it is kept");
    });
}

#[test]
fn a2_an_api_key_that_is_not_recorded_is_good_for_nothing() {
    run(async |server| {
        for fails in [Fails::AtBegin, Fails::AtCommit] {
            server.fail(fails);
            let order = json!({ "owner": "bob" });
            let (status, answer) = server.ask("POST", "/api/admin/api-keys", &order).await;
            assert_eq!((status, answer.get("key")), (503, None), "{answer}");
        }
        let keys = server.ask("GET", "/api/admin/api-keys", &json!(null)).await.1;
        let keys = keys["apiKeys"].as_array().unwrap();
        assert!(keys.is_empty(), "the second was in force, and taken back: {keys:?}");
    });
}

#[test]
fn a2_what_nothing_takes_back_is_not_even_begun_without_a_record() {
    run(async |server| {
        let made = server.done("/api/admin/api-keys", json!({ "owner": "bob" })).await;
        let path = format!("/api/admin/api-keys/{}", made["apiKey"]["id"].as_str().unwrap());
        server.fail(Fails::AtBegin);
        assert_eq!(server.ask("POST", &format!("{path}/rotate"), &json!({})).await.0, 503);
        for path in [&*path, "/api/analytics"] {
            assert_eq!(server.ask("DELETE", path, &json!(null)).await.0, 503);
        }
        let get = Request::get("/api/me")
            .header(header::HOST, "x")
            .header("x-api-key", made["key"].as_str().unwrap());
        let me = ask(&server.app, get.body(Body::empty()).unwrap()).await;
        assert_eq!(me.status(), 200, "the key is what it was");
    });
}

#[test]
fn the_audit_learns_who_did_what_to_whom_and_why() {
    run(async |server| {
        let order = json!({ "token": "stolen", "reason": "on a forum", "durationMs": 60_000 });
        server.done("/api/admin/bans/ban-token", order).await;
        let kept = server.trail.kept.lock().unwrap();
        let [(action, outcome)] = &kept[..] else { panic!("{kept:?}") };
        assert_eq!((action.action, *outcome), ("ban.token", AuditOutcome::Done));
        assert_eq!(action.actor.subject(), "carol");
        assert_eq!(action.address.unwrap().to_string(), "127.0.0.1");
        assert_eq!(action.reason.as_deref(), Some("on a forum"));
        assert_eq!(action.detail.as_deref(), Some("60000 ms"));
        assert!(action.on_behalf_of.is_none() && action.user_agent.is_none());
        let target = action.target.as_deref().unwrap();
        assert!(target.starts_with("sha256:") && target.len() == 71, "{target}");
        assert!(!format!("{action:?}").contains("stolen"));
    });
}
