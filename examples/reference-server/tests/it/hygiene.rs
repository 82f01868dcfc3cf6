//! HTTP/1.1 as proxies could misread it: one reading, or none.

use crate::{malformed::raw, server::Server};

/// The statuses of all answers on one connection.
fn statuses(answer: &str) -> Vec<u16> {
    let lines = answer.match_indices("HTTP/1.1 ").map(|(at, _)| &answer[at + 9..]);
    lines.filter_map(|line| line.get(..3)?.parse().ok()).collect()
}

#[test]
fn a_request_names_one_host() {
    let server = Server::unlimited(&[]);
    for (head, expected) in [
        ("GET /healthz HTTP/1.1\r\nHost: x", 200),
        ("GET /healthz HTTP/1.1\r\nHost: example.com:8080", 200),
        ("GET /healthz HTTP/1.1\r\nHost: [::1]:3000", 200),
        ("GET /healthz HTTP/1.1\r\nHost: 192.0.2.1:", 200),
        ("GET /healthz HTTP/1.1\r\nX-Y: x", 400),
        ("GET /healthz HTTP/1.1\r\nHost: x\r\nHost: x", 400),
        ("GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y", 400),
        ("GET /healthz HTTP/1.1\r\nHost:", 400),
        ("GET /healthz HTTP/1.1\r\nHost: a b", 400),
        ("GET /healthz HTTP/1.1\r\nHost: a/b", 400),
        ("GET /healthz HTTP/1.1\r\nHost: a, b@c", 400),
        ("GET /healthz HTTP/1.1\r\nHost: a:b", 400),
        ("GET /healthz HTTP/1.1\r\nHost: a:123456", 400),
        ("GET /healthz HTTP/1.1\r\nHost: user@a", 400),
        ("GET /healthz HTTP/1.1\r\nHost: [::1", 400),
        ("GET /healthz HTTP/1.1\r\nHost: \u{e4}.example", 400),
        ("GET http://x/healthz HTTP/1.1\r\nHost: x", 200),
        ("GET http://x/healthz HTTP/1.1\r\nHost: X", 200),
        ("GET http://x/healthz HTTP/1.1\r\nHost: y", 400),
        ("GET http://x/healthz HTTP/1.1\r\nX-Y: x", 400),
        ("GET http://user@x/healthz HTTP/1.1\r\nHost: x", 400),
        (
            "OPTIONS /healthz HTTP/1.1\r\nHost: x\r\nOrigin: https://a.example\r\nAccess-Control-Request-Method: PUT",
            200,
        ),
        (
            "OPTIONS /healthz HTTP/1.1\r\nOrigin: https://a.example\r\nAccess-Control-Request-Method: PUT",
            400,
        ),
        (
            "OPTIONS /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\nOrigin: https://a.example\r\nAccess-Control-Request-Method: PUT",
            400,
        ),
    ] {
        let answer = raw(&server, format!("{head}\r\nConnection: close\r\n\r\n"));
        assert_eq!(statuses(&answer), [expected], "{head}: {answer}");
        if expected == 400 {
            assert!(answer.contains("\"malformed-header.host\""), "{head}: {answer}");
            assert!(answer.contains("x-frame-options"), "{head}: {answer}");
        }
    }
    let old = raw(&server, "GET /healthz HTTP/1.0\r\n\r\n");
    assert!(old.starts_with("HTTP/1.0 200"), "{old}");
    for target in ["http://user@x", "http://x:y", "http://[zz]"] {
        let old = raw(&server, format!("GET {target}/healthz HTTP/1.0\r\n\r\n"));
        assert_eq!(old.split(' ').nth(1), Some("400"), "{target}: {old}");
    }
}

#[test]
fn h10_what_two_readers_would_frame_differently_is_not_answered_as_two_requests() {
    let server = Server::unlimited(&[]);
    let smuggled = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
    let length = smuggled.len();
    for head in [
        // Two lengths, apart and in one line.
        format!("Content-Length: 0\r\nContent-Length: {length}\r\n\r\n"),
        format!("Content-Length: 0, {length}\r\n\r\n"),
        // No lengths.
        "Content-Length: +5\r\n\r\n".to_owned(),
        "Content-Length: -1\r\n\r\n".to_owned(),
        "Content-Length: 0x10\r\n\r\n".to_owned(),
        "Content-Length: 99999999999999999999999\r\n\r\n".to_owned(),
        // Codings that are not known, not last, or written oddly.
        "Transfer-Encoding: identity\r\n\r\n".to_owned(),
        "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n".to_owned(),
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n".to_owned(),
        "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n".to_owned(),
        // A header that goes on in the next line (RFC 9112 section 5.2).
        "X-Y: a\r\n Content-Length: 5\r\n\r\n".to_owned(),
        "Content-Length:\r\n 5\r\n\r\n".to_owned(),
        // A return alone ends nothing.
        "X-Y: a\rContent-Length: 5\r\n\r\n".to_owned(),
    ] {
        let answer = raw(&server, format!("POST /healthz HTTP/1.1\r\nHost: x\r\n{head}{smuggled}"));
        let found = statuses(&answer);
        assert_eq!(found, [400], "{head:?}: {answer}");
    }
    // Both lengths, either first: the chunks count, and nothing that comes behind them (RFC 9112 section 6.3).
    for head in [
        format!("Content-Length: {length}\r\nTransfer-Encoding: chunked"),
        format!("Transfer-Encoding: chunked\r\nContent-Length: {length}"),
        "Transfer-Encoding: chunked".to_owned(),
    ] {
        let head = format!("POST /healthz HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n0\r\n\r\n");
        let answer = raw(&server, format!("{head}{smuggled}"));
        assert_eq!(statuses(&answer), [405], "{head:?}: {answer}");
        assert!(answer.contains("connection: close"), "{answer}");
    }
}

#[test]
fn h10_chunks_that_are_none_end_the_connection() {
    let server = Server::unlimited(&[]);
    let admin = server.token("alice", &["admin"]);
    for chunks in [
        "x\r\n",
        "-1\r\n",
        "ffffffffffffffffff\r\n",
        "5\r\nhello0\r\n\r\n",
        "5\nhello\n0\n\n",
        " 5\r\nhello\r\n0\r\n\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n",
    ] {
        let answer = raw(
            &server,
            format!(
                "POST /api/admin/bans/unban-ip HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {admin}\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n"
            ),
        );
        let found = statuses(&answer);
        assert!(
            found.len() <= 1 && found.iter().all(|status| *status == 400),
            "{chunks:?}: {answer}"
        );
        assert_eq!(server.get("/healthz").status(), 200);
    }
}
