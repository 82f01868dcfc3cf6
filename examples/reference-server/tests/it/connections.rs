//! Connections: how many, how slow, how long.

use std::{
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::{net::TcpSocket, runtime::Runtime};

use crate::{
    malformed::raw,
    server::{Server, until},
};

/// A head that is never ended.
const BEGUN: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ";
const WHOLE: &[u8] = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

/// Connects from another address of this machine.
pub(crate) fn connect_from(runtime: &Runtime, from: &str, server: &Server) -> TcpStream {
    let address: SocketAddr = server.base.strip_prefix("http://").unwrap().parse().unwrap();
    let from: SocketAddr = format!("{from}:0").parse().unwrap();
    let socket = runtime
        .block_on(async {
            let socket = TcpSocket::new_v4().unwrap();
            socket.set_recv_buffer_size(4096).unwrap();
            socket.bind(from).unwrap();
            socket.connect(address).await
        })
        .unwrap()
        .into_std()
        .unwrap();
    socket.set_nonblocking(false).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    socket
}

pub(crate) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// Reads one answer with a short body, or what is there when the server closes.
fn answer(socket: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let mut bytes = [0; 4096];
    while !answer.ends_with(b"\r\n\r\nok\n") && !answer.ends_with(b"\r\n\r\nok") {
        match socket.read(&mut bytes) {
            Ok(0) => break,
            Ok(read) => answer.extend_from_slice(&bytes[..read]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => break,
            Err(error) => panic!("{error}: {}", String::from_utf8_lossy(&answer)),
        }
    }
    String::from_utf8_lossy(&answer).into_owned()
}

pub(crate) fn served(socket: &mut TcpStream) -> bool {
    socket.write_all(WHOLE).is_ok() && answer(socket).starts_with("HTTP/1.1 200")
}

/// Sockets that the server has open.
pub(crate) fn sockets(server: &Server) -> usize {
    let files = std::fs::read_dir(format!("/proc/{}/fd", server.pid())).unwrap();
    let is_socket = |path: std::path::PathBuf| {
        std::fs::read_link(path).is_ok_and(|to| to.to_string_lossy().starts_with("socket:"))
    };
    files.filter(|file| is_socket(file.as_ref().unwrap().path())).count()
}

#[test]
fn h10_two_thousand_slow_connections_do_not_keep_others_out() {
    // The first: fewer places than there are slow connections. The second: fewer for one address.
    for settings in [
        [("MAX_CONNECTIONS", "500"), ("MAX_CONNECTIONS_PER_IP", "1000")],
        [("MAX_CONNECTIONS", "10000"), ("MAX_CONNECTIONS_PER_IP", "50")],
    ] {
        // Nothing ends by its time: what lets others in is the bound alone.
        let patient = [("HEADER_TIMEOUT_MS", "600000"), ("KEEP_ALIVE_TIMEOUT_MS", "600000")];
        let server = Server::unlimited(&[&settings[..], &patient].concat());
        let (runtime, before) = (runtime(), sockets(&server));
        let slow: Vec<_> = (0..2000)
            .map(|number| {
                let from = format!("127.0.0.{}", 2 + number % 10);
                let mut socket = connect_from(&runtime, &from, &server);
                // The bound may have closed it already.
                drop(socket.write_all(BEGUN));
                socket
            })
            .collect();
        until("the bound holds", || sockets(&server) <= before + 502);
        let mut slowest = Duration::ZERO;
        for _ in 0..20 {
            let started = Instant::now();
            assert!(served(&mut connect_from(&runtime, "127.0.0.1", &server)));
            slowest = slowest.max(started.elapsed());
        }
        println!("{settings:?}: the slowest answer beside 2 000 slow connections took {slowest:?}");
        assert!(slowest < Duration::from_secs(2), "{slowest:?}");
        assert!(sockets(&server) <= before + 502 + 20);
        drop(slow);
    }
}

#[test]
fn h10_one_address_does_not_get_more_connections_than_it_may_have() {
    let server = Server::unlimited(&[("MAX_CONNECTIONS_PER_IP", "3")]);
    let (runtime, admin) = (runtime(), server.token("alice", &["admin"]));
    let stream = format!(
        "GET /api/analytics/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {admin}\r\n\r\n"
    );
    let busy: Vec<_> = (0..3)
        .map(|_| {
            let mut socket = connect_from(&runtime, "127.0.0.2", &server);
            socket.write_all(stream.as_bytes()).unwrap();
            assert!(socket.read(&mut [0; 1000]).unwrap() > 0, "the stream has begun");
            socket
        })
        .collect();
    assert!(!served(&mut connect_from(&runtime, "127.0.0.2", &server)), "three are at work");
    assert!(served(&mut connect_from(&runtime, "127.0.0.3", &server)), "another address");
    drop(busy);
    until("they are gone", || served(&mut connect_from(&runtime, "127.0.0.2", &server)));
    // Connections without a request make room for the next of the same address.
    let mut idle: Vec<_> = (0..3).map(|_| connect_from(&runtime, "127.0.0.4", &server)).collect();
    assert!(idle.iter_mut().all(served));
    assert!(served(&mut connect_from(&runtime, "127.0.0.4", &server)));
    assert_eq!(idle[0].read(&mut [0; 10]).unwrap_or(0), 0, "the first has waited longest");
}

#[test]
fn a_trusted_proxy_may_have_all_connections() {
    let server =
        Server::unlimited(&[("MAX_CONNECTIONS_PER_IP", "3"), ("TRUSTED_PROXIES", "127.0.0.9/32")]);
    let runtime = runtime();
    let mut open: Vec<_> = (0..10).map(|_| connect_from(&runtime, "127.0.0.9", &server)).collect();
    assert!(open.iter_mut().all(served));
    assert!(open.iter_mut().all(served), "none was closed for another");
}

#[test]
fn a_connection_without_a_request_is_closed_after_the_time_that_was_set() {
    let server =
        Server::unlimited(&[("KEEP_ALIVE_TIMEOUT_MS", "600"), ("HEADER_TIMEOUT_MS", "60000")]);
    let started = Instant::now();
    let answers = raw(&server, [WHOLE, WHOLE].concat());
    assert_eq!(answers.matches("HTTP/1.1 200").count(), 2, "{answers}");
    let took = started.elapsed();
    assert!((600..5000).contains(&took.as_millis()), "{took:?}");
}

#[test]
fn h10_the_head_of_a_later_request_has_no_more_time_than_that_of_the_first() {
    let server =
        Server::unlimited(&[("KEEP_ALIVE_TIMEOUT_MS", "60000"), ("HEADER_TIMEOUT_MS", "600")]);
    let runtime = runtime();
    let mut socket = connect_from(&runtime, "127.0.0.1", &server);
    assert!(served(&mut socket));
    let started = Instant::now();
    socket.write_all(BEGUN).unwrap();
    assert_eq!(socket.read(&mut [0; 100]).unwrap_or(0), 0);
    let took = started.elapsed();
    assert!((600..5000).contains(&took.as_millis()), "{took:?}");
}

#[test]
fn h10_a_client_that_does_not_read_is_let_go_and_a_quiet_stream_is_not() {
    // Between two requests a connection may rest for a minute: what ends the deaf one is that nothing can be sent.
    let server = Server::unlimited(&[("SEND_TIMEOUT_MS", "800"), ("HEADER_TIMEOUT_MS", "800")]);
    let (runtime, admin) = (runtime(), server.token("alice", &["admin"]));
    let stream = format!(
        "GET /api/analytics/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {admin}\r\n\r\n"
    );
    let mut quiet = connect_from(&runtime, "127.0.0.1", &server);
    quiet.write_all(stream.as_bytes()).unwrap();
    assert!(quiet.read(&mut [0; 4000]).unwrap() > 0, "it has begun");
    // More answers than the buffers of two sockets hold, none of which is read.
    let before = sockets(&server);
    let mut deaf = connect_from(&runtime, "127.0.0.2", &server);
    deaf.set_write_timeout(Some(Duration::from_millis(300))).unwrap();
    let many = b"GET /post/1.pdf HTTP/1.1\r\nHost: x\r\n\r\n".repeat(400_000);
    let mut sent = 0;
    while sent < many.len() {
        match deaf.write(&many[sent..]) {
            Ok(bytes) => sent += bytes,
            Err(_) => break,
        }
    }
    assert!(sent < many.len(), "the server does not read on while nobody reads its answers");
    until("the deaf client is let go", || sockets(&server) <= before);
    // By now every time that is set has passed for the stream too.
    let one = server.get("/healthz");
    assert_eq!(one.status(), 200);
    let mut text = String::new();
    while !text.contains("/healthz") && !text.contains("/post/1.pdf") {
        let mut bytes = [0; 4000];
        let read = quiet.read(&mut bytes).unwrap();
        assert!(read > 0, "the stream was ended: {text}");
        text.push_str(&String::from_utf8_lossy(&bytes[..read]));
    }
}

#[test]
fn h10_a_body_that_does_not_come_is_408_and_the_connection_ends() {
    let server = Server::start(&[
        ("RATE_LIMIT_ENABLED", "false"),
        ("BODY_TIMEOUT_MS", "600"),
        ("HEADER_TIMEOUT_MS", "60000"),
    ]);
    let admin = server.token("alice", &["admin"]);
    let head = format!(
        "POST /api/admin/bans/unban-ip HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {admin}\r\nContent-Type: application/json\r\n"
    );
    for rest in
        ["Content-Length: 100\r\n\r\n{\"ip\"", "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"ip\"\r\n"]
    {
        let started = Instant::now();
        let answer = raw(&server, format!("{head}{rest}"));
        let took = started.elapsed();
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
        assert!(
            answer.contains("connection: close") && answer.contains("\"request-timeout\""),
            "{answer}"
        );
        assert!((600..5000).contains(&took.as_millis()), "{took:?}");
    }
    assert!(server.log().contains("body.refused"));
    let whole = server.post_as(&admin, "/api/admin/bans/unban-ip", &json!({"ip": "192.0.2.1"}));
    assert!(whole.status().is_success(), "{}", whole.status());
}
