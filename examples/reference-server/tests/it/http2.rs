//! HTTP/2 on the plain port, by prior knowledge: as `curl` speaks it, and as nobody should.

use std::{
    io::{Read, Write},
    net::TcpStream,
    process::Command,
    time::{Duration, Instant},
};

use crate::{
    connections::{connect_from, runtime, sockets},
    server::{Server, until},
};

pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const RESET: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const GO_AWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;
pub(crate) const END_STREAM: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;

/// One frame (RFC 9113 section 4.1).
pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A header of any name, written out (RFC 7541 section 6.2.2).
pub(crate) fn literal(name: &str, value: &str) -> Vec<u8> {
    let (name, value) = (name.as_bytes(), value.as_bytes());
    let length = |text: &[u8]| u8::try_from(text.len()).unwrap();
    [&[0, length(name)], name, &[length(value)], value].concat()
}

/// `GET` for `path`, with `:authority` if there is one.
pub(crate) fn get(path: &str, authority: Option<&str>) -> Vec<u8> {
    let authority = authority.map(|name| literal(":authority", name)).unwrap_or_default();
    [vec![0x82, 0x86], literal(":path", path), authority].concat()
}

/// Begins a connection with these settings.
fn begin(server: &Server, settings: &[u8]) -> TcpStream {
    let mut socket = connect_from(&runtime(), "127.0.0.1", server);
    socket.write_all(&[PREFACE, &frame(SETTINGS, 0, 0, settings)].concat()).unwrap();
    socket
}

/// The frames that come until one is as asked for, or the server closes.
pub(crate) fn frames(
    socket: &mut TcpStream,
    last: impl Fn(u8, &[u8]) -> bool,
) -> Vec<(u8, Vec<u8>)> {
    let mut frames = Vec::new();
    let mut head = [0; 9];
    while socket.read_exact(&mut head).is_ok() {
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; usize::try_from(length).unwrap()];
        if socket.read_exact(&mut payload).is_err() {
            break;
        }
        let is_last = last(head[3], &payload);
        frames.push((head[3], payload));
        if is_last {
            break;
        }
    }
    frames
}

/// Asks once, and gives the frames of the answer's head as text; statuses stand in it as HPACK has them.
fn status(server: &Server, headers: &[u8]) -> u16 {
    let mut socket = begin(server, &[]);
    let flags = END_STREAM | END_HEADERS;
    socket.write_all(&frame(HEADERS, flags, 1, headers)).unwrap();
    let frames = frames(&mut socket, |kind, _| matches!(kind, HEADERS | RESET | GO_AWAY));
    match frames.last().map(|(kind, payload)| (*kind, payload.as_slice())) {
        // Indexed statuses of the static table (RFC 7541 appendix A), behind a change of the table's size.
        Some((HEADERS, payload)) => match payload.iter().find(|byte| **byte >= 0x80) {
            Some(0x88) => 200,
            Some(0x8c) => 400,
            other => panic!("{other:?} in {payload:x?}"),
        },
        other => panic!("{other:?}"),
    }
}

fn curl(server: &Server, arguments: &[&str], path: &str) -> String {
    let mut command = Command::new("curl");
    command.args(["-sS", "-i", "--max-time", "20", "--http2-prior-knowledge"]).args(arguments);
    let output = command.arg(server.url(path)).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn curl_speaks_http_2_by_prior_knowledge() {
    let server = Server::unlimited(&[("MAX_UPLOAD_SIZE", "1KB")]);
    let page = curl(&server, &[], "/healthz");
    assert!(page.starts_with("HTTP/2 200") && page.contains("x-frame-options"), "{page}");
    let admin = format!("Authorization: Bearer {}", server.token("alice", &["admin"]));
    // Declared, and without a length; `Connection` is not HTTP/2 (RFC 9113 section 8.2.2).
    let large = "x".repeat(5000);
    for extra in ["X-Y: z", "Content-Length:"] {
        let arguments = ["-X", "POST", "-H", &admin, "-H", extra, "--data-binary", &large];
        let refused = curl(&server, &arguments, "/api/admin/bans/unban-ip");
        assert!(refused.starts_with("HTTP/2 413"), "{refused}");
        assert!(
            refused.contains("content-too-large") && !refused.contains("connection:"),
            "{refused}"
        );
    }
}

#[test]
fn host_and_authority_say_the_same_or_nothing_is_served() {
    let server = Server::unlimited(&[]);
    let with_host = |authority, host: &str| {
        let head = [get("/healthz", authority), literal("host", host)].concat();
        status(&server, &head)
    };
    assert_eq!(status(&server, &get("/healthz", Some("a.example"))), 200);
    assert_eq!(with_host(Some("a.example"), "a.example"), 200);
    assert_eq!(with_host(Some("a.example"), "b.example"), 400);
    assert_eq!(with_host(None, "a.example"), 200);
    let two = [get("/healthz", None), literal("host", "a"), literal("host", "a")].concat();
    assert_eq!(status(&server, &two), 400);
    assert_eq!(status(&server, &get("/healthz", None)), 400);
    // What is no host is none here either (RFC 9113 section 8.3.1).
    assert_eq!(status(&server, &get("/healthz", Some("[::1]:3000"))), 200);
    for authority in ["user@a", "user:pass@a", "a:123456", "[zz]", "a:b"] {
        assert_eq!(status(&server, &get("/healthz", Some(authority))), 400, "{authority}");
    }
}

#[test]
fn streams_that_nobody_reads_leave_room_for_all_others() {
    for streams in [7_u64, 100] {
        let server = Server::unlimited(&[("HTTP2_MAX_STREAMS", &streams.to_string())]);
        let mut socket = begin(&server, &[]);
        socket
            .write_all(&frame(HEADERS, END_STREAM | END_HEADERS, 1, &get("/healthz", Some("x"))))
            .unwrap();
        let frames = frames(&mut socket, |kind, _| kind == HEADERS);
        let number = |bytes: &[u8]| u64::from(u32::from_be_bytes(bytes.try_into().unwrap()));
        // SETTINGS_INITIAL_WINDOW_SIZE, and what WINDOW_UPDATE adds to what a connection begins with.
        let of_one = frames.iter().filter(|(kind, _)| *kind == SETTINGS);
        let of_one = of_one.flat_map(|(_, payload)| payload.chunks(6));
        let of_one =
            of_one.filter(|pair| pair[..2] == [0, 4]).map(|pair| number(&pair[2..])).next_back();
        let more = frames.iter().filter(|(kind, _)| *kind == WINDOW_UPDATE);
        let of_all = 65_535 + more.map(|(_, payload)| number(payload)).sum::<u64>();
        let of_one = of_one.unwrap_or(65_535);
        assert!(of_all >= of_one * streams, "{of_all} bytes for {streams} streams of {of_one}");
        assert!(of_all <= 16 << 20, "{of_all} bytes");
    }
}

#[test]
fn h10_a_client_that_gives_no_room_for_the_answer_is_let_go() {
    let server = Server::unlimited(&[("SEND_TIMEOUT_MS", "600")]);
    let before = sockets(&server);
    // SETTINGS_INITIAL_WINDOW_SIZE = 0: heads are answered, bodies wait.
    let mut socket = begin(&server, &[0, 4, 0, 0, 0, 0]);
    let started = Instant::now();
    let head = get("/post/1.md", Some("x"));
    socket.write_all(&frame(HEADERS, END_STREAM | END_HEADERS, 1, &head)).unwrap();
    let frames = frames(&mut socket, |_, _| false);
    assert!(frames.iter().any(|(kind, _)| *kind == HEADERS), "the head was answered");
    assert!(!frames.iter().any(|(kind, data)| *kind == DATA && !data.is_empty()));
    let took = started.elapsed();
    assert!((600..5000).contains(&took.as_millis()), "{took:?}");
    until("it is gone", || sockets(&server) <= before);
}

#[test]
fn h10_a_connection_that_asks_nothing_is_told_to_go_away() {
    let server = Server::unlimited(&[("KEEP_ALIVE_TIMEOUT_MS", "600")]);
    let started = Instant::now();
    let mut socket = begin(&server, &[]);
    // Until the server closes.
    let frames = frames(&mut socket, |_, _| false);
    let took = started.elapsed();
    assert!((600..5000).contains(&took.as_millis()), "{took:?}");
    assert!(frames.iter().any(|(kind, _)| *kind == GO_AWAY));
}

#[test]
fn a_server_that_stops_tells_its_clients_to_go_away() {
    let mut server = Server::unlimited(&[]);
    let mut socket = begin(&server, &[]);
    let flags = END_STREAM | END_HEADERS;
    socket.write_all(&frame(HEADERS, flags, 1, &get("/healthz", Some("x")))).unwrap();
    let answered = frames(&mut socket, |kind, data| kind == DATA && data == b"ok\n");
    assert!(answered.iter().any(|(kind, _)| *kind == HEADERS));
    server.terminate();
    let last = frames(&mut socket, |kind, _| kind == GO_AWAY);
    // RFC 9113 section 6.8: no error, and nothing that was asked is taken back.
    let Some((GO_AWAY, told)) = last.last() else { panic!("{last:?}") };
    assert_eq!(told[4..], [0; 4], "{told:?}");
    drop(socket);
    assert!(server.wait(), "{}", server.log());
}

#[test]
fn h10_streams_that_are_opened_and_taken_back_end_the_connection() {
    let server = Server::unlimited(&[]);
    let mut socket = begin(&server, &[]);
    socket.set_write_timeout(Some(Duration::from_secs(20))).unwrap();
    let head = get("/healthz", Some("x"));
    let opened = (0..100_000_u32).find(|number| {
        let stream = 2 * number + 1;
        let open = frame(HEADERS, END_STREAM | END_HEADERS, stream, &head);
        let back = frame(RESET, 0, stream, &8_u32.to_be_bytes());
        socket.write_all(&[open, back].concat()).is_err()
    });
    assert!(opened.is_some(), "it ends the connection");
    assert_eq!(server.get("/healthz").status(), 200);
}

#[test]
fn h10_a_head_that_goes_on_and_on_ends_the_connection() {
    let server = Server::unlimited(&[]);
    let before = sockets(&server);
    let mut socket = begin(&server, &[]);
    socket.write_all(&frame(HEADERS, END_STREAM, 1, &get("/healthz", Some("x")))).unwrap();
    let more = frame(CONTINUATION, 0, 1, &literal("x-more", &"x".repeat(100)));
    let sent = (0..100_000).find(|_| socket.write_all(&more).is_err());
    assert!(sent.is_some(), "it ends the connection");
    drop(socket);
    until("it is gone", || sockets(&server) <= before);
    assert_eq!(server.get("/healthz").status(), 200);
}
