//! What a CORS configuration is refused for, and what pages of other sites get (threats H1, H2, H3).

use std::{convert::Infallible, future::ready, time::Instant};

use http::{Method, Request, Response};
use palisade::Cors;
use palisade_test_support::{Ask, Body};
use tower::service_fn;
use tower_layer::Layer;

use crate::site::{Answer, ORIGIN, Site, read};

/// The documented methods, and what needs no word of ours.
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"];

/// A preflight of the listed origin's page.
fn preflight(method: &str, headers: &[&str]) -> Ask {
    let ask =
        Ask::method(Method::OPTIONS, "/api/me").header("access-control-request-method", method);
    headers.iter().fold(ask, |ask, line| ask.header("access-control-request-headers", line))
}

/// CORS alone, in front of a handler that says `said`.
fn behind(cors: Cors, ask: Ask, status: u16, said: &[(&str, &str)]) -> Answer {
    let answer = |_: Request<Body>| {
        let answer = Response::builder().status(status);
        let answer = said.iter().fold(answer, |answer, (name, value)| answer.header(*name, *value));
        ready(Ok::<_, Infallible>(answer.body(Body::from("said")).unwrap()))
    };
    read(ask.send(&mut cors.layer().layer(service_fn(answer))))
}

fn listed() -> Cors {
    Cors::origins([ORIGIN]).unwrap()
}

fn all<'a>(answer: &'a Answer, name: &str) -> Vec<&'a str> {
    answer.head.headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
}

/// Nothing of what lets a page do anything.
fn grants_nothing(answer: &Answer, what: &str) {
    let grants = |name: &&http::HeaderName| name.as_str().starts_with("access-control-");
    assert_eq!(answer.head.headers.keys().find(grants), None, "{what}");
}

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
fn a_preflight_gets_the_documented_grant_or_none() {
    let site = Site::new();
    for method in METHODS {
        let answer = site.ask(preflight(method, &["authorization,content-type,x-stainless-lang"]));
        assert_eq!(answer.status(), 200, "{method}");
        let told = |name| answer.header(name).unwrap();
        assert_eq!(told("access-control-allow-origin"), ORIGIN);
        assert_eq!(told("access-control-allow-credentials"), "true");
        assert_eq!(told("access-control-max-age"), "600");
        assert_eq!(told("access-control-allow-methods"), "GET,POST,PUT,DELETE,PATCH,OPTIONS");
        assert!(told("access-control-allow-headers").split(',').any(|name| name == "x-org-slug"));
        assert!(answer.body.is_empty());
    }
    // Methods have a case (RFC 9110 section 9.1).
    for method in ["TRACE", "CONNECT", "get", "patch", "FOO", "*", "GET,PUT", ""] {
        let answer = site.ask(preflight(method, &[]));
        grants_nothing(&answer, method);
        assert_eq!((answer.status(), &*answer.code()), (403, "cors.method"), "{method}");
    }
    let twice = preflight("GET", &[]).header("access-control-request-method", "PUT");
    assert_eq!(site.ask(twice).code(), "cors.method");
}

#[test]
fn a_preflight_gets_no_header_that_is_not_listed() {
    let site = Site::new();
    // In any case, with spaces, in several lines and with empty elements, as proxies write lists.
    for fine in [
        &[][..],
        &[""],
        &["authorization"],
        &["AUTHORIZATION, X-Api-Key"],
        &["authorization\t,  content-type ,"],
        &["authorization", "content-type"],
        &[",,authorization,,"],
    ] {
        assert_eq!(site.ask(preflight("PUT", fine)).status(), 200, "{fine:?}");
    }
    for wrong in [
        &["x-evil"][..],
        &["authorization,x-evil"],
        &["authorization", "x-evil"],
        &["*"],
        &["cookie"],
        &["author ization"],
        &["authorization;content-type"],
        &["authorizatio"],
        &["x-forwarded-for"],
    ] {
        let answer = site.ask(preflight("PUT", wrong));
        grants_nothing(&answer, wrong[0]);
        assert_eq!((answer.status(), &*answer.code()), (403, "cors.header"), "{wrong:?}");
    }
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
fn h2_a_hostile_list_of_headers_is_refused_and_not_reflected() {
    let site = Site::new();
    let names = vec!["authorization"; 80_000].join(",");
    let hostile =
        [",".repeat(1 << 20), names, "x".repeat(1 << 20), " ,".repeat(1 << 19), ",".repeat(1000)];
    for list in hostile {
        let answer = site.ask(preflight("GET", &[&list]));
        grants_nothing(&answer, "a megabyte");
        assert_eq!(answer.code(), "cors.header");
        let sent: usize = answer.head.headers.values().map(http::HeaderValue::len).sum();
        assert!(sent < 4096 && answer.body.len() < 1024);
    }
    let lines = vec![","; 20_000];
    assert_eq!(site.ask(preflight("GET", &lines)).code(), "cors.header");
    // As much as may be asked for is read.
    let most = format!("{},authorization", ["x-stainless-runtime-version"; 36].join(","));
    assert_eq!((most.len(), site.ask(preflight("GET", &[&most])).status()), (1021, 200));
}

#[test]
fn h2_a_megabyte_costs_no_more_than_a_kilobyte() {
    let service = |_: Request<Body>| ready(Ok::<_, Infallible>(Response::new(Body::default())));
    let mut service = listed().layer().layer(service_fn(service));
    // The fastest of many: what it takes where nothing else runs.
    let mut least = |lines: &[&str]| {
        let turn = |_| {
            let request = preflight("GET", lines).header("origin", ORIGIN);
            let started = Instant::now();
            let answer = request.send(&mut service);
            (answer.status(), started.elapsed())
        };
        let turns: Vec<_> = (0..200).map(turn).collect();
        assert!(turns.iter().all(|(status, _)| *status == 403));
        turns.into_iter().map(|(_, time)| time).min().unwrap()
    };
    let (short, long) = (",".repeat(1000), ",".repeat(1 << 20));
    let (little, much, many) = (least(&[&short]), least(&[&long]), least(&vec![","; 20_000]));
    // To read all of it takes a thousand times as long; to free what a request was made of is part of it.
    assert!(much < little * 50, "{little:?} for a kilobyte, {much:?} for a megabyte");
    assert!(many < little * 500, "{little:?} for a kilobyte, {many:?} for 20 000 lines");
}

#[test]
fn a_refused_preflight_counts_nowhere() {
    let site = Site::new();
    for _ in 0..50 {
        assert_eq!(site.ask(preflight("TRACE", &[])).status(), 403);
        assert_eq!(
            site.send(preflight("GET", &[]).header("origin", "https://evil.example")).status(),
            403
        );
    }
    assert_eq!(site.ask(Ask::get("/api/feed")).status(), 200, "neither banned nor limited");
    assert_eq!(site.ask(Ask::get("/api/feed")).status(), 429);
}

#[test]
fn local_network_access_by_header_is_not_granted() {
    let ask = preflight("GET", &[]).header("access-control-request-private-network", "true");
    let answer = Site::new().ask(ask.header("access-control-request-local-network", "true"));
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.header("access-control-allow-private-network"), None);
    assert_eq!(answer.header("access-control-allow-local-network"), None);
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
    let site = Site::new();
    let user = site.token("bob", &[]);
    let asks = || {
        [
            Ask::get("/"),
            Ask::get("/nothing"),
            Ask::get("/api/me"),
            Ask::get("/api/me").bearer(&user),
            Ask::get("/api/admin/bans").bearer(&user),
            Ask::get("/api/%2e%2e/x"),
            Ask::method(Method::POST, "/upload").header("content-length", "1000"),
            Ask::method(Method::DELETE, "/"),
            Ask::method(Method::HEAD, "/"),
            Ask::get("/").from("198.51.100.1"),
            Ask::get("/api/feed"),
            Ask::get("/api/feed"),
            preflight("GET", &[]),
            preflight("TRACE", &[]),
        ]
    };
    for origin in [None, Some(ORIGIN), Some("https://evil.example")] {
        for (number, ask) in asks().into_iter().enumerate() {
            let ask = origin.into_iter().fold(ask, |ask, origin| ask.header("origin", origin));
            let answer = site.send(ask);
            let vary = all(&answer, "vary");
            assert_eq!(vary.len(), 1, "{number} {origin:?}: {vary:?}");
            let says = vary[0].split(", ").filter(|name| *name == "origin").count();
            assert_eq!(says, 1, "{number} {origin:?}: {vary:?}");
        }
    }
    for refused in [preflight("GET", &[]), preflight("TRACE", &[])] {
        let vary = "origin, access-control-request-method, access-control-request-headers";
        assert_eq!(site.ask(refused).header("vary"), Some(vary));
    }
}

#[test]
fn h3_what_a_handler_says_it_varies_by_is_added_to_and_not_repeated() {
    let cases = [
        (&[][..], "origin"),
        (&["accept"], "accept, origin"),
        (&["accept-encoding"], "accept-encoding, origin"),
        (&["Origin"], "Origin"),
        (&["accept,ORIGIN , cookie"], "accept,ORIGIN , cookie"),
        (&["x-origin"], "x-origin, origin"),
        (&["accept-encoding", "cookie"], "accept-encoding, cookie, origin"),
        (&["*"], "*"),
        (&["accept, *"], "accept, *"),
    ];
    for (said, vary) in cases {
        let said: Vec<_> = said.iter().map(|line| ("vary", *line)).collect();
        for status in [200, 304, 404, 500] {
            for ask in [Ask::get("/"), Ask::get("/").header("origin", ORIGIN)] {
                let answer = behind(listed(), ask, status, &said);
                assert_eq!(all(&answer, "vary").join(", "), vary, "{said:?}");
            }
        }
    }
}

#[test]
fn h3_nothing_of_a_request_is_reflected() {
    let site = Site::new();
    let mark = "x-mark-of-the-request";
    let marked = |ask: Ask| {
        let ask = ask.header("vary", mark).header("x-http-method-override", mark);
        ask.header("access-control-allow-origin", mark)
            .header("access-control-expose-headers", mark)
    };
    for ask in
        [Ask::get("/"), preflight("GET", &[]), preflight("GET", &[mark]), preflight(mark, &[])]
    {
        for origin in [ORIGIN, "https://x-mark-of-the-request.example"] {
            let answer = site.send(marked(Ask::get("/")).header("origin", origin));
            assert!(!format!("{:?}", answer.head.headers).contains(mark));
        }
        let answer = site.ask(marked(ask));
        assert!(!format!("{answer:?}").contains(mark), "{answer:?}");
    }
}
