//! What answers vary by (threat H3).

use http::Method;
use palisade_test_support::Ask;

use crate::{
    page::{all, behind, listed, preflight},
    site::{ORIGIN, Site},
};

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
