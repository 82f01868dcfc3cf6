//! Streams that nobody reads end as others do, when their client is not welcome any more.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    connections::{connect_from, runtime},
    http2::{
        END_HEADERS, END_STREAM, HEADERS, PREFACE, RESET, SETTINGS, frame, frames, get, literal,
    },
    metrics::{figure, open, page},
    server::{Server, until},
};

/// SETTINGS_INITIAL_WINDOW_SIZE = 0: heads of answers are taken, bodies are not.
const NO_WINDOW: [u8; 6] = [0, 4, 0, 0, 0, 0];
/// So much happens that what waits for the client fills all that lies between.
const REQUESTS: usize = 3000;

/// Has that much happen, from another address.
fn fill(server: &Server) {
    let mut socket = connect_from(&runtime(), "127.0.0.2", server);
    let mut writer = socket.try_clone().unwrap();
    let asks = std::thread::spawn(move || {
        let more = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
        let asked = "GET /api/profiles HTTP/1.1\r\nHost: x\r\n\r\n";
        let last = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        writer.write_all([more, &asked.repeat(REQUESTS), last].concat().as_bytes()).unwrap();
    });
    std::io::copy(&mut socket, &mut std::io::sink()).unwrap();
    asks.join().unwrap();
}

/// Opens a stream by `client`, who does not read it; bans its user; and looks how long it stays, and that it is told once. The
/// connection is given to `ended`, with what counts those that are open.
fn outlives(
    client: fn(&Server, path: &str, token: &str) -> TcpStream,
    path: &str,
    ended: fn(TcpStream, &dyn Fn() -> f64),
) -> Duration {
    let (server, url) = open(&[("RATE_LIMIT_ENABLED", "false"), ("SEND_TIMEOUT_MS", "60000")]);
    let (alice, erin) = (server.token("alice", &["admin"]), server.token("erin", &["admin"]));
    let socket = client(&server, path, &alice);
    let streams = || figure(&page(&url), "palisade_streams_open");
    until("the stream is open", || streams() == 1.0);
    fill(&server);
    // Read to its end, so that the next request takes the same connection.
    assert_eq!(server.get("/healthz").text().unwrap(), "ok\n");
    let connections = || figure(&page(&url), "palisade_connections");
    until("only his and the next one are left", || connections() == 2.0);
    let order = json!({ "userId": "alice", "reason": "a test" });
    let banned = server.post_as(&erin, "/api/admin/bans/ban-user", &order);
    assert!(banned.status().is_success() && banned.text().is_ok());
    let since = Instant::now();
    until("it ends", || streams() == 0.0);
    let took = since.elapsed();
    ended(socket, &connections);
    until("it is logged", || server.log().contains("stream.ended"));
    let log = server.log();
    let lines: Vec<_> = log.lines().filter(|line| line.contains("stream.ended")).collect();
    assert!(lines.len() == 1 && lines[0].contains("banned"), "{lines:?}");
    took
}

/// With a small buffer, which is soon full.
fn by_http1(server: &Server, path: &str, token: &str) -> TcpStream {
    let mut socket = connect_from(&runtime(), "127.0.0.1", server);
    let head = format!("GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n");
    socket.write_all(head.as_bytes()).unwrap();
    socket
}

/// Without a window for bodies.
fn by_http2(server: &Server, path: &str, token: &str) -> TcpStream {
    let mut socket = connect_from(&runtime(), "127.0.0.1", server);
    let ticket = server.post_as(token, "/api/stream-tickets", &json!({ "route": path }));
    let ticket: serde_json::Value = ticket.json().unwrap();
    let head = get(ticket["url"].as_str().unwrap(), Some("x"));
    let ask = frame(HEADERS, END_STREAM | END_HEADERS, 1, &head);
    socket.write_all(&[PREFACE, &frame(SETTINGS, 0, 0, &NO_WINDOW), &ask].concat()).unwrap();
    socket
}

#[test]
fn e3_a_stream_of_http_1_that_nobody_reads_ends_within_a_second_of_a_ban() {
    let closed = |mut socket: TcpStream, connections: &dyn Fn() -> f64| {
        // Not before: who reads in time may read why he is cut off, and ask again.
        until("the connection is closed", || connections() == 1.0);
        // What lies between comes yet; then the end.
        let mut rest = Vec::new();
        let end = socket.read_to_end(&mut rest).map_err(|error| error.kind());
        assert_ne!(end, Err(ErrorKind::WouldBlock), "it is open");
        assert!(rest.starts_with(b"HTTP/1.1 200"));
    };
    let took = || outlives(by_http1, "/api/analytics/stream", closed);
    assert!((0..3).any(|_| took() < Duration::from_secs(1)));
}

#[test]
fn who_reads_why_his_stream_ended_and_asks_again_keeps_his_connection() {
    let server = Server::unlimited(&[]);
    let (alice, bob) = (server.token("alice", &["admin"]), server.token("bob", &[]));
    let roles = |roles: &[&str]| {
        let order = json!({ "userId": "bob", "roles": roles });
        assert_eq!(server.post_as(&alice, "/api/admin/users/roles", &order).status(), 200);
    };
    roles(&["admin"]);
    let mut socket = by_http1(&server, "/api/analytics/stream", &bob);
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut said = String::new();
    let mut read = |socket: &mut TcpStream, end: &str| {
        let mut bytes = [0; 4096];
        while !said.ends_with(end) {
            let count = socket.read(&mut bytes).unwrap();
            assert!(count > 0, "it was closed: {said}");
            said += &String::from_utf8_lossy(&bytes[..count]);
        }
        std::mem::take(&mut said)
    };
    roles(&[]);
    assert!(read(&mut socket, "\r\n0\r\n\r\n").contains("event: end"));
    socket.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    assert!(read(&mut socket, "ok\n").starts_with("HTTP/1.1 200"));
    // Longer than who reads nothing is given.
    socket.set_read_timeout(Some(Duration::from_millis(600))).unwrap();
    let silence = socket.read(&mut [0; 1]).map_err(|error| error.kind());
    assert!(matches!(silence, Err(ErrorKind::WouldBlock | ErrorKind::TimedOut)), "{silence:?}");
}

#[test]
fn e3_a_stream_of_http_2_that_nobody_reads_is_reset_within_a_second_of_a_ban() {
    let reset = |mut socket: TcpStream, _: &dyn Fn() -> f64| {
        let told = frames(&mut socket, |kind, _| kind == RESET);
        assert_eq!(told.last().unwrap().0, RESET);
        // The connection has other streams, and goes on.
        let again = [get("/healthz", Some("x")), literal("x-again", "1")].concat();
        let ask = frame(HEADERS, END_STREAM | END_HEADERS, 3, &again);
        socket.write_all(&ask).unwrap();
        let told = frames(&mut socket, |kind, _| kind == HEADERS);
        assert_eq!(told.last().unwrap().0, HEADERS);
    };
    let took = || outlives(by_http2, "/api/logs/system/stream", reset);
    assert!((0..3).any(|_| took() < Duration::from_secs(1)));
}
