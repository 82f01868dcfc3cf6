//! What is recorded of a request, field by field, for each kind of client and each kind of end.

use std::{
    convert::Infallible,
    fs,
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use axum::body::{Body, Bytes, to_bytes};
use futures_util::stream;
use http::Request;
use palisade_server::App;
use reqwest::blocking::Response;
use serde_json::{Value, json};
use tokio::{runtime::Runtime, time::timeout};

use crate::{
    in_process::{LIMIT, ask, settings},
    server::{Server, until},
    stream::{event, follow, lines},
    tls_authority::TlsServer,
};

/// The only record of a request whose user agent is `agent`, once it is there.
fn record_by(server: &Server, agent: &str) -> Value {
    let admin = server.token("auditor", &["admin"]);
    let mut found = Vec::new();
    until(agent, || {
        let page: Value = server.get_as(&admin, "/api/analytics?limit=1000").json().unwrap();
        let records = page["page"]["records"].as_array().unwrap().iter();
        found = records.filter(|record| record["userAgent"] == agent).cloned().collect();
        !found.is_empty()
    });
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

/// What one sees who asks: the name of the request, and the bytes of the answer's body.
fn seen(answer: Response) -> (String, u64) {
    let request_id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    let length = answer.bytes().unwrap().len();
    (request_id, u64::try_from(length).unwrap())
}

/// The fields of a record that can be told beforehand.
fn told(record: &Value) -> Value {
    let told = ["method", "path", "route", "status", "code", "user", "address", "ended", "session"];
    told.iter().map(|field| ((*field).to_owned(), record[*field].clone())).collect()
}

/// Opens a socket and sends `head`, as a client that says who it is.
fn sent(server: &Server, head: &str, agent: &str) -> TcpStream {
    let mut socket = TcpStream::connect(server.base.strip_prefix("http://").unwrap()).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let head = format!("{head}\r\nHost: x\r\nUser-Agent: {agent}\r\n\r\n");
    socket.write_all(head.as_bytes()).unwrap();
    socket
}

/// Reads until `text` came.
fn read_until(socket: &mut TcpStream, text: &str) {
    let mut read = String::new();
    while !read.contains(text) {
        let mut some = [0; 4096];
        let length = socket.read(&mut some).unwrap();
        assert!(length > 0, "{read}");
        read.push_str(&String::from_utf8_lossy(&some[..length]));
    }
}

#[test]
fn every_documented_field_is_right_for_strangers_users_admins_and_who_is_refused() {
    let server = Server::unlimited(&[]);
    let (alice, bob) = (server.token("alice", &["admin"]), server.token("bob", &[]));
    let cases = [
        ("stranger", "GET", "/api/feed", "", json!([200, null, null, "/api/feed"])),
        ("user", "GET", "/api/me", &*bob, json!([200, null, "bob", "/api/me"])),
        ("admin", "GET", "/api/analytics", &alice, json!([200, null, "alice", "/api/analytics"])),
        (
            "no-admin",
            "GET",
            "/api/admin/bans",
            &bob,
            json!([403, "insufficient-role", "bob", "/api/admin/bans"]),
        ),
        ("nobody", "GET", "/api/me", "", json!([401, "credentials-required", null, "/api/me"])),
        (
            "liar",
            "GET",
            "/api/me",
            "a.b.c",
            json!([401, "invalid-token.malformed", null, "/api/me"]),
        ),
        ("lost", "GET", "/no/such/page", "", json!([404, "not-found", null, "unmatched"])),
        ("head", "HEAD", "/api/feed", "", json!([200, null, null, "/api/feed"])),
    ];
    for (agent, method, path, token, _) in &cases {
        // A query is not recorded, whether it means anything there or not.
        let query = if *path == "/api/analytics" { "limit=1" } else { "q=1" };
        let ask = server.request(method, &format!("{path}?{query}")).header("user-agent", *agent);
        let ask = if token.is_empty() { ask } else { ask.bearer_auth(token) };
        let (request_id, bytes) = seen(ask.send().unwrap());
        let record = record_by(&server, agent);
        assert_eq!((&record["requestId"], &record["bytes"]), (&json!(request_id), &json!(bytes)));
        assert_eq!(bytes == 0, *method == "HEAD", "{record}");
        let time = record["time"].as_str().unwrap();
        assert!(time.len() == 24 && time.ends_with('Z'), "{record}");
        let took = record["responseTimeMs"].as_f64().unwrap();
        assert!(took > 0.0 && took < 20_000.0, "{record}");
    }
    for (agent, method, path, _, expected) in cases {
        let record = record_by(&server, agent);
        let expected = json!({
            "method": method, "path": path, "address": "127.0.0.1", "ended": "whole", "session": null,
            "status": expected[0], "code": expected[1], "user": expected[2], "route": expected[3],
        });
        assert_eq!(told(&record), expected, "{agent}");
    }
}

#[test]
fn who_asks_too_often_or_is_banned_is_recorded_as_far_as_the_layers_say() {
    let settings = [("RATE_LIMIT_MAX", "1"), ("RATE_LIMIT_WINDOW_MS", "60000")];
    let server = Server::start(&[&settings[..], &[("AUTO_BAN_ENABLED", "false")]].concat());
    drop(server.get("/api/feed"));
    let ask = server.request("GET", "/api/feed").header("user-agent", "eager").send().unwrap();
    assert_eq!(ask.status(), 429);
    let (_, bytes) = seen(ask);
    // An admin is limited by name, so this one still gets an answer; and its next question, for another user.
    let page = server.get_as(&server.token("auditor", &["admin"]), "/api/analytics");
    let page: Value = page.json().unwrap();
    let records = page["page"]["records"].as_array().unwrap();
    let record = records.iter().find(|record| record["userAgent"] == "eager").unwrap();
    assert_eq!((&record["status"], &record["bytes"]), (&json!(429), &json!(bytes)));
    assert!(record["code"].as_str().unwrap().contains("quota-exceeded"), "{record}");
}

#[test]
fn bytes_are_those_that_travel() {
    let server = Server::unlimited(&[]);
    let ask = |agent: &'static str| {
        let ask = server.request("GET", "/feed.xml").header("user-agent", agent);
        let coding = if agent == "packed" { "gzip" } else { "identity" };
        let answer = ask.header("accept-encoding", coding).send().unwrap();
        let is_packed = answer.headers().contains_key("content-encoding");
        assert_eq!(is_packed, agent == "packed");
        seen(answer).1
    };
    let (packed, plain) = (ask("packed"), ask("plain"));
    assert!(packed < plain, "{packed} {plain}");
    assert_eq!(record_by(&server, "packed")["bytes"], packed);
    assert_eq!(record_by(&server, "plain")["bytes"], plain);
    assert_eq!(record_by(&server, "packed")["ended"], "whole");
}

#[test]
fn who_goes_away_in_the_middle_of_an_answer_is_recorded_so() {
    let server = Server::unlimited(&[]);
    let admin = server.token("alice", &["admin"]);
    let head = format!("GET /api/analytics/stream HTTP/1.1\r\nAuthorization: Bearer {admin}");
    let mut socket = sent(&server, &head, "leaves");
    // The head of the answer first: from then on events come. Then something of the body: the event about another request.
    read_until(&mut socket, "\r\n\r\n");
    drop(server.get("/api/feed"));
    read_until(&mut socket, "/api/feed");
    drop(socket);
    let record = record_by(&server, "leaves");
    assert_eq!((&record["status"], &record["ended"]), (&json!(200), &json!("cut")));
    assert!(record["bytes"].as_u64().unwrap() > 0, "{record}");
}

#[test]
fn who_goes_away_before_the_answer_is_recorded_without_a_status() {
    let folder = tempfile::tempdir().unwrap();
    let carol = include_str!("../data/jwks.token").trim();
    Runtime::new().unwrap().block_on(async {
        let app = App::open(settings(folder.path())).await.unwrap();
        let request = |method: &str, path: &str, body: Body| {
            let request = Request::builder().method(method).uri(path).header("host", "x");
            let request = request.header("authorization", format!("Bearer {carol}"));
            request.header("content-type", "application/json").body(body).unwrap()
        };
        // The handler waits for a body that does not come.
        let never = Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
        let waits = ask(&app, request("POST", "/api/stream-tickets", never));
        assert!(timeout(Duration::from_millis(50), waits).await.is_err());
        let page = ask(&app, request("GET", "/api/analytics", Body::empty())).await;
        let page = to_bytes(page.into_body(), LIMIT).await.unwrap();
        let page: Value = serde_json::from_slice(&page).unwrap();
        let record = &page["page"]["records"][0];
        let expected = json!({
            "method": "POST", "path": "/api/stream-tickets", "route": "/api/stream-tickets",
            "status": null, "code": null, "user": "carol", "address": "127.0.0.1",
            "ended": "unanswered", "session": null,
        });
        assert_eq!((told(record), &record["bytes"]), (expected, &json!(0)), "{page}");
        assert!(record["responseTimeMs"].as_f64().unwrap() >= 50.0, "{record}");
    });
}

#[test]
fn a_stream_is_recorded_when_it_has_ended_with_all_its_bytes_and_its_whole_time() {
    let server = Server::unlimited(&[]);
    let dora = server.token("dora", &["admin"]);
    let stream = server.request("GET", "/api/analytics/stream").bearer_auth(&dora);
    let stream = stream.header("user-agent", "watcher").timeout(Duration::from_secs(20));
    let mut of_dora = lines(stream.send().unwrap());
    let mut of_alice = lines(follow(&server, &server.token("alice", &["admin"])));
    drop(server.get("/api/feed"));
    assert_eq!(event(&mut of_dora)["path"], "/api/feed");
    assert_eq!(event(&mut of_alice)["path"], "/api/feed", "nothing of the streams themselves");
    let path = server.folder.path().join("config/blocklist.json");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, json!({ "blockedUserIds": ["dora"] }).to_string()).unwrap();
    let rest: Vec<_> = of_dora.map(Result::unwrap).collect();
    drop(rest);
    let record = record_by(&server, "watcher");
    let expected = json!({
        "method": "GET", "path": "/api/analytics/stream", "route": "/api/analytics/stream",
        "status": 200, "code": null, "user": "dora", "address": "127.0.0.1",
        "ended": "whole", "session": null,
    });
    assert_eq!(told(&record), expected);
    assert!(record["bytes"].as_u64().unwrap() > 100, "{record}");
    assert_eq!(event(&mut of_alice)["userAgent"], "watcher", "and shown then");
}

#[test]
fn the_address_is_that_of_the_client_behind_a_trusted_proxy_and_that_of_the_peer_elsewhere() {
    for (settings, address) in [
        (&[("TRUSTED_PROXIES", "127.0.0.1")][..], "203.0.113.7"),
        (&[], "127.0.0.1"),
        (&[("TRUSTED_PROXIES", "10.0.0.0/8")], "127.0.0.1"),
    ] {
        let server = Server::unlimited(settings);
        let ask = server.request("GET", "/api/feed").header("user-agent", "behind");
        let ask = ask.header("x-forwarded-for", "198.51.100.1, 203.0.113.7");
        drop(ask.send().unwrap());
        assert_eq!(record_by(&server, "behind")["address"], address, "{settings:?}");
    }
}

#[test]
fn a_browser_has_a_session_for_half_an_hour_and_a_client_of_the_api_has_none() {
    let server = Server::unlimited(&[("TRUSTED_PROXIES", "127.0.0.1")]);
    let visit = |agent: &str, path: &str, cookie: &str, scheme: &str| {
        let ask = server.request("GET", path).header("user-agent", agent).header("cookie", cookie);
        let ask = ask.header("sec-fetch-mode", "navigate").header("x-forwarded-proto", scheme);
        let answer = ask.header("accept", "text/html").send().unwrap();
        let set = answer.headers().get("set-cookie")?;
        Some(set.to_str().unwrap().to_owned())
    };
    let set = visit("first", "/", "", "http").unwrap();
    let (cookie, attributes) = set.split_once("; ").unwrap();
    assert_eq!(attributes, "Max-Age=1800; Path=/; HttpOnly; SameSite=Lax");
    let session = cookie.strip_prefix("pm_sid=").unwrap();
    assert_eq!(record_by(&server, "first")["session"], session);
    let again = visit("again", "/", cookie, "http").unwrap();
    assert_eq!(again, set, "the same one, for its whole time again");
    assert_eq!(record_by(&server, "again")["session"], session);

    let secure = visit("secure", "/", "", "https").unwrap();
    assert!(secure.starts_with("__Host-pm_sid=") && secure.ends_with("; Secure"), "{secure}");

    for (agent, mode) in [("script", "cors"), ("program", "")] {
        let ask = server.request("GET", "/api/feed").header("user-agent", agent);
        let ask = if mode.is_empty() { ask } else { ask.header("sec-fetch-mode", mode) };
        let answer = ask.send().unwrap();
        assert!(!answer.headers().contains_key("set-cookie"), "{agent}");
        assert_eq!(record_by(&server, agent)["session"], Value::Null);
    }
}

#[test]
fn over_tls_the_same_is_recorded_and_the_session_is_bound_to_the_host() {
    let server = TlsServer::start(&[("RATE_LIMIT_ENABLED", "false")]);
    let navigates = ["-i", "-A", "over-tls", "-H", "Sec-Fetch-Mode: navigate"];
    let (_, answer) = server.curl(&navigates, "/");
    let session = answer.split("set-cookie: __Host-pm_sid=").nth(1).unwrap().get(..32).unwrap();
    let admin = server.plain.token("auditor", &["admin"]);
    let bearer = format!("Authorization: Bearer {admin}");
    let mut record = Value::Null;
    until("the record", || {
        let (_, page) = server.curl(&["-H", &bearer], "/api/analytics?limit=1000");
        let page: Value = serde_json::from_str(&page).unwrap();
        let mut records = page["page"]["records"].as_array().unwrap().iter();
        let found = records.find(|record| record["userAgent"] == "over-tls");
        record = found.cloned().unwrap_or_default();
        !record.is_null()
    });
    let expected = json!({
        "method": "GET", "path": "/", "route": "/", "status": 200, "code": null, "user": null,
        "address": "127.0.0.1", "ended": "whole", "session": session,
    });
    assert_eq!(told(&record), expected);
    assert!(record["bytes"].as_u64().unwrap() > 0, "{record}");
}
