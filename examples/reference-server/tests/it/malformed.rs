//! Malformed everything: a clear error, and nothing lost.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    time::Duration,
};

use crate::server::{Server, problem};

/// Sends bytes as they are and reads until the server closes.
pub(crate) fn raw(server: &Server, bytes: impl AsRef<[u8]>) -> String {
    let mut socket = TcpStream::connect(server.base.strip_prefix("http://").unwrap()).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    // The server may close before it has read everything.
    drop(socket.write_all(bytes.as_ref()));
    let mut answer = Vec::new();
    if let Err(error) = socket.read_to_end(&mut answer) {
        let waited = matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
        assert!(!waited, "the server did not close: {}", String::from_utf8_lossy(&answer));
    }
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn malformed_heads_are_answered_and_the_server_lives_on() {
    let server = Server::unlimited(&[]);
    let long = "x".repeat(700_000);
    let many = "X-A: 1\r\n".repeat(500);
    let cases: Vec<(Vec<u8>, &[u16])> = vec![
        (b"GET / HTTP/1.1\r\nHost: x\r\nX-Bad: a\x00b\r\n\r\n".to_vec(), &[400]),
        (b"GET / HTTP/1.1\r\nHost: x\r\nBad Name: a\r\n\r\n".to_vec(), &[400]),
        (b"GET /\x80\xff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec(), &[400]),
        (b"GET /%ff%fe HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec(), &[400]),
        (b"GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".to_vec(), &[400]),
        (b"NONSENSE\r\n\r\n".to_vec(), &[400]),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(), &[400]),
        (format!("GET / HTTP/1.1\r\nHost: x\r\nX-Long: {long}\r\n\r\n").into_bytes(), &[431]),
        (format!("GET / HTTP/1.1\r\nHost: x\r\n{many}\r\n").into_bytes(), &[431]),
        (format!("GET /{} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "a".repeat(60_000)).into_bytes(), &[404, 414]),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n".to_vec(), &[400]),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n".to_vec(), &[400]),
        (b"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\r\nConnection: close\r\n\r\n".to_vec(), &[401]),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: \xff, 1.2.3.4\r\nConnection: close\r\n\r\n".to_vec(), &[200]),
    ];
    for (bytes, expected) in cases {
        let answer = raw(&server, &bytes);
        let status: u16 = answer.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(80)]).into_owned();
        assert!(expected.contains(&status), "{shown}: {answer}");
        assert_eq!(server.get("/healthz").status(), 200, "{shown}");
    }
    assert!(!server.log().contains("panicked"));
}

#[test]
fn h10_a_body_over_the_limit_is_413_whether_it_says_so_or_streams() {
    let server = Server::unlimited(&[("MAX_UPLOAD_SIZE", "1KB")]);
    let admin = server.token("alice", &["admin"]);
    let declared = server
        .request("POST", "/api/admin/bans/unban-ip")
        .bearer_auth(&admin)
        .body("x".repeat(1025))
        .send()
        .unwrap();
    assert_eq!(declared.headers()["connection"], "close");
    assert_eq!(declared.headers()["x-frame-options"], "SAMEORIGIN");
    assert_eq!(problem(declared).1, "content-too-large");
    let chunk = format!("400\r\n{}\r\n", "x".repeat(1024));
    let streamed = raw(
        &server,
        format!(
            "POST /api/admin/bans/unban-ip HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {admin}\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}{chunk}0\r\n\r\n"
        ),
    );
    assert!(
        streamed.starts_with("HTTP/1.1 413") && streamed.contains("content-too-large"),
        "{streamed}"
    );
}

#[test]
fn a_json_body_that_does_not_parse_is_422_with_the_place() {
    let server = Server::start(&[("RATE_LIMIT_ENABLED", "false")]);
    let admin = server.token("alice", &["admin"]);
    for body in [
        "",
        "{",
        "[]",
        "{\"ip\":7}",
        "{\"ip\":\"1.2.3.4\",\"x\":1}",
        "{\"ip\":\"not an address\"}",
        "\u{0}",
    ] {
        let answer = server
            .request("POST", "/api/admin/bans/unban-ip")
            .bearer_auth(&admin)
            .body(body)
            .send()
            .unwrap();
        let (status, code, problem) = problem(answer);
        assert_eq!((status, &*code), (422, "invalid-request"), "{body}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(!detail.contains("struct") && !detail.contains("Unban"), "{body}: {detail}");
        match body {
            "{" => assert_eq!(detail, "The content is no JSON: line 1, column 1."),
            "{\"ip\":7}" => assert_eq!(detail, "`ip` is not of the form that is asked for."),
            _ => {}
        }
    }
}

#[test]
fn a_client_that_never_ends_its_head_is_let_go() {
    let server = Server::unlimited(&[("HEADER_TIMEOUT_MS", "2000")]);
    let answer = raw(&server, "GET / HTTP/1.1\r\nHost: x\r\n");
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 4"), "{answer}");
    assert_eq!(server.get("/healthz").status(), 200);
}

#[test]
fn a_client_that_says_nothing_that_could_be_http_is_let_go() {
    let server = Server::unlimited(&[("HEADER_TIMEOUT_MS", "2000")]);
    for first_bytes in ["", "PRI", "PRI * HTTP/2.0\r\n"] {
        assert_eq!(raw(&server, first_bytes), "", "{first_bytes}");
    }
    assert_eq!(server.get("/healthz").status(), 200);
}
