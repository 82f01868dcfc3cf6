//! A server that is killed while admins act: each action and its record are both there, or both not.

use std::{
    collections::{BTreeSet, HashSet},
    fmt::Write as _,
    fs,
    path::Path,
    sync::{
        Mutex, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use palisade_test_support::PostgresServer;
use reqwest::{Method, blocking::Client};
use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

use crate::server::{Server, run};

/// So many actions are asked for.
const ACTIONS: usize = 500;
/// So often it is killed meanwhile.
const KILLS: usize = 8;
/// So many ask at once.
const CLIENTS: usize = 12;
/// So many bans there are before, so that their file is written for a while.
const BANS: usize = 3000;

/// What is asked for; each with a target of its own.
const KINDS: [&str; 15] = [
    "ban.ip",
    "unban.ip",
    "ban.user",
    "user.roles",
    "unban.user",
    "ban.token",
    "user.disable",
    "unban.token",
    "organisation.founded",
    "ban.ip",
    "page.written",
    "user.enable",
    "secret.written",
    "cache.invalidate",
    "analytics.clear",
];
/// Every so many, the caches are flushed instead.
const FLUSH: usize = 40;

/// An action, with what became of the request.
#[derive(Debug)]
struct Asked {
    action: &'static str,
    /// As the record names it; of a page it is known by the answer alone.
    target: String,
    /// The name of the request, if it was answered.
    answered: Option<String>,
}

/// Where the server is, which is another place after each start, and who asks.
struct Place {
    base: RwLock<String>,
    alice: String,
    asked: Mutex<Vec<Asked>>,
    next: AtomicUsize,
}

fn digest(number: usize) -> String {
    format!("sha256:{number:064x}")
}

/// The action with this number, and what it is about.
fn action(number: usize) -> (&'static str, String) {
    if number % FLUSH == FLUSH - 1 {
        return ("cache.flush", String::new());
    }
    let action = KINDS[number % KINDS.len()];
    let target = match action {
        "ban.ip" | "unban.ip" => format!("10.1.{}.{}", number / 250, number % 250),
        "ban.token" | "unban.token" => digest(number),
        "analytics.clear" => format!("address={}", visitor(number)),
        "cache.invalidate" => format!("path=/nowhere-{number}"),
        _ => format!("n{number}"),
    };
    (action, target)
}

fn visitor(number: usize) -> String {
    format!("192.0.{}.{}", number / 250, number % 250)
}

fn numbers_of(action_wanted: &str) -> Vec<String> {
    let of = (0..ACTIONS).map(action).filter(|(action, _)| *action == action_wanted);
    of.map(|(_, target)| target).collect()
}

/// What is sent for an action.
fn request(action: &str, target: &str) -> (Method, String, Value) {
    let post = |path: &str, body| (Method::POST, path.to_owned(), body);
    let reason = format!("for {target}");
    match action {
        "ban.ip" => post("/api/admin/bans/ban-ip", json!({ "ip": target, "reason": reason })),
        "ban.user" => {
            post("/api/admin/bans/ban-user", json!({ "userId": target, "reason": reason }))
        }
        "ban.token" => {
            post("/api/admin/bans/ban-token", json!({ "token": target, "reason": reason }))
        }
        "unban.ip" => post("/api/admin/bans/unban-ip", json!({ "ip": target })),
        "unban.user" => post("/api/admin/bans/unban-user", json!({ "userId": target })),
        "unban.token" => post("/api/admin/bans/unban-token", json!({ "token": target })),
        "user.roles" => {
            post("/api/admin/users/roles", json!({ "userId": target, "roles": ["editor"] }))
        }
        "user.disable" => post("/api/admin/users/disable", json!({ "userId": target })),
        "user.enable" => post("/api/admin/users/enable", json!({ "userId": target })),
        "organisation.founded" => post("/api/orgs", json!({ "slug": target, "name": target })),
        "page.written" => {
            post("/api/pages", json!({ "slug": target, "title": target, "body": "None yet." }))
        }
        "secret.written" => {
            (Method::PUT, format!("/api/me/secrets/{target}"), json!({ "value": "a long secret" }))
        }
        "cache.invalidate" => post("/api/cache/invalidate", json!({ "paths": [&target[5..]] })),
        "cache.flush" => post("/api/flush-cache", Value::Null),
        _ => (Method::DELETE, format!("/api/analytics?{target}"), Value::Null),
    }
}

// === impl Place ===

impl Place {
    /// Asks for one action after another until there are no more.
    fn ask(&self) {
        let client = Client::builder().timeout(Duration::from_secs(20)).build().unwrap();
        loop {
            let number = self.next.fetch_add(1, Ordering::SeqCst);
            if number >= ACTIONS {
                return;
            }
            let (action, mut target) = action(number);
            let (method, path, body) = request(action, &target);
            // While it is started again, this waits.
            let url = format!("{}{path}", *self.base.read().unwrap());
            let request = client.request(method, url).bearer_auth(&self.alice).json(&body);
            let answer = request.send().ok();
            let good = answer.as_ref().filter(|answer| answer.status().is_success());
            let answered =
                good.map(|answer| answer.headers()["x-request-id"].to_str().unwrap().to_owned());
            let answer: Value = answer.and_then(|answer| answer.json().ok()).unwrap_or_default();
            if action == "page.written" {
                target = answer["id"].as_str().unwrap_or_default().to_owned();
            }
            self.asked.lock().unwrap().push(Asked { action, target, answered });
        }
    }
}

/// The file of bans before: those that will be lifted, and many more.
fn prepare_bans(folder: &Path) {
    let list = |action: &str| {
        let mut list = String::new();
        for (number, target) in numbers_of(action).iter().enumerate() {
            let comma = if number == 0 { "" } else { "," };
            write!(list, "{comma}\"{target}\"").unwrap();
        }
        list
    };
    let mut users = list("unban.user");
    for number in 0..BANS {
        write!(users, ",\"before-{number}\"").unwrap();
    }
    let (ips, tokens) = (list("unban.ip"), list("unban.token"));
    let file = format!(
        "{{\"version\":1,\"bannedIPs\":[{ips}],\"bannedUserIds\":[{users}],\"bannedTokens\":[{tokens}]}}"
    );
    fs::create_dir(folder.join("config")).unwrap();
    fs::write(folder.join("config/ban.json"), file).unwrap();
}

/// Users who can be let in again, and records that can be deleted.
fn prepare(server: &Server, alice: &str) {
    for user in numbers_of("user.enable") {
        let order = json!({ "userId": user });
        assert_eq!(server.post_as(alice, "/api/admin/users/disable", &order).status(), 200);
    }
    for target in numbers_of("analytics.clear") {
        let address = target.trim_start_matches("address=");
        let visit = server.request("GET", "/post/1.md").header("x-forwarded-for", address);
        assert_eq!(visit.send().unwrap().status(), 200);
    }
    assert_eq!(server.get_as(alice, "/api/analytics?limit=1").status(), 200, "all is stored");
}

/// What there is at the end, as admins see it.
struct Found {
    bans: HashSet<String>,
    users: Vec<Value>,
    organisations: HashSet<String>,
    pages: HashSet<String>,
    secrets: HashSet<String>,
    /// The actions that are recorded as done, with their targets.
    records: BTreeSet<(String, String)>,
    /// The requests that are.
    requests: HashSet<String>,
}

fn texts(list: &Value, name: &str) -> HashSet<String> {
    let list = list.as_array().unwrap().iter();
    list.map(|entry| entry[name].as_str().unwrap().to_owned()).collect()
}

impl Found {
    fn by(server: &Server, alice: &str) -> Self {
        let get = |path: &str| -> Value { server.get_as(alice, path).json().unwrap() };
        let bans = get("/api/admin/bans");
        let bans =
            ["bannedIPs", "bannedUserIds", "bannedTokens"].map(|name| texts(&bans[name], "value"));
        let (mut pages, mut after) = (HashSet::new(), String::new());
        loop {
            let page = get(&format!("/api/pages?limit=100{after}"));
            pages.extend(texts(&page["pages"], "id"));
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&cursor={next}");
        }
        let export = server.get_as(alice, "/api/admin/audit/export").text().unwrap();
        let records = export.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let done: Vec<_> = records.filter(|record| record["outcome"] == "done").collect();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let requests = done.iter().map(|record| text(&record["request_id"])).collect();
        let records = done
            .iter()
            .map(|record| {
                let target = text(&record["target_id"]);
                // Who vouches for a user stands behind him.
                let target = target.split(" of ").next().unwrap_or_default().to_owned();
                (text(&record["action"]), target)
            })
            .collect();
        Self {
            bans: bans.into_iter().flatten().collect(),
            users: get("/api/admin/users?limit=1000")["users"].as_array().unwrap().clone(),
            organisations: texts(&get("/api/orgs")["organisations"], "slug"),
            pages,
            secrets: texts(&get("/api/me/secrets")["secrets"], "name"),
            records,
            requests,
        }
    }

    /// Whether what an action does is there; nothing where it leaves nothing behind.
    fn has(&self, server: &Server, alice: &str, (action, target): (&str, &str)) -> Option<bool> {
        let user = || self.users.iter().find(|user| user["userId"] == target);
        Some(match action {
            "ban.ip" | "ban.user" | "ban.token" => self.bans.contains(target),
            "unban.ip" | "unban.user" | "unban.token" => !self.bans.contains(target),
            "user.roles" => user().is_some_and(|user| user["roles"] == json!(["editor"])),
            "user.disable" => user().is_some_and(|user| user["disabled"] == true),
            "user.enable" => user().is_some_and(|user| user["disabled"] == false),
            "organisation.founded" => self.organisations.contains(target),
            "page.written" => self.pages.contains(target),
            "secret.written" => self.secrets.contains(target),
            "analytics.clear" => {
                let found = server.get_as(alice, &format!("/api/analytics?{target}"));
                let found: Value = found.json().unwrap();
                found["page"]["records"].as_array().unwrap().is_empty()
            }
            _ => return None,
        })
    }
}

/// Starts a server, has admins act while it is killed and started again, and compares what is there with what is recorded.
fn survives(settings: &[(&str, &str)]) {
    let usual = [
        ("RATE_LIMIT_ENABLED", "false"),
        ("TRUSTED_PROXIES", "127.0.0.1"),
        ("CLIENT_IP_HEADER", "x-forwarded-for"),
    ];
    let settings = [&usual, settings].concat();
    let folder: TempDir = tempdir().unwrap();
    prepare_bans(folder.path());
    let server = Server::start_in(folder, &settings);
    let alice = server.token("alice", &["admin"]);
    prepare(&server, &alice);
    let base = RwLock::new(server.base.clone());
    let (asked, next) = (Mutex::default(), AtomicUsize::new(0));
    let place = Place { base, alice: alice.clone(), asked, next };
    let server = thread::scope(|scope| {
        let mut server = server;
        for _ in 0..CLIENTS {
            scope.spawn(|| place.ask());
        }
        for kill in 1..=KILLS {
            let until = kill * ACTIONS / (KILLS + 1);
            while place.next.load(Ordering::SeqCst) < until {
                thread::park_timeout(Duration::from_millis(1));
            }
            let mut base = place.base.write().unwrap();
            let folder = server.kill();
            server = Server::start_in(folder, &settings);
            base.clone_from(&server.base);
        }
        server
    });
    // At the end too, with nobody asking.
    let server = Server::start_in(server.kill(), &settings);
    let found = Found::by(&server, &alice);
    let mut wrong = Vec::new();
    let asked = place.asked.into_inner().unwrap();
    for Asked { action, target, answered } in &asked {
        // What was answered is recorded.
        if let Some(request) =
            answered.as_ref().filter(|request| !found.requests.contains(*request))
        {
            wrong.push(format!("{action} {target}: answered by {request}, not recorded"));
        }
        // What leaves something behind is there where it is recorded, and nowhere else. Pages are looked at below: nobody heard the
        // names of some.
        let is_recorded = found.records.contains(&((*action).to_owned(), target.clone()));
        let is_there = found.has(&server, &alice, (action, target));
        if *action != "page.written" && is_there.is_some_and(|is_there| is_there != is_recorded) {
            let heard = if answered.is_some() { "answered" } else { "not answered" };
            wrong.push(format!(
                "{action} {target}: {heard}, recorded {is_recorded}, there {is_there:?}"
            ));
        }
    }
    let answered = asked.iter().filter(|asked| asked.answered.is_some()).count();
    let written = found.records.iter().filter(|(action, _)| action == "page.written");
    let written: HashSet<_> = written.map(|(_, target)| target.clone()).collect();
    assert_eq!(written, found.pages, "pages and their records");
    let log = server.log();
    let resumed = log.matches("orders.resumed").count();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(asked.len(), ACTIONS);
    assert!(answered * 10 > ACTIONS * 7, "{answered} of {ACTIONS} were answered");
    assert!(resumed > 0, "no kill came at a bad moment: this shows nothing");
    let folder = server.stop();
    let (fine, told, errors) = run(folder.path(), &["audit", "verify"], &settings);
    assert!(fine && told.starts_with("whole: "), "{told}{errors}");
}

#[test]
fn a2_what_admins_did_and_its_record_are_both_there_or_both_not_however_often_it_is_killed() {
    survives(&[]);
}

#[test]
fn a2_so_it_is_on_postgresql() {
    let postgres = PostgresServer::start();
    postgres.run("root", "CREATE ROLE palisade_runtime NOLOGIN").unwrap();
    postgres.run("root", "GRANT palisade_runtime TO owner WITH ADMIN OPTION").unwrap();
    postgres.run("root", "CREATE ROLE app LOGIN IN ROLE palisade_runtime").unwrap();
    let (app, owner) = (postgres.url("app"), postgres.url("owner"));
    survives(&[("DATABASE_URL", &app), ("DATABASE_MIGRATE_URL", &owner)]);
}
