//! What pages of other sites get over a socket.

use reqwest::blocking::{RequestBuilder, Response};

use crate::server::{Server, problem, run};

const ORIGIN: &str = "https://app.example";
const EXPOSED: &str = "etag,ratelimit,ratelimit-limit,ratelimit-policy,ratelimit-remaining,\
    ratelimit-reset,retry-after,www-authenticate,x-request-id";

/// The value of a header that stands there at most once.
fn header<'a>(answer: &'a Response, name: &str) -> Option<&'a str> {
    let values: Vec<_> = answer.headers().get_all(name).iter().collect();
    assert!(values.len() <= 1, "{name}: {values:?}");
    values.first().map(|value| value.to_str().unwrap())
}

fn preflight(server: &Server, origin: &str, method: &str) -> RequestBuilder {
    let request = server.request("OPTIONS", "/api/admin/bans").header("origin", origin);
    request.header("access-control-request-method", method)
}

#[test]
fn a_page_of_a_listed_site_reads_every_refusal() {
    let settings = [
        ("CORS_ORIGINS", ORIGIN),
        ("MAX_UPLOAD_SIZE", "1KB"),
        ("RATE_LIMIT_MAX", "1"),
        ("RATE_LIMIT_WINDOW_MS", "60000"),
        ("AUTO_BAN_ENABLED", "false"),
    ];
    let server = Server::start(&settings);
    let (alice, bob) = (server.token("alice", &["admin"]), server.token("bob", &[]));
    let large = || server.request("POST", "/api/admin/bans/unban-ip").body("x".repeat(1025));
    let ask = |request: RequestBuilder, origin: &str| {
        request.header("origin", origin.to_owned()).send().unwrap()
    };
    let refusals = [
        (server.request("GET", "/api/me"), 401),
        (server.request("GET", "/api/admin/bans").bearer_auth(&bob), 403),
        (large().bearer_auth(&alice), 413),
        (large().bearer_auth(&alice), 429),
        (server.request("GET", "/nothing"), 404),
        (server.request("DELETE", "/feed.xml"), 405),
        (server.request("GET", "/api%2ffeed"), 400),
    ];
    for (request, status) in refusals {
        let again = request.try_clone().unwrap();
        let answer = ask(request, ORIGIN);
        assert_eq!(header(&answer, "access-control-allow-origin"), Some(ORIGIN), "{status}");
        assert_eq!(header(&answer, "access-control-allow-credentials"), Some("true"), "{status}");
        assert_eq!(header(&answer, "access-control-expose-headers"), Some(EXPOSED), "{status}");
        assert_eq!(header(&answer, "vary"), Some("origin"), "{status}");
        assert!(header(&answer, "x-request-id").is_some(), "{status}");
        assert_eq!(problem(answer).0, status);
        // Another site's page cannot, whatever it is answered.
        let evil = ask(again, "https://app.example.evil");
        let grants =
            |name: &&reqwest::header::HeaderName| name.as_str().starts_with("access-control");
        assert_eq!(evil.headers().keys().find(grants), None, "{status}");
        assert_eq!(header(&evil, "vary"), Some("origin"), "{status}");
    }
}

#[test]
fn a_preflight_is_granted_each_documented_method_and_nothing_else() {
    let server = Server::start(&[("CORS_ORIGINS", ORIGIN), ("CORS_HEADERS", "X-Acme-Client")]);
    for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        let request = preflight(&server, ORIGIN, method);
        let answer = request
            .header("access-control-request-headers", "authorization,x-acme-client")
            .send()
            .unwrap();
        assert_eq!(answer.status(), 200, "{method}");
        let told = |name| header(&answer, name);
        assert_eq!(told("access-control-allow-origin"), Some(ORIGIN));
        assert_eq!(told("access-control-allow-credentials"), Some("true"));
        assert_eq!(told("access-control-allow-methods"), Some("GET,POST,PUT,DELETE,PATCH,OPTIONS"));
        assert_eq!(told("access-control-max-age"), Some("600"));
        assert!(told("access-control-allow-headers").unwrap().ends_with(",x-acme-client"));
        assert_eq!(told("x-frame-options"), Some("SAMEORIGIN"));
    }
    let refused = [
        (preflight(&server, "https://evil.example", "GET"), "cors.origin"),
        (preflight(&server, ORIGIN, "TRACE"), "cors.method"),
        (
            preflight(&server, ORIGIN, "GET").header("access-control-request-headers", "x-other"),
            "cors.header",
        ),
    ];
    for (request, code) in refused {
        let answer = request.send().unwrap();
        assert_eq!(header(&answer, "access-control-allow-origin"), None, "{code}");
        assert_eq!(header(&answer, "access-control-allow-methods"), None, "{code}");
        let (status, told, _) = problem(answer);
        assert_eq!((status, &*told), (403, code));
    }
}

#[test]
fn h2_a_preflight_with_all_the_headers_that_fit_is_answered_in_a_few_bytes() {
    let server = Server::start(&[("CORS_ORIGINS", ORIGIN)]);
    let hostile = preflight(&server, ORIGIN, "GET")
        .header("access-control-request-headers", ",".repeat(300_000));
    let answer = hostile.send().unwrap();
    let sent: usize = answer.headers().values().map(|value| value.len()).sum();
    assert!(sent < 4096, "{sent} bytes");
    let status = answer.status();
    assert!(status == 403 || status == 431, "{status}");
    assert_eq!(server.get("/healthz").status(), 200);
}

#[test]
fn without_a_list_any_page_may_read_and_none_with_credentials() {
    let server = Server::start(&[("CORS_EXPOSED_HEADERS", "x-total-count")]);
    let answer =
        server.request("GET", "/feed.xml").header("origin", "https://any.example").send().unwrap();
    assert_eq!(header(&answer, "access-control-allow-origin"), Some("*"));
    assert_eq!(header(&answer, "access-control-allow-credentials"), None);
    let exposed = header(&answer, "access-control-expose-headers").unwrap();
    assert_eq!(exposed, format!("{EXPOSED},x-total-count"));
}

#[test]
fn h1_the_server_does_not_start_with_what_would_let_in_more_or_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let cases = [
        ("CORS_ORIGINS", "*,https://app.example", "without credentials"),
        ("CORS_ORIGINS", "null", "credentials"),
        (
            "CORS_ORIGINS",
            "https://app.example, https://B.example/",
            "did you mean `https://b.example`",
        ),
        ("CORS_HEADERS", "x-fine, cookie", "browser's own"),
        ("CORS_HEADERS", "*", "by its name"),
        ("CORS_EXPOSED_HEADERS", "set-cookie", "no browser shows"),
    ];
    for (name, value, fix) in cases {
        let (fine, told, errors) = run(folder.path(), &["check-config"], &[(name, value)]);
        assert!(!fine, "{name}={value}: {told}");
        assert!(errors.contains(name) && errors.contains(fix), "{name}={value}: {errors}");
    }
}
