//! Live analytics.

use std::{
    fs,
    io::{BufRead, BufReader, Lines},
    time::{Duration, Instant},
};

use reqwest::blocking::Response;
use serde_json::{Value, json};

use crate::server::{Server, problem, run};

/// Follows the live analytics by a token.
pub(crate) fn follow(server: &Server, token: &str) -> Response {
    let stream = server.request("GET", "/api/analytics/stream").bearer_auth(token);
    stream.timeout(Duration::from_secs(20)).send().unwrap()
}

/// The lines of a stream that was opened.
pub(crate) fn lines(stream: Response) -> Lines<BufReader<Response>> {
    assert_eq!(stream.status(), 200);
    BufReader::new(stream).lines()
}

/// Reads a stream to its end, which must come by itself and not by the client's patience.
pub(crate) fn ends(lines: Lines<BufReader<Response>>) {
    let started = Instant::now();
    lines.for_each(|line| drop(line.unwrap()));
    assert!(started.elapsed() < Duration::from_secs(15), "after {:?}", started.elapsed());
}

/// The data of the next event.
pub(crate) fn event(lines: &mut impl Iterator<Item = std::io::Result<String>>) -> Value {
    let data =
        lines.find_map(|line| line.unwrap().strip_prefix("data:").map(str::to_owned)).unwrap();
    serde_json::from_str(data.trim()).unwrap()
}

#[test]
fn the_stream_shows_a_request_within_a_second_with_user_status_and_time() {
    let server = Server::unlimited(&[]);
    let (admin, bob) = (server.token("alice", &["admin"]), server.token("bob", &[]));
    let stream = server.request("GET", "/api/analytics/stream").bearer_auth(&admin);
    let stream = stream.header("accept-encoding", "br, gzip, zstd");
    let stream = stream.timeout(Duration::from_secs(20)).send().unwrap();
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    assert!(!stream.headers().contains_key("content-encoding"), "a stream is never compressed");
    let mut lines = BufReader::new(stream).lines();

    // The stream's own request is the first event.
    assert_eq!(event(&mut lines)["path"], "/api/analytics/stream");
    // A machine with other work may take longer now and then, but not every time.
    let mut times = (0..5).map(|_| {
        assert_eq!(server.get_as(&bob, "/api/admin/bans").status(), 403);
        let answered = Instant::now();
        let shown = event(&mut lines);
        assert_eq!(shown["path"], "/api/admin/bans");
        assert_eq!(shown["user"], "bob");
        assert_eq!(shown["status"], 403);
        assert_eq!(shown["code"], "insufficient-role");
        assert!(shown["responseTimeMs"].as_f64().is_some_and(|time| time >= 0.0), "{shown}");
        answered.elapsed()
    });
    assert!(times.any(|took| took < Duration::from_secs(1)));
}

#[test]
fn a_stream_takes_its_token_from_the_query_and_nothing_else_does() {
    let server = Server::unlimited(&[]);
    let admin = server.token("alice", &["admin"]);
    let ask = |path: &str| {
        server
            .request("GET", &format!("{path}?token={admin}"))
            .timeout(Duration::from_secs(20))
            .send()
            .unwrap()
    };
    assert_eq!(ask("/api/analytics/stream").status(), 200);
    assert_eq!(problem(ask("/api/analytics")).1, "credentials-required");
    let off = Server::unlimited(&[("QUERY_TOKEN", "off")]);
    let other = off.token("alice", &["admin"]);
    assert_eq!(off.get(&format!("/api/analytics/stream?token={other}")).status(), 401);
    for (log, token) in [(server.log(), admin), (off.log(), other)] {
        assert!(!log.contains(&token) && !log.contains("token="), "a token is in the log: {log}");
    }
}

#[test]
fn analytics_are_counted_and_cleared() {
    let server = Server::unlimited(&[]);
    let admin = server.token("alice", &["admin"]);
    for _ in 0..3 {
        server.get("/api/feed");
    }
    let counts: Value = server.get_as(&admin, "/api/analytics?countBy=route").json().unwrap();
    let rows = counts["counts"].as_array().unwrap();
    assert!(rows.contains(&serde_json::json!({ "value": "/api/feed", "count": 3 })), "{counts}");
    let page: Value =
        server.get_as(&admin, "/api/analytics?route=/api/feed&limit=2").json().unwrap();
    assert_eq!(page["page"]["records"].as_array().unwrap().len(), 2, "{page}");
    let cleared: Value = server
        .request("DELETE", "/api/analytics")
        .bearer_auth(&admin)
        .send()
        .unwrap()
        .json()
        .unwrap();
    assert!(cleared["cleared"].as_u64().unwrap() >= 3);
    let after: Value = server.get_as(&admin, "/api/analytics?countBy=route").json().unwrap();
    assert!(!after["counts"].to_string().contains("/api/feed"), "{after}");
}

#[test]
fn e3_a_stream_ends_with_the_token_that_opened_it() {
    let server = Server::unlimited(&[]);
    let arguments = ["token", "--user", "alice", "--role", "admin", "--ttl", "5s"];
    let (fine, token, errors) = run(server.folder.path(), &arguments, &[]);
    assert!(fine, "{errors}");
    ends(lines(follow(&server, token.trim())));
    assert_eq!(problem(server.get_as(token.trim(), "/api/me")).1, "invalid-token.expired");
}

#[test]
fn e3_a_stream_ends_when_its_user_is_blocked_or_its_address_banned() {
    let blocked = Server::unlimited(&[]);
    let admin = blocked.token("alice", &["admin"]);
    let lines_of_blocked = lines(follow(&blocked, &admin));
    let path = blocked.folder.path().join("config/blocklist.json");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, json!({ "blockedUserIds": ["alice"] }).to_string()).unwrap();
    ends(lines_of_blocked);
    assert_eq!(problem(blocked.get_as(&admin, "/api/me")).1, "blocked");
    assert!(blocked.log().contains("stream.ended"), "{}", blocked.log());

    let banned = Server::start(&[("RATE_LIMIT_ENABLED", "false")]);
    let admin = banned.token("alice", &["admin"]);
    let lines_of_banned = lines(follow(&banned, &admin));
    for _ in 0..6 {
        assert_eq!(banned.get_as("not.a.token", "/api/feed").status(), 401);
    }
    ends(lines_of_banned);
}
