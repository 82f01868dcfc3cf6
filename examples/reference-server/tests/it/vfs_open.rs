//! What is open ends with whoever opened it: downloads, uploads, listings of users who signed out or were disabled.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use axum::body::Body;
use futures_util::StreamExt as _;
use http::{Request, Response, header};
use palisade_server::App;
use palisade_test_support::PostgresServer;
use serde_json::{Value, json};
use tokio::runtime;

use crate::{
    in_process::{ask, settings},
    server::{Server, problem, until},
    vfs_files::{content, get, put, served},
    vfs_rules::{grant, mount},
    vfs_transfers::{begin, drain},
};

const MB: usize = 1 << 20;
const SECOND: Duration = Duration::from_secs(1);

/// What ends what somebody has open, and how he is let in again.
const ENDS: [&str; 2] = ["disabled", "signed out"];

/// Makes an end.
fn end(server: &Server, end: &str, alice: &str, bob: &str) {
    let (path, by, status) = match end {
        "disabled" => ("/api/admin/users/disable", alice, 200),
        _ => ("/api/logout", bob, 204),
    };
    let answer = server.post_as(by, path, &json!({ "userId": "bob" }));
    assert_eq!(answer.status(), status, "{end}: {}", answer.text().unwrap());
}

/// Lets him in again.
fn enable(server: &Server, alice: &str) {
    let answer = server.post_as(alice, "/api/admin/users/enable", &json!({ "userId": "bob" }));
    assert_eq!(answer.status(), 200);
}

#[test]
fn v5_an_open_download_ends_within_a_second_of_its_users_end() {
    let (server, alice, bob) = served(&[]);
    let length = 48 * MB;
    assert_eq!(put(&server, &bob, "docs/large", content(length)).status(), 201);
    let mut times = Vec::new();
    for how in ENDS {
        let mut socket = begin(&server, &bob, "docs/large");
        end(&server, how, &alice, &bob);
        let ended = Instant::now();
        let rest = drain(&mut socket);
        assert!(rest + 1024 < length, "{how}: {rest}");
        times.push(ended.elapsed());
        assert_eq!(problem(get(&server, &bob, "docs/large")).0, 401, "{how}");
        enable(&server, &alice);
    }
    assert!(times.iter().filter(|took| **took > SECOND).count() <= 1, "{times:?}");
}

#[test]
fn what_is_uploaded_by_whom_nobody_would_let_in_any_more_is_not_kept() {
    let (server, alice, bob) = served(&[]);
    assert_eq!(put(&server, &bob, "docs/a", "as it was").status(), 201);
    for how in ENDS {
        let address = server.base.strip_prefix("http://").unwrap();
        let mut socket = TcpStream::connect(address).unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let head = format!(
            "PUT /api/vfs/docs/a HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {bob}\r\nExpect: 100-continue\r\nContent-Length: 100000\r\n\r\n"
        );
        socket.write_all(head.as_bytes()).unwrap();
        // It is let in, and its body is read.
        let mut told = [0; 25];
        socket.read_exact(&mut told).unwrap();
        assert_eq!(&told, b"HTTP/1.1 100 Continue\r\n\r\n");
        socket.write_all(&[b'x'; 50_000]).unwrap();
        end(&server, how, &alice, &bob);
        socket.write_all(&[b'x'; 50_000]).unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 401 "), "{how}: {answer}");
        enable(&server, &alice);
    }
    let again = server.token("alice", &["admin"]);
    grant(&server, &again, "docs", "alice", &["read"]);
    assert_eq!(get(&server, &again, "docs/a").text().unwrap(), "as it was");
}

#[test]
fn a_listing_that_is_open_when_its_user_signs_out_shows_nothing() {
    let postgres = PostgresServer::start();
    postgres.run("root", "CREATE ROLE palisade_runtime NOLOGIN").unwrap();
    postgres.run("root", "GRANT palisade_runtime TO owner WITH ADMIN OPTION").unwrap();
    postgres.run("root", "CREATE ROLE app LOGIN IN ROLE palisade_runtime").unwrap();
    let (app, owner) = (postgres.url("app"), postgres.url("owner"));
    let (server, alice, bob) = served(&[("DATABASE_URL", &app), ("DATABASE_MIGRATE_URL", &owner)]);
    assert_eq!(put(&server, &bob, "docs/a", "x").status(), 201);
    let all: Value = get(&server, &bob, "docs?glob=*").json().unwrap();
    assert_eq!(all["files"].as_array().unwrap().len(), 1);
    let count = |of: &str| {
        postgres
            .run(
                "root",
                &format!(
                    "SELECT count(*) FROM pg_locks WHERE relation = 'vfs_files'::regclass AND {of}"
                ),
            )
            .unwrap()
    };
    thread::scope(|scope| {
        let hold = "BEGIN; LOCK TABLE vfs_files IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(60)";
        let held = scope.spawn(|| postgres.run("root", hold));
        let is_held = "granted AND mode = 'AccessExclusiveLock'";
        until("the files are held", || count(is_held) == "1");
        let listing = scope.spawn(|| get(&server, &bob, "docs?glob=*"));
        until("it is being listed", || count("NOT granted") == "1");
        end(&server, "signed out", &alice, &bob);
        let release = format!(
            "SELECT pg_cancel_backend(pid) FROM pg_locks WHERE relation = 'vfs_files'::regclass AND {is_held}"
        );
        postgres.run("root", &release).unwrap();
        assert!(held.join().unwrap().is_err(), "it was cancelled");
        assert_eq!(problem(listing.join().unwrap()).1, "invalid-token.revoked");
    });
    mount(&server, &alice, &json!({ "name": "other" }));
}

/// The answer to a request of carol's.
async fn by_carol(app: &App, method: &str, path: &str, body: impl Into<Body>) -> Response<Body> {
    let carol = include_str!("../data/jwks.token").trim();
    let request = Request::builder().method(method).uri(path).header("host", "x");
    let request = request.header(header::AUTHORIZATION, format!("Bearer {carol}"));
    let request = request.header(header::CONTENT_TYPE, "application/json");
    ask(app, request.body(body.into()).unwrap()).await
}

#[test]
fn of_a_short_file_nothing_more_is_sent_either() {
    let folder = tempfile::tempdir().unwrap();
    runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(async {
        let app = App::open(settings(folder.path())).await.unwrap();
        let made = r#"{"name":"docs","owner":{"user":{"userId":"carol"}}}"#;
        assert_eq!(by_carol(&app, "POST", "/api/admin/vfs/mounts", made).await.status(), 200);
        let put = by_carol(&app, "PUT", "/api/vfs/docs/a", content(MB)).await;
        assert_eq!(put.status(), 201);
        let download = by_carol(&app, "GET", "/api/vfs/docs/a", Body::empty()).await;
        let asked = Instant::now();
        let mut pieces = download.into_body().into_data_stream();
        let first = pieces.next().await.unwrap().unwrap();
        assert!(first.len() < MB / 2, "{}", first.len());
        let left = by_carol(&app, "POST", "/api/logout", Body::empty()).await;
        assert_eq!(left.status(), 204);
        // A client that reads at once has it in less time than it takes to be asked about.
        until("it is asked again", || asked.elapsed() > SECOND / 2);
        assert!(pieces.next().await.unwrap().is_err(), "nothing more is sent");
        assert!(pieces.next().await.is_none());
    });
}
