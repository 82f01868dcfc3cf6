//! What preflights get, and what they cost (threat H2).

use std::{convert::Infallible, future::ready, time::Instant};

use http::{Request, Response};
use palisade_test_support::{Ask, Body};
use tower::service_fn;
use tower_layer::Layer;

use crate::{
    page::{grants_nothing, listed, preflight},
    site::{HOST, ORIGIN, Site},
};

/// The documented methods, and what needs no word of ours.
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"];

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
        let turns: Vec<_> = (0..50).map(turn).collect();
        assert!(turns.iter().all(|(status, _)| *status == 403));
        turns.into_iter().map(|(_, time)| time).min().unwrap()
    };
    let (short, long) = (",".repeat(1000), ",".repeat(1 << 20));
    let (little, much, many) = (least(&[&short]), least(&[&long]), least(&vec![","; 20_000]));
    // Each of these names is allowed: nothing but its length speaks against the list.
    let named = least(&[&"authorization,".repeat(75_000)]);
    assert!(named < little * 50, "{little:?} for a kilobyte, {named:?} for a megabyte of names");
    // To read all of it takes a thousand times as long; to free what a request was made of is part of it.
    assert!(much < little * 50, "{little:?} for a kilobyte, {much:?} for a megabyte");
    assert!(many < little * 500, "{little:?} for a kilobyte, {many:?} for 20 000 lines");
}

#[test]
fn a_preflight_costs_no_more_than_the_refusal_that_would_stop_it() {
    let site = Site::new();
    let mut service = site.service();
    // Each from an address of its own: who goes on after a refusal is banned.
    let mut least = |ask: &dyn Fn() -> Ask| {
        let turn = |turn: u16| {
            let [high, low] = turn.to_be_bytes();
            let address = format!("10.0.{high}.{low}");
            site.ask(Ask::get("/api/feed").from(&address));
            let request = ask().from(&address).header("origin", ORIGIN).header("host", HOST);
            let started = Instant::now();
            let answer = request.send(&mut service);
            (started.elapsed(), answer.status().as_u16())
        };
        (0..500).map(turn).min().unwrap()
    };
    let (limited, status) = least(&|| Ask::get("/api/feed"));
    assert_eq!(status, 429);
    let (granted, status) = least(&|| preflight("PUT", &["authorization,content-type"]));
    assert_eq!(status, 200);
    let (refused, status) = least(&|| preflight("PUT", &["x-evil"]));
    assert_eq!(status, 403);
    assert!(
        granted < limited * 2 && refused < limited * 2,
        "{granted:?}, {refused:?}, {limited:?}"
    );
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
