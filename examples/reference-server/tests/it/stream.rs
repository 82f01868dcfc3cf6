//! Live analytics.

use std::{
    fs,
    io::{BufRead, BufReader, Lines},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use palisade_test_support::until;
use reqwest::blocking::Response;
use serde_json::{Value, json};

use crate::{
    malformed::raw,
    server::{Server, problem, run},
};

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

/// Reads a stream to its end, which must come by itself and not by the client's patience. Says how long that took.
pub(crate) fn ends(lines: Lines<BufReader<Response>>) -> Duration {
    let started = Instant::now();
    lines.for_each(|line| drop(line.unwrap()));
    let took = started.elapsed();
    assert!(took < Duration::from_secs(15), "after {took:?}");
    took
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

    // A request is an event when it has ended: that of the stream itself is not among these.
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
    until("it is logged", || blocked.log().contains("stream.ended"));

    let banned = Server::start(&[("RATE_LIMIT_ENABLED", "false")]);
    let admin = banned.token("alice", &["admin"]);
    let lines_of_banned = lines(follow(&banned, &admin));
    for _ in 0..6 {
        assert_eq!(banned.get_as("not.a.token", "/api/feed").status(), 401);
    }
    ends(lines_of_banned);
}

/// All that an answer says.
fn said(answer: Response) -> String {
    let headers = format!("{:?}", answer.headers());
    headers + &answer.text().unwrap()
}

/// Every file below a folder, with its content.
fn files(folder: &Path) -> Vec<(String, String)> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: PathBuf| {
        if path.is_dir() {
            return files(&path);
        }
        let content = fs::read(&path).unwrap();
        vec![(path.display().to_string(), String::from_utf8_lossy(&content).into_owned())]
    };
    paths.flat_map(read).collect()
}

#[test]
fn e3_what_proves_who_is_asking_is_in_no_sink() {
    let server = Server::start(&[
        ("LOG_LEVEL", "trace"),
        ("RATE_LIMIT_ENABLED", "false"),
        ("TRUSTED_PROXIES", "127.0.0.1"),
    ]);
    let (admin, shown) = (server.token("alice", &["admin"]), server.token("bob", &[]));
    let made: Value = server.post_as(&admin, "/api/admin/api-keys", &json!({})).json().unwrap();
    let key = made["key"].as_str().unwrap();
    let wanted = json!({ "route": "/api/analytics/stream" });
    let issued: Value = server.post_as(&shown, "/api/stream-tickets", &wanted).json().unwrap();
    let ticket = issued["ticket"].as_str().unwrap();
    let live = server.request("GET", &format!("/api/analytics/stream?token={admin}"));
    let live = live.timeout(Duration::from_secs(20)).send().unwrap();
    let mut streamed = format!("{:?}", live.headers());
    let mut live = lines(live);

    let stream = "/api/analytics/stream";
    let cases = [
        (format!("{stream}?token={shown}"), 403),
        (format!("{stream}?token={shown}x"), 401),
        (format!("{stream}?token={shown}&token={shown}"), 400),
        (format!("{stream}?%74oken={shown}"), 401),
        (format!("{stream}?access_token={shown}"), 401),
        (format!("{stream}?token={key}"), 401),
        (format!("{stream}?ticket={ticket}&ticket={ticket}"), 400),
        (format!("{stream}?ticket={ticket}"), 403),
        (format!("{stream}?ticket={ticket}"), 401),
        (format!("/api/feed?token={shown}"), 200),
        (format!("/api/feed?access_token={shown}"), 200),
        (format!("/api/feed?api_key={key}&ticket={ticket}"), 200),
        (format!("/api/me?token={shown}"), 401),
        (format!("/api/nothing-here?token={shown}&x-api-key={key}"), 404),
        (format!("//api/feed?token={shown}"), 400),
    ];
    let mut sinks = Vec::new();
    for (number, (path, status)) in (1..).zip(cases) {
        // Each from an address of its own, so that none is banned for those before.
        let request = server.request("GET", &path).header("referer", server.url(&path));
        let request = request.header("x-forwarded-for", format!("198.51.100.{number}"));
        let answer = request.send().unwrap();
        assert_eq!(answer.status(), status, "{path}");
        sinks.push((path, said(answer)));
    }
    for status in [401, 401, 401, 401, 401, 401, 403] {
        let request = server.request("GET", "/api/feed").bearer_auth(format!("{shown}x"));
        let answer = request.header("x-forwarded-for", "198.51.100.99").send().unwrap();
        assert_eq!(answer.status(), status);
        sinks.push(("a ban".to_owned(), said(answer)));
    }
    let unreadable = format!("GET {stream}?token={shown}\x7f HTTP/1.1\r\nHost: x\r\n\r\n");
    let answer = raw(&server, unreadable);
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
    sinks.push(("no HTTP".to_owned(), answer));

    // Not all of these are shown, but this one is, and behind them.
    assert_eq!(server.get("/api/profiles").status(), 200);
    let asked = Instant::now();
    while !streamed.contains("\"/api/profiles\"") {
        assert!(asked.elapsed() < Duration::from_secs(15), "it is not shown: {streamed}");
        streamed += &live.next().unwrap().unwrap();
    }
    drop(live);
    sinks.push(("the live stream".to_owned(), streamed));
    for path in [
        "/api/analytics?limit=1000",
        "/api/admin/bans",
        "/api/admin/bans/violations",
        "/api/admin/api-keys",
    ] {
        let answer = server.get_as(&admin, path);
        assert_eq!(answer.status(), 200, "{path}");
        sinks.push((path.to_owned(), said(answer)));
    }
    sinks.extend(files(server.stop().path()));

    let holds = |end: &str, part: &str| {
        sinks.iter().any(|(sink, content)| sink.ends_with(end) && content.contains(part))
    };
    assert!(holds("stderr.log", "request.refused") && holds("?limit=1000", "/api/nothing-here"));
    assert!(holds("ban.json", "198.51.100.99") && holds("palisade.db", "alice"));
    let last = |text: &str, mark: char| text.rsplit_once(mark).unwrap().1.to_owned();
    let proofs = [last(&admin, '.'), last(&shown, '.'), last(key, '_'), ticket.to_owned()];
    for (sink, content) in &sinks {
        for proof in &proofs {
            let place = content.find(proof.as_str());
            // A case is named by its address, which holds what was asked with; the message must not be a page long.
            assert_eq!(place, None, "{}: {proof}", sink.split('?').next().unwrap());
        }
    }
}

#[test]
fn e3_an_address_that_http_2_cannot_read_is_in_no_log() {
    let server = Server::unlimited(&[("LOG_LEVEL", "trace")]);
    let ticket = "0123456789abcdef0123456789abcdef01234567";
    let path = format!("/api/analytics/stream?ticket={ticket} ");
    // `:method: GET`, `:scheme: http`, and `:path` as a literal of less than 127 bytes (RFC 7541 appendix A, section 6.2.2).
    let fields = [&[0x82, 0x86, 0x04, path.len() as u8][..], path.as_bytes()].concat();
    let frame = |kind: u8, flags: u8, stream: u8, payload: &[u8]| {
        [&[0, 0, payload.len() as u8, kind, flags, 0, 0, 0, stream][..], payload].concat()
    };
    // SETTINGS, a whole request as HEADERS, and DATA of no stream, on which the server closes (RFC 9113 section 6.1).
    let frames = [frame(4, 0, 0, &[]), frame(1, 5, 1, &fields), frame(0, 0, 0, &[])].concat();
    raw(&server, [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], &frames[..]].concat());
    let log = server.log();
    assert!(!log.contains(ticket), "{log}");
}
