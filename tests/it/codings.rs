//! Which answers are coded, and how: what a client accepts never changes what became of its request (threat H8).

use http::Method;
use palisade::{
    CompressionBody,
    core::{Access, Route, RouteTag},
};
use palisade_test_support::{Ask, Body, context};
use proptest::prelude::*;

use crate::{
    said::{behind, br, is_coded, plain, said, text},
    site::{DONE, Site},
};

#[test]
fn a_client_that_accepts_no_coding_of_ours_and_none_at_all_gets_a_plain_answer() {
    let site = Site::new();
    let alice = site.token("alice", &["admin"]);
    for accepts in [
        "identity;q=0",
        "*;q=0",
        "compress, identity;q=0",
        "br;q=0, *;q=0",
        "gzip;q=9, *;q=0",
        "gzip;q=0, gzip, *;q=0",
        "x-gzip;q=0, gzip, *;q=0",
    ] {
        let ask = Ask::get("/api/admin/bans").bearer(&alice);
        let answer = site.ask(ask.header("accept-encoding", accepts));
        assert_eq!((answer.status(), &*answer.body), (200, DONE.as_bytes()), "{accepts}");
        assert_eq!(answer.header("content-encoding"), None, "{accepts}");
        // The site's quota is one request a minute.
        site.time.advance(std::time::Duration::from_secs(61));
    }
}

#[test]
fn codings_that_are_wanted_may_stand_in_several_lines() {
    let site = Site::new();
    let alice = site.token("alice", &["admin"]);
    let ask = Ask::get("/api/admin/bans").bearer(&alice);
    let ask = ask.header("accept-encoding", "br;q=0").header("accept-encoding", "gzip");
    let answer = site.ask(ask);
    assert_eq!((answer.status(), answer.header("content-encoding")), (200, Some("gzip")));
}

#[test]
fn the_coding_is_the_one_that_the_client_wants_most() {
    let cases = [
        ("br", Some("br")),
        ("zstd", Some("zstd")),
        ("gzip", Some("gzip")),
        ("x-gzip", Some("gzip")),
        ("BR", Some("br")),
        ("gzip, deflate, br, zstd", Some("zstd")),
        ("gzip, deflate, br", Some("br")),
        ("gzip;q=1.0, br;q=0.5", Some("gzip")),
        ("gzip ; q=0.8 , br ; q=0.9", Some("br")),
        ("gzip;Q=0.8,br;Q=0.799", Some("gzip")),
        ("br;q=0.001", Some("br")),
        ("br;q=0.000", None),
        ("br;q=0, gzip", Some("gzip")),
        ("*", Some("zstd")),
        ("*;q=0.5, zstd;q=0", Some("br")),
        ("gzip, *;q=0", Some("gzip")),
        ("*;q=0", None),
        ("identity", None),
        ("identity;q=0", None),
        ("identity;q=0, gzip", Some("gzip")),
        ("identity;q=1, gzip;q=0.5", None),
        ("identity;q=0.5, gzip;q=0.5", Some("gzip")),
        ("identity, *;q=0", None),
        ("deflate, compress, dcb, x-unknown", None),
        ("", None),
        (",, ,gzip,,", Some("gzip")),
        // What cannot be read is not wanted.
        ("br;q=2, gzip;q=0.1", Some("gzip")),
        ("br;q=1.001", None),
        ("br;q=0.1234", None),
        ("br;q=-1", None),
        ("br;q=", None),
        ("br;q", None),
        ("br;level=4", None),
        ("br;q=0.5;q=1", None),
        ("br q=1", None),
        ("b r", None),
        ("br;q=one, *;q=0.1", Some("zstd")),
        ("br, br;q=0", None),
        ("\"br\"", None),
    ];
    for (accepts, coding) in cases {
        let answer = behind(Ask::get("/").header("accept-encoding", accepts), &plain(&[]));
        assert_eq!(answer.header("content-encoding"), coding, "{accepts}");
        assert_eq!(answer.header("vary"), Some("accept-encoding"), "{accepts}");
    }
    // Bytes that are no text, and more than any client sends.
    let answer = behind(Ask::get("/").header("accept-encoding", b"\xff\xfe, gzip"), &plain(&[]));
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
    // What is cut in two is not read as its first half.
    for (first, coding) in [("", None), ("br,", Some("br"))] {
        let cut = format!("{first}{}gzip;q=0", ",".repeat(1020 - first.len()));
        let answer = behind(Ask::get("/").header("accept-encoding", cut), &plain(&[]));
        assert_eq!(answer.header("content-encoding"), coding, "{first}");
    }
    let late = format!("{}gzip", ",".repeat(1 << 20));
    let answer = behind(Ask::get("/").header("accept-encoding", late), &plain(&[]));
    assert_eq!(answer.header("content-encoding"), None);
}

proptest! {
    #[test]
    fn whatever_a_client_says_it_gets_what_it_named_or_plain_text(
        parts in prop::collection::vec("(br|gzip|zstd|\\*|identity|[a-z;=, ]{0,6})(;q=[01](\\.[0-9]{0,4})?)?", 0..6)
    ) {
        let accepts = parts.join(",");
        let answer = behind(Ask::get("/").header("accept-encoding", &accepts), &plain(&[]));
        match answer.header("content-encoding") {
            None => prop_assert_eq!(answer.body, text()),
            Some(coding) => {
                prop_assert!(accepts.contains(coding) || accepts.contains('*'), "{}: {}", accepts, coding);
                let refused = accepts.split(',').any(|part| part.trim() == format!("{coding};q=0"));
                prop_assert!(!refused, "{}: {}", accepts, coding);
            }
        }
    }
}

#[test]
fn only_what_is_long_enough_and_known_to_be_text_is_coded() {
    let kinds = |kinds: &'static [&str]| kinds.iter().map(|kind| said(&[("content-type", *kind)]));
    for said in kinds(&[
        "text/html; charset=utf-8",
        "TEXT/HTML",
        "text/plain",
        "text/csv",
        "application/json",
        "application/problem+json",
        "application/xhtml+xml;charset=utf-8",
        "application/atom+xml",
        "application/javascript",
        "application/wasm",
        "image/svg+xml",
        "font/ttf",
    ]) {
        assert!(is_coded(&behind(br("/"), &said)), "{:?}", said.headers);
    }
    for said in kinds(&[
        "image/png",
        "image/jpeg",
        "video/mp4",
        "audio/ogg",
        "application/zip",
        "application/gzip",
        "application/pdf",
        "application/octet-stream",
        "font/woff2",
        "multipart/byteranges; boundary=x",
        "multipart/x-mixed-replace; boundary=x",
        "",
        "json",
    ]) {
        let answer = behind(br("/"), &said);
        assert!(!is_coded(&answer), "{:?}", said.headers);
        assert_eq!(answer.header("vary"), None, "{:?}", said.headers);
    }
    assert!(!is_coded(&behind(br("/"), &said(&[]))));
    let long = |bytes: usize| behind(br("/"), &plain(&[]).body("a".repeat(bytes)));
    assert_eq!(long(255).header("content-encoding"), None);
    assert_eq!(long(256).header("content-encoding"), Some("br"));
}

#[test]
fn what_is_bound_to_its_bytes_is_not_coded() {
    for header in [
        ("content-encoding", "gzip"),
        ("content-encoding", "identity"),
        ("content-digest", "sha-256=:AAAA:"),
        ("repr-digest", "sha-256=:AAAA:"),
        ("digest", "sha-256=AAAA"),
        ("content-md5", "AAAA"),
        ("signature-input", "sig=(\"content-digest\")"),
        ("cache-control", "no-transform"),
        ("cache-control", "max-age=60, No-Transform"),
    ] {
        let answer = behind(br("/"), &plain(&[header, ("etag", "\"1\"")]));
        assert_ne!(answer.header("content-encoding"), Some("br"), "{header:?}");
        assert_eq!(answer.body, text(), "{header:?}");
        assert_eq!((answer.header("etag"), answer.header("vary")), (Some("\"1\""), None));
    }
    // That is another directive.
    assert!(is_coded(&behind(br("/"), &plain(&[("cache-control", "x-no-transform=1")]))));
}

#[test]
fn h8_parts_are_never_compressed() {
    let part = [("content-range", "bytes 0-99/5000"), ("etag", "\"1\"")];
    let many = [("content-type", "multipart/byteranges; boundary=x")];
    for said in
        [plain(&part).status(206), plain(&[]).status(206), said(&many).status(206), plain(&part)]
    {
        let answer = behind(br("/"), &said);
        assert!(!is_coded(&answer), "{:?}", said.headers);
        assert_eq!(answer.status(), said.status);
    }
    for status in [204, 205, 304] {
        let answer = behind(br("/"), &plain(&[]).status(status).body(""));
        assert_eq!((answer.header("content-encoding"), answer.body.len()), (None, 0), "{status}");
    }
}

#[test]
fn h8_streams_are_never_compressed() {
    for kind in [
        "text/event-stream",
        "text/event-stream; charset=utf-8",
        "Text/Event-Stream",
        "application/x-ndjson",
        "application/jsonl",
        "application/json-seq",
        "application/stream+json",
        "application/grpc",
        "application/grpc+json",
        "application/grpc-web+json",
    ] {
        assert!(!is_coded(&behind(br("/"), &said(&[("content-type", kind)]))), "{kind}");
    }
    // Whatever its handler calls it, a route that was declared a stream is one.
    let context = context();
    context.learn_route(Route::new("/logs", Access::Public).with_tags([RouteTag::STREAM]));
    assert!(!is_coded(&behind(br("/logs").context(&context), &plain(&[]))));
}

#[test]
fn a_coded_answer_has_a_weak_tag_and_says_no_more_about_its_bytes() {
    let said = plain(&[("etag", "\"v1\""), ("accept-ranges", "bytes"), ("content-length", "1100")]);
    let answer = behind(br("/"), &said);
    assert_eq!(answer.header("etag"), Some("W/\"v1\""));
    assert_eq!((answer.header("accept-ranges"), answer.header("content-length")), (None, None));
    let uncoded = behind(Ask::get("/"), &said);
    assert_eq!(uncoded.header("etag"), Some("\"v1\""));
    assert_eq!(uncoded.header("accept-ranges"), Some("bytes"));
    assert_eq!(uncoded.header("vary"), Some("accept-encoding"));
    let weak = behind(br("/"), &plain(&[("etag", "W/\"v1\"")]));
    assert_eq!(weak.header("etag"), Some("W/\"v1\""));
}

#[test]
fn a_304_speaks_of_the_answer_that_the_client_has() {
    let unchanged = said(&[("etag", "\"v1\"")]).status(304).body("");
    let known = |tag: &str| behind(br("/").header("if-none-match", tag), &unchanged);
    for (tag, told) in
        [("W/\"v1\"", "W/\"v1\""), ("\"v0\", W/\"v1\"", "W/\"v1\""), ("\"v1\"", "\"v1\"")]
    {
        let answer = known(tag);
        assert_eq!((answer.status(), answer.header("etag")), (304, Some(told)), "{tag}");
        assert_eq!(answer.header("vary"), Some("accept-encoding"));
        assert_eq!(answer.header("content-encoding"), None);
    }
}

#[test]
fn head_is_told_what_get_would_be() {
    let long = [("content-length", "1100"), ("etag", "\"v1\""), ("accept-ranges", "bytes")];
    let head = |headers: &[_], body: &'static str| {
        let ask = Ask::method(Method::HEAD, "/").header("accept-encoding", "br");
        behind(ask, &plain(headers).body(body))
    };
    let whole = "a handler that does not care for the method".repeat(20);
    for body in ["", Box::leak(whole.into_boxed_str())] {
        let (head, get) = (head(&long, body), behind(br("/"), &plain(&long)));
        assert_eq!(head.head.headers, get.head.headers);
        assert!(head.body.is_empty());
    }
    // Nobody made it to tell its length.
    let (unknown, get) = (head(&long[1..], ""), behind(br("/"), &plain(&long[1..])));
    assert_eq!(unknown.head.headers, get.head.headers);
    let made = head(&[], "short");
    assert_eq!((made.header("content-encoding"), made.header("vary")), (None, None));
    // What GET would not get coded.
    let short = head(&[("content-length", "10")], "");
    assert_eq!(
        (short.header("content-encoding"), short.header("content-length")),
        (None, Some("10"))
    );
}

#[test]
fn what_a_handler_says_it_varies_by_is_kept() {
    for (vary, told) in [
        ("cookie", "cookie, accept-encoding"),
        ("Accept-Encoding", "Accept-Encoding"),
        ("x-accept-encoding", "x-accept-encoding, accept-encoding"),
        ("*", "*"),
    ] {
        for ask in [br("/"), Ask::get("/")] {
            let answer = behind(ask, &plain(&[("vary", vary)]));
            let lines: Vec<_> = answer.head.headers.get_all("vary").iter().collect();
            assert_eq!(lines, [told]);
        }
    }
}

#[test]
fn an_answer_that_is_not_coded_carries_no_encoder() {
    let (bare, ours) = (size_of::<Body>(), size_of::<CompressionBody<Body>>());
    assert!(ours <= bare + 16, "{ours} bytes for a body of {bare}");
}
