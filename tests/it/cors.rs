//! What a CORS configuration is refused for, and whose pages get in (threat H1).

use http::Method;
use palisade::Cors;
use palisade_test_support::Ask;

use crate::{
    page::{all, behind, grants_nothing, listed, preflight},
    site::{ORIGIN, Site},
};

#[test]
fn h1_origins_that_would_open_the_service_or_never_match_are_refused_at_build() {
    let cases = [
        ("*", "credentials"),
        ("null", "credentials"),
        ("https://*.example", "wildcards"),
        ("https://app.example:*", "wildcards"),
        ("https://App.example", "https://app.example"),
        ("HTTPS://app.example", "https://app.example"),
        ("https://app.example/", "https://app.example"),
        ("https://app.example/path", "https://app.example"),
        ("https://app.example?query", "https://app.example"),
        ("https://app.example#part", "https://app.example"),
        ("https://app.example\\path", "https://app.example"),
        ("https://app.example:443", "https://app.example"),
        ("https://app.example:", "https://app.example"),
        ("https://app.example:08443", "https://app.example:8443"),
        ("http://app.example:80", "http://app.example"),
        ("https://user@app.example", "https://app.example"),
        ("https://app.example:pass@evil.example", "https://evil.example"),
        ("https://app.example.", "https://app.example"),
        ("https://bücher.example", "xn--"),
        ("https://app..example", "dots"),
        ("https://.app.example", "dots"),
        ("https://app example", "letters"),
        ("https://app%2eexample", "letters"),
        ("https://app.example,https://b.example", "letters"),
        ("https://app.example:0", "1 to 65535"),
        ("https://app.example:65536", "1 to 65535"),
        ("https://app.example:+443", "1 to 65535"),
        ("http://127.1", "four decimal numbers"),
        ("http://0x7f.0.0.1", "four decimal numbers"),
        ("http://127.0.0.01", "four decimal numbers"),
        ("http://[0:0:0:0:0:0:0:1]:3000", "http://[::1]:3000"),
        ("http://[2001:DB8::1]", "http://[2001:db8::1]"),
        ("http://[::ffff:127.0.0.1]", "http://[::ffff:7f00:1]"),
        ("http://[fe80::1%25eth0]", "without a zone"),
        ("http://[::1", "letters"),
        ("http://[::1]x", "scheme://host"),
        ("app.example", "scheme://host"),
        ("//app.example", "scheme"),
        ("https://", "scheme://host"),
        ("ftp://app.example", "https"),
        ("chrome-extension://abcdef", "https"),
        ("https ://app.example", "https"),
        ("", "scheme://host"),
    ];
    for (origin, part) in cases {
        let error = Cors::origins([origin]).expect_err(origin).to_string();
        assert!(error.contains(part), "{origin}: {error}");
    }
    let fine = [
        "https://app.example",
        "http://localhost:5173",
        "https://app.example:8443",
        "http://app.example:443",
        "https://xn--bcher-kva.example",
        "http://127.0.0.1:3000",
        "http://[::1]:3000",
        "https://under_score.example",
        "http://7.example",
    ];
    Cors::origins(fine).unwrap();
    for origin in fine {
        let answer =
            behind(Cors::origins(fine).unwrap(), Ask::get("/").header("origin", origin), 200, &[]);
        assert_eq!(answer.header("access-control-allow-origin"), Some(origin));
    }
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
        "https://app.example.",
        "https://app.example/",
        "https://sub.app.example",
        "https://appxexample",
        "https://app.example https://evil.example",
        "https://app.example,https://evil.example",
        "",
    ] {
        let answer = site.send(Ask::get("/").header("origin", origin));
        grants_nothing(&answer, origin);
        let preflight = Ask::method(Method::OPTIONS, "/")
            .header("origin", origin)
            .header("access-control-request-method", "GET");
        let refused = site.send(preflight);
        grants_nothing(&refused, origin);
        assert_eq!((refused.status(), &*refused.code()), (403, "cors.origin"), "{origin}");
    }
    assert_eq!(site.ask(Ask::get("/")).header("access-control-allow-origin"), Some(ORIGIN));
}

#[test]
fn h1_of_two_origins_neither_counts() {
    let site = Site::new();
    let twice = |ask: Ask, other: &str| site.ask(ask.header("origin", other));
    for other in [ORIGIN, "https://evil.example", "null"] {
        grants_nothing(&twice(Ask::get("/"), other), other);
        assert_eq!(twice(preflight("GET", &[]), other).code(), "cors.origin");
    }
}

#[test]
fn h1_a_handler_cannot_let_in_who_is_not_listed() {
    let said = [("access-control-allow-origin", "*"), ("access-control-allow-credentials", "true")];
    let evil = || Ask::get("/").header("origin", "https://evil.example");
    grants_nothing(&behind(listed(), evil(), 200, &said), "a handler's word");
    let answer = behind(listed(), Ask::get("/").header("origin", ORIGIN), 200, &said);
    assert_eq!(all(&answer, "access-control-allow-origin"), [ORIGIN]);
    // Nor can it add credentials to `*`.
    let answer = behind(Cors::any_origin(), evil(), 200, &said);
    assert_eq!(all(&answer, "access-control-allow-origin"), ["*"]);
    assert_eq!(answer.header("access-control-allow-credentials"), None);
}

#[test]
fn any_site_may_read_but_not_with_credentials() {
    for origin in ["https://any.example", "null"] {
        let ask = || Ask::get("/").header("origin", origin);
        let answer = behind(Cors::any_origin(), ask(), 200, &[]);
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        // What is the same for all depends on nothing (Fetch, "CORS protocol and HTTP caches").
        assert_eq!(answer.header("vary"), None);
        let answer = behind(
            Cors::any_origin(),
            preflight("PUT", &["authorization"]).header("origin", origin),
            200,
            &[],
        );
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        assert_eq!(answer.header("access-control-allow-credentials"), None);
        assert_ne!(answer.header("access-control-allow-headers"), Some("*"));
    }
    // Also where no page asks: what a cache keeps of it is good for one that does.
    let answer = behind(Cors::any_origin(), Ask::get("/"), 200, &[]);
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
}

#[test]
fn headers_of_ones_own_can_be_sent_and_read() {
    let cors = listed().allow_headers(["X-Acme-Client", "authorization"]).unwrap();
    let cors = cors.expose_headers(["X-Total-Count", "ETag"]).unwrap();
    let ask = |ask: Ask| behind(cors.clone(), ask.header("origin", ORIGIN), 200, &[]);
    let answer = ask(preflight("GET", &["x-acme-client"]));
    let allowed = answer.header("access-control-allow-headers").unwrap();
    assert!(allowed.ends_with("x-stainless-runtime-version,x-acme-client"), "{allowed}");
    let answer = ask(Ask::get("/"));
    let exposed = answer.header("access-control-expose-headers").unwrap();
    assert!(exposed.starts_with("etag,ratelimit,") && exposed.ends_with(",x-total-count"));
    assert_eq!(
        behind(listed(), preflight("GET", &["x-acme-client"]).header("origin", ORIGIN), 200, &[])
            .status(),
        403
    );
}

#[test]
fn headers_that_no_page_may_send_or_read_are_refused_at_build() {
    let cases = [
        ("*", "by its name"),
        ("", "a header's name"),
        ("x evil", "a header's name"),
        ("x-a,x-b", "a header's name"),
        ("x-é", "a header's name"),
        ("x-a\r\nx-b", "a header's name"),
        ("cookie", "browser's own"),
        ("Host", "browser's own"),
        ("Sec-Fetch-Site", "browser's own"),
        ("proxy-authorization", "browser's own"),
        ("X-Forwarded-For", "proxy's word"),
        ("forwarded", "proxy's word"),
        ("access-control-allow-origin", "in answers"),
        ("set-cookie", "in answers"),
    ];
    for (name, part) in cases {
        let error = listed().allow_headers([name]).expect_err(name).to_string();
        assert!(error.contains(part), "{name}: {error}");
        assert!(!error.contains('\n'));
    }
    for (name, part) in
        [("*", "by its name"), ("Set-Cookie", "no browser"), ("x evil", "a header's name")]
    {
        let error = listed().expose_headers([name]).expect_err(name).to_string();
        assert!(error.contains(part), "{name}: {error}");
    }
    // Else a browser could ask for what is allowed, in a list that is too long.
    let many = (0..80).map(|number| format!("x-header-{number:04}"));
    let error = listed().allow_headers(many).unwrap_err().to_string();
    assert!(error.contains("1024 bytes"), "{error}");
}

#[test]
fn a_request_that_is_no_preflight_goes_on_whatever_its_origin() {
    let site = Site::new();
    let evil = "https://evil.example";
    let socket = Ask::get("/").header("origin", evil).header("upgrade", "websocket");
    let answer =
        site.send(socket.header("connection", "upgrade").header("sec-websocket-version", "13"));
    assert_eq!((answer.status(), &*answer.body), (200, &b"hello"[..]));
    // An answer that no page asked for says nothing to pages.
    grants_nothing(&site.send(Ask::get("/")), "no origin");
}

#[test]
fn h1_what_a_handler_grants_by_itself_counts_for_nothing() {
    let said = [
        ("access-control-allow-origin", "*"),
        ("access-control-allow-credentials", "true"),
        ("access-control-expose-headers", "x-secret"),
    ];
    grants_nothing(&behind(listed(), Ask::get("/"), 200, &said), "no origin");
    let evil = Ask::get("/").header("origin", "https://evil.example");
    grants_nothing(&behind(listed(), evil, 200, &said), "another origin");
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
