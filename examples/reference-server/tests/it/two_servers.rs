//! Two server processes on one PostgreSQL and one Redis: they behave as one.

use std::{
    path::Path,
    process::Command,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use palisade_test_support::{PostgresServer, RedisServer};
use palisade_vault::Key;
use reqwest::blocking::Response;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    server::{Server, problem, run, until},
    stream::{ends, follow, lines},
    vfs_files::{content, get, put},
    vfs_rules::{grant, mount, rule},
    vfs_transfers::{begin, drain},
};

const SECOND: Duration = Duration::from_secs(1);
const KEYS: &str = "/api/admin/api-keys";

/// What both share, and how they are set up.
pub(crate) struct Site {
    settings: Vec<(&'static str, String)>,
    _postgres: PostgresServer,
    _redis: RedisServer,
}

/// How long each change took to count on the other one.
#[derive(Default)]
struct Delays(Vec<(&'static str, Duration)>);

// === impl Site ===

impl Site {
    pub(crate) fn new(settings: &[(&'static str, &str)]) -> Self {
        let (postgres, redis) = (PostgresServer::start(), RedisServer::start());
        postgres.run("root", "CREATE ROLE palisade_runtime NOLOGIN").unwrap();
        postgres.run("root", "GRANT palisade_runtime TO owner WITH ADMIN OPTION").unwrap();
        postgres.run("root", "CREATE ROLE app LOGIN IN ROLE palisade_runtime").unwrap();
        let vault_key = Key::generate().unwrap().expose_base64().expose_str().unwrap().to_owned();
        let mut all = vec![
            ("DATABASE_URL", postgres.url("app")),
            ("DATABASE_MIGRATE_URL", postgres.url("owner")),
            ("REDIS_URL", redis.url()),
            ("JWT_SECRET", "a test secret of thirty-two bytes or more".to_owned()),
            ("ADMIN_USERS", "alice,dave".to_owned()),
            ("VAULT_KEYS", format!("1:{vault_key}")),
            ("TRUSTED_PROXIES", "127.0.0.1".to_owned()),
        ];
        all.extend(settings.iter().map(|(name, value)| (*name, (*value).to_owned())));
        Self { settings: all, _postgres: postgres, _redis: redis }
    }

    fn settings(&self) -> Vec<(&str, &str)> {
        self.settings.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }

    pub(crate) fn start(&self) -> Server {
        Server::start(&self.settings())
    }

    pub(crate) fn start_in(&self, folder: TempDir) -> Server {
        Server::start_in(folder, &self.settings())
    }

    fn run(&self, folder: &Path, arguments: &[&str]) -> String {
        let (fine, output, errors) = run(folder, arguments, &self.settings());
        assert!(fine, "{arguments:?}: {output}{errors}");
        output.trim().to_owned()
    }

    pub(crate) fn token(&self, server: &Server, user: &str) -> String {
        self.run(server.folder.path(), &["token", "--user", user])
    }
}

// === impl Delays ===

impl Delays {
    /// Waits until what was just changed counts.
    fn until(&mut self, what: &'static str, is_so: impl FnMut() -> bool) {
        let changed = Instant::now();
        until(what, is_so);
        self.0.push((what, changed.elapsed()));
    }

    /// A machine with other work may take longer once, but not twice.
    fn are_short(&self) {
        let long: Vec<_> = self.0.iter().filter(|(_, took)| *took > SECOND).collect();
        assert!(long.len() <= 1, "{long:?}");
    }
}

fn by_key(server: &Server, key: &str) -> u16 {
    server.request("GET", "/api/me").header("x-api-key", key).send().unwrap().status().as_u16()
}

fn status(server: &Server, token: &str, path: &str) -> u16 {
    server.get_as(token, path).status().as_u16()
}

fn done(answer: Response) -> Value {
    assert!(answer.status().is_success(), "{}", answer.text().unwrap());
    answer.text().map(|text| serde_json::from_str(&text).unwrap_or_default()).unwrap()
}

fn change(server: &Server, token: &str, what: &str, body: &Value) {
    done(server.post_as(token, &format!("/api/admin/users/{what}"), body));
}

#[test]
fn what_is_changed_on_one_server_counts_on_the_other_within_a_second() {
    let site = Site::new(&[("RATE_LIMIT_ENABLED", "false"), ("AUTO_BAN_ENABLED", "false")]);
    let (a, b) = (site.start(), site.start());
    let [alice, bob] = ["alice", "bob"].map(|user| site.token(&a, user));
    let mut delays = Delays::default();

    let given = json!({ "userId": "bob", "roles": ["admin"] });
    change(&a, &alice, "roles", &given);
    delays.until("a role", || status(&b, &bob, "/api/analytics") == 200);
    let stream = lines(follow(&b, &bob));
    change(&a, &alice, "disable", &json!({ "userId": "bob" }));
    delays.until("disabled", || status(&b, &bob, "/api/me") == 401);
    ends(stream);
    change(&b, &alice, "enable", &json!({ "userId": "bob" }));
    delays.until("enabled", || status(&a, &bob, "/api/me") == 200);

    let order = json!({ "owner": "bob", "name": "export", "roles": ["admin"] });
    let made = done(a.post_as(&alice, KEYS, &order));
    let (id, key) = (made["apiKey"]["id"].as_str().unwrap(), made["key"].as_str().unwrap());
    assert_eq!(by_key(&a, key), 200);
    delays.until("a key", || by_key(&b, key) == 200);
    let stream = a.request("GET", "/api/analytics/stream").header("x-api-key", key);
    let stream = lines(stream.timeout(20 * SECOND).send().unwrap());
    done(b.request("DELETE", &format!("{KEYS}/{id}")).bearer_auth(&alice).send().unwrap());
    assert_eq!(by_key(&b, key), 401);
    delays.until("a revoked key", || by_key(&a, key) == 401);
    ends(stream);
    let by_command = site.run(a.folder.path(), &["api-key", "create", "--owner", "bob"]);
    delays.until("a key of the command line", || by_key(&b, &by_command) == 200);

    let stream = lines(follow(&b, &bob));
    let left = a.request("POST", "/api/logout").bearer_auth(&bob).send().unwrap();
    assert_eq!(left.status(), 204);
    delays.until("signed out", || status(&b, &bob, "/api/me") == 401);
    assert_eq!(problem(b.get_as(&bob, "/api/me")).1, "invalid-token.revoked");
    ends(stream);
    let carol = site.token(&a, "carol");
    assert_eq!(status(&b, &carol, "/api/me"), 200);
    change(&a, &alice, "sign-out", &json!({ "userId": "carol", "issuer": "palisade-development" }));
    delays.until("signed out everywhere", || status(&b, &carol, "/api/me") == 401);

    // A ticket of one opens a stream of the other, once.
    let wanted = json!({ "route": "/api/analytics/stream" });
    let ticket = done(a.post_as(&alice, "/api/stream-tickets", &wanted));
    let url = ticket["url"].as_str().unwrap();
    drop(lines(b.get(url)));
    for server in [&a, &b] {
        assert_eq!(problem(server.get(url)).1, "invalid-token.ticket", "it is used up");
    }

    // What handlers read is read in the database.
    let put = a.request("PUT", "/api/me/secrets/openai").bearer_auth(&alice);
    done(put.json(&json!({ "value": "sk-live-4kq0v7m2x9rt8w3h" })).send().unwrap());
    let masked = b.get_as(&alice, "/api/me/secrets/openai").text().unwrap();
    assert!(masked.contains("8w3h") && !masked.contains("sk-live"), "{masked}");
    done(a.post_as(&alice, "/api/orgs", &json!({ "slug": "acme", "name": "Acme" })));
    let page = json!({ "slug": "plans", "title": "Plans", "body": "None yet." });
    let written = b.request("POST", "/api/pages").bearer_auth(&alice).header("x-org-slug", "acme");
    done(written.json(&page).send().unwrap());
    let pages = a.request("GET", "/api/pages").bearer_auth(&alice).header("x-org-slug", "acme");
    assert!(done(pages.send().unwrap()).to_string().contains("plans"));

    // A restart forgets nothing of it, and what is left in memory of the other one neither.
    let b = site.start_in(b.kill());
    for (token, code) in [(&bob, "invalid-token.revoked"), (&carol, "invalid-token.revoked")] {
        assert_eq!(problem(b.get_as(token, "/api/me")).1, code);
    }
    assert_eq!((by_key(&b, key), by_key(&b, &by_command)), (401, 200));
    delays.are_short();
}

#[test]
fn a_ban_holds_on_both_a_quota_counts_both_and_both_write_one_log_while_one_is_killed() {
    let site = Site::new(&[
        ("RATE_LIMIT_MAX", "40"),
        ("RATE_LIMIT_WINDOW_MS", "3600000"),
        ("ADMIN_RATE_LIMIT_MAX", "1000"),
    ]);
    let (a, b) = (site.start(), site.start());
    let [alice, dave] = ["alice", "dave"].map(|user| site.token(&a, user));
    let mut delays = Delays::default();
    let from = |server: &Server, client: &str| {
        let request = server.request("GET", "/api/feed").header("x-forwarded-for", client);
        request.send().unwrap().status().as_u16()
    };
    let order = json!({ "ip": "198.51.100.7", "reason": "ticket 4711" });
    done(a.post_as(&alice, "/api/admin/bans/ban-ip", &order));
    delays.until("a ban", || from(&b, "198.51.100.7") == 403);
    let both = [&a, &b];
    let asked = both.iter().cycle().take(100);
    let admitted = asked.filter(|server| from(server, "198.51.100.1") == 200).count();
    assert_eq!(admitted, 40, "each of two would admit 40");

    // One is killed while both write, and writes again.
    let (wrote, is_killed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let write = |server: &Server, token: &str, number: usize| {
        let order = json!({ "userId": format!("user-{number}"), "roles": ["editor"] });
        let request = server.request("POST", "/api/admin/users/roles").bearer_auth(token);
        request.json(&order).send().is_ok_and(|answer| answer.status() == 200)
    };
    thread::scope(|scope| {
        let first = scope.spawn(|| (0..15).filter(|number| write(&a, &alice, *number)).count());
        scope.spawn(|| {
            let mut numbers = 100..120;
            while !is_killed.load(Ordering::SeqCst)
                && numbers.any(|number| write(&b, &dave, number))
            {
                wrote.fetch_add(1, Ordering::SeqCst);
            }
        });
        until("the second wrote", || wrote.load(Ordering::SeqCst) >= 3);
        let kill = Command::new("kill").args(["-9", &b.pid().to_string()]).status();
        assert!(kill.unwrap().success());
        is_killed.store(true, Ordering::SeqCst);
        assert_eq!(first.join().unwrap(), 15);
    });
    let b = site.start_in(b.kill());
    assert!(write(&b, &dave, 200) && write(&a, &alice, 201));
    let told = site.run(a.folder.path(), &["audit", "verify"]);
    assert!(told.starts_with("whole: "), "{told}");
    let records = done(b.get_as(&dave, "/api/admin/audit?action=user.roles&limit=100"));
    let records = records["records"].as_array().unwrap().len();
    // The one that was under way when it was killed is there or not.
    let least = 15 + wrote.load(Ordering::SeqCst) + 2;
    assert!((least..=least + 1).contains(&records), "{records} of {least}");
    delays.are_short();
}

#[test]
fn who_may_do_what_with_a_file_counts_on_both_within_a_second_also_for_an_open_download() {
    let storage = tempfile::tempdir().unwrap();
    let site = Site::new(&[
        ("RATE_LIMIT_ENABLED", "false"),
        ("AUTO_BAN_ENABLED", "false"),
        ("VFS_STORAGE", storage.path().to_str().unwrap()),
    ]);
    let (a, b) = (site.start(), site.start());
    let [alice, bob, carol] = ["alice", "bob", "carol"].map(|user| site.token(&a, user));
    let mut delays = Delays::default();
    let reads = |server: &Server| get(server, &bob, "docs/large").status().as_u16();
    mount(&a, &alice, &json!({ "name": "docs", "owner": { "user": { "userId": "carol" } } }));
    let length = 48 << 20;
    delays.until("a mount", || put(&b, &carol, "docs/small", "x").status() == 201);
    assert_eq!(put(&b, &carol, "docs/large", content(length)).status(), 201);
    assert_eq!((reads(&a), reads(&b)), (404, 404));

    let granted = grant(&a, &alice, "docs", "bob", &["read"]);
    assert_eq!(reads(&a), 200, "here it counts at once");
    delays.until("a grant", || reads(&b) == 200);
    let mut open = begin(&b, &bob, "docs/large");
    let whom = json!({ "user": { "userId": "bob" } });
    let revoke = json!({ "mount": "docs", "kind": "revoke", "principal": whom });
    let revoked = rule(&a, &alice, &revoke);
    assert_eq!(reads(&a), 404);
    delays.until("a revocation", || reads(&b) == 404);
    assert!(drain(&mut open) < length - 1024, "it was cut");
    let lifted = |server: &Server, id: &str| {
        let request = server.request("DELETE", &format!("/api/admin/vfs/rules/{id}"));
        assert_eq!(request.bearer_auth(&alice).send().unwrap().status(), 204);
    };
    lifted(&b, &revoked);
    assert_eq!(reads(&b), 200);
    delays.until("a revocation that is lifted", || reads(&a) == 200);
    lifted(&b, &granted);
    delays.until("a grant that is taken away", || reads(&a) == 404);

    // One that ends does so on both by itself.
    let brief = json!({
        "mount": "docs", "kind": "grant", "principal": whom, "actions": ["read"], "expiresInSeconds": 2,
    });
    rule(&a, &alice, &brief);
    delays.until("a brief grant", || reads(&b) == 200);
    until("it ends", || reads(&a) == 404 && reads(&b) == 404);
    let asked = "/api/admin/vfs/explain?user=bob&path=docs/large&action=read";
    let told = done(b.get_as(&alice, asked));
    assert_eq!((&told["allowed"], &told["refusedWith"]), (&json!(false), &json!(404)));
    assert!(told["text"].as_str().unwrap().contains("does not apply, ended"), "{told}");
    delays.are_short();
}
