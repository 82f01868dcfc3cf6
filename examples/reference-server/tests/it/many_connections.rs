//! Who keeps a place, and who gives it to another.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use crate::{
    connections::{connect_from, runtime, served, sockets},
    http2::{
        END_HEADERS, END_STREAM, GO_AWAY, HEADERS, PREFACE, RESET, SETTINGS, frame, frames, get,
        literal,
    },
    server::Server,
};

const DATA: u8 = 0;
const PING: u8 = 6;
const WINDOW_UPDATE: u8 = 8;
/// SETTINGS_INITIAL_WINDOW_SIZE = 0: heads of answers are taken, bodies are not.
const NO_WINDOW: [u8; 6] = [0, 4, 0, 0, 0, 0];
/// Nothing ends by its time: what lets others in is the bound alone.
const PATIENT: [(&str, &str); 4] = [
    ("HEADER_TIMEOUT_MS", "600000"),
    ("KEEP_ALIVE_TIMEOUT_MS", "600000"),
    ("SEND_TIMEOUT_MS", "600000"),
    ("BODY_TIMEOUT_MS", "600000"),
];

/// Whether the server has not ended it.
fn is_open(socket: &mut TcpStream) -> bool {
    socket.set_nonblocking(true).unwrap();
    let mut bytes = [0; 65_536];
    let is_open = loop {
        match socket.read(&mut bytes) {
            Ok(0) => break false,
            Ok(_) => {}
            Err(error) => break error.kind() == ErrorKind::WouldBlock,
        }
    };
    socket.set_nonblocking(false).unwrap();
    is_open
}

fn request(stream: u32, head: &[u8]) -> Vec<u8> {
    frame(HEADERS, END_STREAM | END_HEADERS, stream, head)
}

fn no_answers_taken() -> Vec<u8> {
    let head = get("/post/1.md", Some("x"));
    [PREFACE, &frame(SETTINGS, 0, 0, &NO_WINDOW), &request(1, &head)].concat()
}

/// A body that does not come.
fn half(token: &str) -> Vec<u8> {
    format!("POST /api/admin/bans/unban-ip HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{{").into_bytes()
}

#[test]
fn h10_requests_that_wait_for_their_client_do_not_keep_others_out() {
    for what in ["no answer is taken", "no body comes"] {
        let places = [("MAX_CONNECTIONS", "500"), ("MAX_CONNECTIONS_PER_IP", "1000")];
        let server = Server::unlimited(&[&places[..], &PATIENT].concat());
        let bytes = if what == "no body comes" {
            half(&server.token("alice", &["admin"]))
        } else {
            no_answers_taken()
        };
        let (runtime, before) = (runtime(), sockets(&server));
        let mut slow: Vec<_> = (0..600)
            .map(|number| {
                let from = format!("127.0.0.{}", 2 + number % 10);
                let mut socket = connect_from(&runtime, &from, &server);
                drop(socket.write_all(&bytes));
                socket
            })
            .collect();
        let mut slowest = Duration::ZERO;
        for _ in 0..20 {
            let started = Instant::now();
            let mut one = connect_from(&runtime, "127.0.0.1", &server);
            one.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
            assert!(served(&mut one), "{what}");
            slowest = slowest.max(started.elapsed());
        }
        println!("{what}: the slowest answer took {slowest:?}");
        assert!(slowest < Duration::from_secs(3), "{what}: {slowest:?}");
        assert!(sockets(&server) <= before + 502, "{what}");
        let open = slow.iter_mut().filter_map(|socket| is_open(socket).then_some(())).count();
        assert!((300..500).contains(&open), "{what}: no more are ended than is needed: {open}");
    }
}

#[test]
fn h10_a_ping_is_no_request_and_makes_no_connection_younger() {
    let idle = [("KEEP_ALIVE_TIMEOUT_MS", "1000"), ("HEADER_TIMEOUT_MS", "60000")];
    let server = Server::unlimited(&idle);
    let mut socket = connect_from(&runtime(), "127.0.0.1", &server);
    socket.write_all(&[PREFACE, &frame(SETTINGS, 0, 0, &[])].concat()).unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
    let (started, mut bytes) = (Instant::now(), [0; 4096]);
    let ended = (0..100).any(|_| {
        let sent = socket.write_all(&frame(PING, 0, 0, b"12345678"));
        // One each 100 ms, for the server answers at once and then says nothing.
        let waits = |error: ErrorKind| matches!(error, ErrorKind::WouldBlock | ErrorKind::TimedOut);
        sent.is_err()
            || loop {
                match socket.read(&mut bytes) {
                    Ok(0) => break true,
                    Ok(_) => {}
                    Err(error) => break !waits(error.kind()),
                }
            }
    });
    let took = started.elapsed();
    assert!(ended && (1000..5000).contains(&took.as_millis()), "{took:?}");

    let server = Server::unlimited(&[&[("MAX_CONNECTIONS", "2")][..], &PATIENT].concat());
    let runtime = runtime();
    let mut pings = connect_from(&runtime, "127.0.0.2", &server);
    pings.write_all(&[PREFACE, &frame(SETTINGS, 0, 0, &[])].concat()).unwrap();
    frames(&mut pings, |kind, _| kind == SETTINGS);
    let mut rests = connect_from(&runtime, "127.0.0.3", &server);
    assert!(served(&mut rests));
    pings.write_all(&frame(PING, 0, 0, b"12345678")).unwrap();
    frames(&mut pings, |kind, data| kind == PING && data == b"12345678");
    assert!(served(&mut connect_from(&runtime, "127.0.0.4", &server)));
    assert!(served(&mut rests), "it was younger");
    let last = frames(&mut pings, |_, _| false);
    assert!(last.iter().any(|(kind, _)| *kind == GO_AWAY), "it is told: {last:?}");
}

/// The server with fewer files than it has places.
#[cfg(target_os = "linux")]
fn with_files(files: u32, settings: &[(&str, &str)]) -> Server {
    let script = format!("ulimit -n {files} && exec \"$0\"");
    Server::start_by(&["sh", "-c", &script], settings)
}

#[test]
#[cfg(target_os = "linux")]
fn h10_a_system_that_gives_few_files_keeps_nobody_out() {
    let off = [("RATE_LIMIT_ENABLED", "false"), ("AUTO_BAN_ENABLED", "false")];
    let server = with_files(256, &[&off[..], &PATIENT].concat());
    assert!(server.log().contains("there are fewer places"), "{}", server.log());
    let runtime = runtime();
    let slow = |number: usize| {
        let mut socket = connect_from(&runtime, &format!("127.0.0.{}", 2 + number % 4), &server);
        drop(socket.write_all(b"GET / HT"));
        socket
    };
    let all: Vec<_> = (0..400).map(slow).collect();
    let serves = || {
        let mut one = connect_from(&runtime, "127.0.0.9", &server);
        one.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        served(&mut one)
    };
    assert!(serves());
    assert!(!server.log().contains("cannot accept"), "{}", server.log());
    drop(all);
}

#[test]
fn h10_who_is_asked_to_leave_and_asks_on_does_not_stay_beside_the_new_one() {
    let server = Server::unlimited(&[("MAX_CONNECTIONS_PER_IP", "3")]);
    let (runtime, before) = (runtime(), sockets(&server));
    let many = b"GET /post/1.md HTTP/1.1\r\nHost: x\r\n\r\n".repeat(20);
    let (mut open, mut most) = (Vec::<TcpStream>::new(), 0);
    for _ in 0..1500 {
        for socket in open.iter_mut().rev().take(60) {
            socket.set_nonblocking(true).unwrap();
            drop(socket.write(&many));
        }
        let mut socket = connect_from(&runtime, "127.0.0.2", &server);
        drop(socket.write(&many));
        open.push(socket);
        most = most.max(sockets(&server).saturating_sub(before));
    }
    // Those that answer before they leave are as many again at most; two are on their way in.
    println!("at most {most} sockets where three are allowed");
    assert!(most <= 8, "{most}");
}

#[test]
fn h10_who_has_all_that_he_may_have_takes_no_place_of_another() {
    let places = [("MAX_CONNECTIONS", "10"), ("MAX_CONNECTIONS_PER_IP", "5")];
    let server = Server::unlimited(&[&places[..], &PATIENT].concat());
    let runtime = runtime();
    let idle = |from: &str| {
        let mut socket = connect_from(&runtime, from, &server);
        assert!(served(&mut socket));
        socket
    };
    let mut others: Vec<_> = (0..5).map(|_| idle("127.0.0.2")).collect();
    let mut own: Vec<_> = (0..10).map(|_| idle("127.0.0.3")).collect();
    assert!(others.iter_mut().all(served), "they have waited longer, and are not his");
    assert_eq!(own.iter_mut().map(is_open).filter(|open| *open).count(), 5);
}

#[test]
fn h10_an_answer_that_is_not_taken_ends_alone_where_others_are() {
    let server = Server::unlimited(&[("SEND_TIMEOUT_MS", "600")]);
    let mut socket = connect_from(&runtime(), "127.0.0.1", &server);
    socket.write_all(&no_answers_taken()).unwrap();
    let head = get("/healthz", Some("x"));
    let (started, mut seen) = (Instant::now(), Vec::new());
    for number in 1..2000 {
        let (stream, room) = (2 * number + 1, 1000_u32.to_be_bytes());
        let more = [request(stream, &head), frame(WINDOW_UPDATE, 0, stream, &room)].concat();
        socket.write_all(&more).unwrap();
        let answer = frames(&mut socket, |kind, data| kind == DATA && data == b"ok\n");
        let ok = matches!(answer.last(), Some((DATA, data)) if data == b"ok\n");
        assert!(ok, "stream {stream} is answered: {seen:?} {answer:?}");
        seen.extend(answer.into_iter().filter(|(kind, _)| matches!(*kind, RESET | GO_AWAY)));
        if started.elapsed() > Duration::from_secs(2) {
            break;
        }
        // Nothing comes in this time: the server is asked some ten times a second.
        socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        seen.extend(frames(&mut socket, |_, _| false));
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    }
    seen.retain(|(kind, _)| matches!(*kind, RESET | GO_AWAY));
    // CANCEL (RFC 9113 section 7).
    assert_eq!(seen, [(RESET, 8_u32.to_be_bytes().to_vec())]);
}

#[test]
fn a_request_that_comes_while_the_server_says_goodbye_is_answered() {
    let server = Server::unlimited(&[("KEEP_ALIVE_TIMEOUT_MS", "600")]);
    let mut socket = connect_from(&runtime(), "127.0.0.1", &server);
    socket.write_all(&[PREFACE, &frame(SETTINGS, 0, 0, &[])].concat()).unwrap();
    let told = frames(&mut socket, |kind, _| kind == GO_AWAY);
    assert!(matches!(told.last(), Some((GO_AWAY, _))), "{told:?}");
    // It was on its way; its body takes longer than the goodbye.
    let head = [
        vec![0x83, 0x86],
        literal(":path", "/api/csp-reports"),
        literal(":authority", "x"),
        literal("content-type", "application/csp-report"),
    ];
    socket.write_all(&frame(HEADERS, END_HEADERS, 1, &head.concat())).unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    let meanwhile = frames(&mut socket, |kind, _| kind == HEADERS);
    assert!(!meanwhile.iter().any(|(kind, _)| *kind == HEADERS), "{meanwhile:?}");
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    socket.write_all(&frame(DATA, END_STREAM, 1, b"{}")).unwrap();
    let answer = frames(&mut socket, |kind, _| kind == HEADERS);
    assert!(matches!(answer.last(), Some((HEADERS, _))), "{answer:?}");
}
