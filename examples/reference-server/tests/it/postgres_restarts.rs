//! A PostgreSQL that ends and comes back while clients write: they are told to come back, and nothing is half written.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use palisade_test_support::PostgresServer;
use reqwest::blocking::{Client, Response};
use serde_json::{Value, json};

use crate::{
    secrets_of_users::ring_key,
    server::{Server, run, until},
};

/// So many write at once.
const CLIENTS: usize = 6;
/// So often the database ends.
const ENDS: usize = 3;
/// So much is written between two ends.
const WRITES: usize = 40;
/// No client asks more often: what is broken ends too.
const MOST: usize = 20_000;

/// What became of it.
#[derive(Default)]
struct Seen {
    /// What was answered as done.
    done: Mutex<BTreeSet<String>>,
    writes: AtomicUsize,
    unavailable: AtomicUsize,
    wrong: Mutex<Vec<String>>,
    is_over: AtomicBool,
}

impl Seen {
    /// Done, or to be done later: nothing else.
    fn take(&self, what: &str, answer: Result<Response, reqwest::Error>) -> Option<Value> {
        let wrong = |told: String| {
            self.wrong.lock().unwrap().push(format!("{what}: {told}"));
            None
        };
        match answer {
            Ok(answer) if answer.status().is_success() => {
                self.writes.fetch_add(1, Ordering::Relaxed);
                Some(answer.json().unwrap_or_default())
            }
            Ok(answer)
                if answer.status() == 503 && answer.headers().contains_key("retry-after") =>
            {
                self.unavailable.fetch_add(1, Ordering::Relaxed);
                None
            }
            Ok(answer) => wrong(format!("{} {:?}", answer.status(), answer.text())),
            Err(error) => wrong(error.to_string()),
        }
    }
}

/// Writes pages, roles of users and secrets, each under a name of its own, until it is over.
fn write(server: &Server, seen: &Seen, client: usize) {
    let (bob, alice) = (server.token("bob", &[]), server.token("alice", &["admin"]));
    let http = Client::new();
    for number in 0..MOST {
        if seen.is_over.load(Ordering::Relaxed) {
            return;
        }
        let name = format!("{client}-{number}");
        let (token, method, path, body) = match number % 3 {
            0 => (
                &bob,
                "POST",
                "/api/pages".to_owned(),
                json!({ "slug": name, "title": "A page", "body": "" }),
            ),
            1 => (
                &alice,
                "POST",
                "/api/admin/users/roles".to_owned(),
                json!({ "userId": format!("user-{name}"), "roles": ["editor"] }),
            ),
            _ => (
                &bob,
                "PUT",
                format!("/api/me/secrets/of-{client}"),
                json!({ "value": format!("sk-live-{name}-0123456789") }),
            ),
        };
        let request = http.request(method.parse().unwrap(), server.url(&path));
        let answer = seen.take(&path, request.bearer_auth(token).json(&body).send());
        if let Some(answer) = answer {
            let id = answer["id"].as_str().map_or_else(|| format!("user-{name}"), str::to_owned);
            if number % 3 != 2 {
                seen.done.lock().unwrap().insert(id);
            }
        }
    }
}

#[test]
fn a2_a_database_that_ends_and_comes_back_under_load_is_503_and_nothing_is_half_written() {
    let mut postgres = PostgresServer::start();
    let (app, owner) = postgres.urls_of_server();
    let key = format!("1:{}", ring_key());
    let settings = [
        ("RATE_LIMIT_ENABLED", "false"),
        ("AUTO_BAN_ENABLED", "false"),
        ("VAULT_KEYS", &*key),
        ("DATABASE_URL", &*app),
        ("DATABASE_MIGRATE_URL", &*owner),
    ];
    let server = Server::start(&settings);
    let seen = Seen::default();
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (server, seen) = (&server, &seen);
            scope.spawn(move || write(server, seen, client));
        }
        let written = || seen.writes.load(Ordering::Relaxed);
        for _ in 0..ENDS {
            let so_far = written();
            until("clients write", || written() >= so_far + WRITES);
            let refused = seen.unavailable.load(Ordering::Relaxed);
            postgres.stop();
            until("clients are told so", || {
                seen.unavailable.load(Ordering::Relaxed) >= refused + CLIENTS
            });
            postgres.restart();
        }
        let so_far = written();
        until("it goes on by itself", || written() >= so_far + WRITES);
        seen.is_over.store(true, Ordering::Relaxed);
    });
    let wrong = seen.wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} answers: {:?}", wrong.len(), wrong.first());

    let names = |sql: &str| -> BTreeSet<String> {
        postgres.run("root", sql).unwrap().lines().map(str::to_owned).collect()
    };
    let pages = names("SELECT id FROM pages");
    let recorded =
        names("SELECT target_id FROM audit_log WHERE action = 'page.written' AND outcome = 'done'");
    assert_eq!(pages, recorded, "each page has its record, and each record its page");
    let users = names("SELECT split_part(user_id, '|', 2) FROM user_roles WHERE role = 'editor'");
    let recorded = names(
        "SELECT split_part(target_id, ' of ', 1) FROM audit_log WHERE action = 'user.roles' AND outcome = 'done'",
    );
    assert_eq!(users, recorded, "each role has its record, and each record its role");
    let done = seen.done.into_inner().unwrap();
    let lost: Vec<_> =
        done.iter().filter(|id| !pages.contains(*id) && !users.contains(*id)).collect();
    assert!(lost.is_empty(), "answered as done, and not there: {lost:?}");
    let (fine, told, errors) = run(server.folder.path(), &["audit", "verify"], &settings);
    assert!(fine && told.starts_with("whole: "), "{told}{errors}");
}
