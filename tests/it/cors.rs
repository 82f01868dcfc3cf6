//! What a CORS configuration is refused for (threats H1, H2, H3).

use http::Method;
use palisade::Cors;
use palisade_test_support::Ask;

use crate::site::{ORIGIN, Site};

#[test]
fn h1_origins_that_would_open_the_service_or_never_match_are_refused_at_build() {
    let cases = [
        ("*", "credentials"),
        ("null", "credentials"),
        ("https://*.example", "wildcards"),
        ("https://App.example", "https://app.example"),
        ("https://app.example/", "https://app.example"),
        ("https://app.example/path", "https://app.example"),
        ("https://app.example:443", "https://app.example"),
        ("http://app.example:80", "http://app.example"),
        ("https://user@app.example", "https://app.example"),
        ("app.example", "scheme://host"),
        ("ftp://app.example", "https"),
        ("", "scheme://host"),
    ];
    for (origin, part) in cases {
        let error = Cors::origins([origin]).unwrap_err().to_string();
        assert!(error.contains(part), "{origin}: {error}");
    }
    Cors::origins(["https://app.example", "http://localhost:5173", "https://app.example:8443"])
        .unwrap();
}

#[test]
fn h1_an_origin_matches_exactly_or_not_at_all() {
    let site = Site::new();
    for origin in [
        "null",
        "http://app.example",
        "https://app.example.evil",
        "https://evil-app.example",
        "https://app.example:444",
        "https://APP.example",
    ] {
        let answer = site.send(Ask::get("/").header("origin", origin));
        assert_eq!(answer.header("access-control-allow-origin"), None, "{origin}");
        let preflight = Ask::method(Method::OPTIONS, "/")
            .header("origin", origin)
            .header("access-control-request-method", "GET");
        assert_eq!(site.send(preflight).header("access-control-allow-origin"), None, "{origin}");
    }
    assert_eq!(site.ask(Ask::get("/")).header("access-control-allow-origin"), Some(ORIGIN));
}

#[test]
fn h2_a_hostile_list_of_headers_is_survived_and_not_reflected() {
    let site = Site::new();
    let hostile = Ask::method(Method::OPTIONS, "/").header("access-control-request-method", "GET");
    let answer = site.ask(hostile.header("access-control-request-headers", ",".repeat(60_000)));
    assert!(answer.head.headers.values().map(http::HeaderValue::len).sum::<usize>() < 4096);
}

#[test]
fn r6_an_options_that_is_no_preflight_is_judged_like_every_request() {
    let site = Site::new();
    let options = |path: &str| Ask::method(Method::OPTIONS, path);
    let status = |ask: Ask| site.send(ask).status();
    assert_eq!(status(options("/api/admin/bans")), 401);
    assert_eq!(status(options("/api/admin/bans").header("origin", ORIGIN)), 401);
    let asks_nobody = options("/api/admin/bans").header("access-control-request-method", "GET");
    assert_eq!(status(asks_nobody), 401);
    assert_eq!(status(options("/api/%2e%2e/x")), 400);
    assert_eq!(status(options("/").from("198.51.100.1")), 403);
    assert_eq!(status(options("/")), 405);
    // Its answer can be read by the pages that may read every other one.
    let answer = site.ask(options("/"));
    assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN));
    assert_eq!(answer.header("access-control-allow-credentials"), Some("true"));
    let answer = site.send(options("/").header("origin", "https://evil.example"));
    assert_eq!(answer.header("access-control-allow-origin"), None);
    assert!(answer.header("vary").unwrap().contains("origin"));
}

#[test]
fn r6_no_method_and_no_override_gets_by_the_admin_check() {
    let site = Site::new();
    let bob = site.token("bob", &[]);
    for name in ["GET", "HEAD", "OPTIONS", "QUERY", "TRACE", "POST", "PUT", "FOO", "get"] {
        let ask = || {
            let method = Method::from_bytes(name.as_bytes()).unwrap();
            Ask::method(method, "/api/admin/bans?_method=OPTIONS")
                .header("x-http-method-override", "OPTIONS")
                .header("x-http-method", "OPTIONS")
                .header("x-method-override", "OPTIONS")
        };
        assert_eq!(site.send(ask()).status(), 401, "{name}");
        assert_eq!(site.ask(ask()).status(), 401, "{name}");
        let user = site.ask(ask().bearer(&bob));
        assert_eq!(user.status(), 403, "{name}");
        // The answer to HEAD has no body to say it in.
        assert!(name == "HEAD" || user.code() == "insufficient-role", "{name}: {user:?}");
    }
}

#[test]
fn h3_every_answer_varies_by_origin_also_without_one() {
    let answer = Site::new().send(Ask::get("/"));
    let vary: Vec<_> = answer
        .head
        .headers
        .get_all("vary")
        .iter()
        .map(|value| value.to_str().unwrap().to_lowercase())
        .collect();
    assert_eq!(vary.join(",").matches("origin").count(), 1, "{vary:?}");
}
