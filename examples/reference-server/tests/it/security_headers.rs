//! The security headers on the wire: every byte of them, on answers and on every kind of refusal.

use std::{collections::HashSet, fs, path::Path};

use tempfile::tempdir;

use crate::{endpoint::Endpoint, malformed::raw, server::Server};

/// What is sent, for each set of headers.
const EXPECTED: &str = include_str!("../data/security-headers.txt");
const TOKEN: &str = include_str!("../data/jwks.token");

/// Every header that the documents speak of, or that tells what the server is made of.
const NAMES: [&str; 17] = [
    "strict-transport-security",
    "x-frame-options",
    "referrer-policy",
    "permissions-policy",
    "content-security-policy",
    "content-security-policy-report-only",
    "reporting-endpoints",
    "cross-origin-resource-policy",
    "cross-origin-embedder-policy",
    "cross-origin-opener-policy",
    "x-permitted-cross-domain-policies",
    "x-dns-prefetch-control",
    "x-content-type-options",
    "cache-control",
    "server",
    "x-powered-by",
    "via",
];

/// Through a proxy that is trusted: how its client asks.
const SECURE: &str = "X-Forwarded-Proto: https\r\nX-Forwarded-For: 203.0.113.7\r\n";
const PLAIN: &str = "X-Forwarded-Proto: http\r\nX-Forwarded-For: 203.0.113.7\r\n";

/// Whose answer it is.
#[derive(Clone, Copy, PartialEq)]
enum For {
    Anyone,
    /// One person: it is not kept by caches.
    OnePerson,
    /// Who is refused for what anybody would be: it is not kept either.
    Refused,
}
use For::{Anyone, OnePerson, Refused};

/// The lines of a set, as they stand in the file.
fn expected(set: &str, whose: For, is_secure: bool) -> Vec<String> {
    let (_, rest) = EXPECTED.split_once(&format!("\n= {set}\n")).unwrap();
    let lines = rest.lines().take_while(|line| !line.is_empty());
    let lines = lines.filter(|line| match line.split(':').next().unwrap() {
        "strict-transport-security" => is_secure,
        "cache-control" => whose == OnePerson,
        _ => true,
    });
    let refused = (whose == Refused).then_some("cache-control: no-store");
    // In clear a browser would send no report to an endpoint, and because of it none to the other address.
    let way = if is_secure { "" } else { "; report-to csp" };
    let lines = lines.map(|line| line.strip_suffix(way).unwrap_or(line));
    let mut lines: Vec<_> = lines.chain(refused).map(str::to_owned).collect();
    lines.sort();
    lines
}

/// The status of an answer, every line of its security headers, and its nonces. The order of lines of other names means
/// nothing (RFC 9110 section 5.3).
fn read(answer: &str) -> (u16, Vec<String>, HashSet<String>) {
    let (head, _) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no head: {answer}"));
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap()[9..12].parse().unwrap();
    let mut nonces = HashSet::new();
    let named = lines.filter(|line| NAMES.contains(&line.split(':').next().unwrap()));
    let lines = named.map(|line| {
        let mut parts = line.split("'nonce-");
        let mut text = parts.next().unwrap().to_owned();
        for part in parts {
            let (nonce, rest) = part.split_once('\'').unwrap();
            nonces.insert(nonce.to_owned());
            text.push_str("'nonce-NONCE'");
            text.push_str(rest);
        }
        text
    });
    let mut lines: Vec<_> = lines.collect();
    lines.sort();
    (status, lines, nonces)
}

/// Asks in clear and through the proxy's TLS, and compares every line.
fn check(server: &Server, set: &str, (request, status, whose): (&str, u16, For)) {
    for (scheme, is_secure) in [(PLAIN, false), (SECURE, true)] {
        let (line, rest) = request.split_once('\n').unwrap_or((request, ""));
        let rest = rest.replace('\n', "\r\n");
        let asked =
            format!("{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{scheme}{rest}\r\n");
        let answer = raw(server, &asked);
        let (told, lines, nonces) = read(&answer);
        assert_eq!(told, status, "{request}: {answer}");
        assert_eq!(lines, expected(set, whose, is_secure), "{set}: {asked}");
        assert_eq!(nonces.len(), 1, "one nonce, wherever it stands: {answer}");
    }
}

/// A server behind a proxy on this machine.
fn behind_a_proxy(settings: &[(&str, &str)]) -> Server {
    let proxy = [("TRUSTED_PROXIES", "127.0.0.1"), ("MAX_UPLOAD_SIZE", "1KB")];
    Server::unlimited(&[&proxy, settings].concat())
}

fn answers_and_refusals(preset: &str) {
    let embed = format!("{preset} embed");
    let chosen = ("SECURITY_HEADERS", preset);
    let server = behind_a_proxy(&[chosen]);
    let bob = server.token("bob", &[]);
    let as_bob = |line: &str| format!("{line}\nAuthorization: Bearer {bob}\n");
    let own = [
        ("GET /", 200, OnePerson),
        ("HEAD /", 200, OnePerson),
        ("GET /post/1.xhtml", 200, OnePerson),
        ("GET /api/feed", 200, Anyone),
        ("GET /feed.xml", 200, Anyone),
        (&as_bob("GET /api/feed"), 200, OnePerson),
        ("GET /api/me", 401, Refused),
        ("GET /api/feed\nAuthorization: Bearer wrong\n", 401, OnePerson),
        (&as_bob("GET /api/admin/bans"), 403, OnePerson),
        ("GET /nothing", 404, Refused),
        ("GET /embed/1/2", 404, Refused),
        ("GET /embed/..%2f", 400, Refused),
        ("DELETE /api/feed", 405, Refused),
        ("POST /api/csp-reports\nContent-Length: 1025\n", 413, Refused),
    ];
    for case in own {
        check(&server, preset, case);
    }
    let framed = [
        ("GET /embed/1", 200, OnePerson),
        ("GET /embed/page/about", 200, OnePerson),
        ("GET /embed/2", 404, Refused),
    ];
    for case in framed {
        check(&server, &embed, case);
    }
}

fn limits_lists_and_outages(preset: &str) {
    let chosen = ("SECURITY_HEADERS", preset);
    let hour = ("RATE_LIMIT_WINDOW_MS", "3600000");
    let limited = [("TRUSTED_PROXIES", "127.0.0.1"), ("AUTO_BAN_ENABLED", "false"), hour, chosen];
    let limited = Server::start(&limited);
    raw(&limited, format!("GET /api/feed HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{PLAIN}\r\n"));
    check(&limited, preset, ("GET /api/feed", 429, Refused));

    let folder = tempdir().unwrap();
    blocks(folder.path(), "203.0.113.7");
    let list = Server::start_in(folder, &[("TRUSTED_PROXIES", "127.0.0.1"), chosen]);
    check(&list, preset, ("GET /", 403, Refused));

    // Keys that never came: what a token is worth is not known.
    let issuer = Endpoint::start(|_| (500, String::new()));
    let keys = issuer.url("/keys.json");
    let keys = [
        ("JWKS_URL", &*keys),
        ("JWT_ISSUER", "https://id.example"),
        ("JWT_AUDIENCE", "api"),
        chosen,
    ];
    let server = behind_a_proxy(&keys);
    let request = format!("GET /api/me\nAuthorization: Bearer {}\n", TOKEN.trim());
    check(&server, preset, (&request, 503, OnePerson));
    check(&server, preset, ("GET /readyz", 503, Anyone));
}

fn blocks(folder: &Path, address: &str) {
    let config = folder.join("config");
    fs::create_dir_all(&config).unwrap();
    let list = serde_json::json!({ "blockedIPs": [address] });
    fs::write(config.join("blocklist.json"), list.to_string()).unwrap();
}

#[test]
fn the_documented_headers_are_on_every_answer_byte_for_byte() {
    answers_and_refusals("polymech");
}

#[test]
fn the_documented_headers_are_on_what_limits_lists_and_outages_refuse() {
    limits_lists_and_outages("polymech");
}

#[test]
fn the_strict_headers_are_on_every_answer_byte_for_byte() {
    answers_and_refusals("strict");
}

#[test]
fn the_strict_headers_are_on_what_limits_lists_and_outages_refuse() {
    limits_lists_and_outages("strict");
}

#[test]
fn reports_are_asked_for_where_that_is_on_and_nothing_else_changes() {
    for preset in ["polymech", "strict"] {
        let server = behind_a_proxy(&[("SECURITY_HEADERS", preset), ("CSP_REPORTS", "on")]);
        let set = format!("{preset} reports");
        check(&server, &set, ("GET /", 200, OnePerson));
        check(&server, &set, ("GET /api/me", 401, Refused));
        // An embed reports too.
        let (_, lines, _) =
            read(&raw(&server, "GET /embed/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
        let policy =
            lines.iter().find(|line| line.starts_with("content-security-policy:")).unwrap();
        assert!(policy.contains("frame-ancestors *; "), "{policy}");
        assert!(policy.ends_with("; report-uri /api/csp-reports"), "{policy}");
        assert!(lines.contains(&"reporting-endpoints: csp=\"/api/csp-reports\"".to_owned()));
    }
}
