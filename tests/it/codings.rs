//! Which answers are coded, and how: what a client accepts never changes what became of its request (threat H8).

use std::{
    collections::VecDeque,
    convert::Infallible,
    future::ready,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use http::{Extensions, HeaderMap, Method, Request, Response};
use http_body::{Body as _, Frame};
use palisade::{
    Compression, CompressionBody, HoldsNoSecret, NeverCompress,
    core::{Access, Identity, IdentityKind, Route, RouteTag},
};
use palisade_test_support::{Ask, Body, context};
use proptest::prelude::*;
use tower::service_fn;
use tower_http::decompression::Decompression;
use tower_layer::Layer;

use crate::site::{Answer, DONE, Site, read};

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

/// What a handler says.
#[derive(Clone)]
struct Said {
    status: u16,
    headers: Vec<(&'static str, &'static str)>,
    extensions: Extensions,
    body: Bytes,
}

/// Long enough to be worth a coding.
fn text() -> Bytes {
    Bytes::from("All that is written twice is shorter when it is coded. ".repeat(20))
}

fn said(headers: &[(&'static str, &'static str)]) -> Said {
    Said { status: 200, headers: headers.to_vec(), extensions: Extensions::new(), body: text() }
}

/// A text.
fn plain(headers: &[(&'static str, &'static str)]) -> Said {
    said(&[&[("content-type", "text/plain")], headers].concat())
}

impl Said {
    fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    fn extension<T: Clone + Send + Sync + 'static>(mut self, value: T) -> Self {
        self.extensions.insert(value);
        self
    }

    fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    fn answer<B>(&self, body: B) -> Response<B> {
        let answer = Response::builder().status(self.status);
        let headers = self.headers.iter();
        let answer = headers.fold(answer, |answer, (name, value)| answer.header(*name, *value));
        let mut answer = answer.body(body).unwrap();
        *answer.extensions_mut() = self.extensions.clone();
        answer
    }
}

/// Compression alone, in front of a handler that says this.
fn behind(ask: Ask, said: &Said) -> Answer {
    let answer =
        |_: Request<Body>| ready(Ok::<_, Infallible>(said.answer(Body::from(said.body.clone()))));
    read(ask.send(&mut Compression::default().layer().layer(service_fn(answer))))
}

/// Asks for brotli.
fn br(target: &str) -> Ask {
    Ask::get(target).header("accept-encoding", "br")
}

fn is_coded(answer: &Answer) -> bool {
    let coded = answer.header("content-encoding") == Some("br");
    assert_eq!(coded, answer.body != text(), "{answer:?}");
    coded
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

/// Says something, and then waits for ever, or ends with trailers.
#[derive(Default)]
struct Slow {
    frames: VecDeque<Frame<Bytes>>,
    ends: bool,
}

impl http_body::Body for Slow {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.frames.pop_front() {
            Some(frame) => Poll::Ready(Some(Ok(frame))),
            None if self.ends => Poll::Ready(None),
            None => Poll::Pending,
        }
    }
}

/// What a client has of a slow answer, decoded, while its handler waits; and the trailers.
fn arrives(coding: &str, frames: Vec<Frame<Bytes>>, ends: bool) -> (Vec<u8>, Option<HeaderMap>) {
    let mut frames = Some(frames);
    let answer = |_: Request<Body>| {
        let body = Slow { frames: frames.take().unwrap().into(), ends };
        ready(Ok::<_, Infallible>(plain(&[]).answer(body)))
    };
    let compressed = Compression::default().layer().layer(service_fn(answer));
    let answer =
        Ask::get("/").header("accept-encoding", coding).send(&mut Decompression::new(compressed));
    let mut body = pin!(answer.into_body());
    let mut cx = Context::from_waker(Waker::noop());
    let (mut data, mut trailers) = (Vec::new(), None);
    while let Poll::Ready(Some(frame)) = body.as_mut().poll_frame(&mut cx) {
        match frame.unwrap().into_data() {
            Ok(bytes) => data.extend(bytes),
            Err(frame) => trailers = frame.into_trailers().ok(),
        }
    }
    (data, trailers)
}

#[test]
fn h8_what_was_written_is_not_stuck_in_the_encoder() {
    for coding in ["br", "zstd", "gzip"] {
        let first = Bytes::from_static(b"{\"first\":\"line\"}\n");
        let (data, _) = arrives(coding, vec![Frame::data(first.clone())], false);
        assert_eq!(data, first, "{coding}");
        let several = vec![Frame::data(first.clone()), Frame::data(text()), Frame::data(first)];
        assert_eq!(arrives(coding, several, false).0.len(), 17 + text().len() + 17, "{coding}");
    }
}

#[test]
fn trailers_arrive_behind_a_coded_body() {
    for coding in ["br", "zstd", "gzip"] {
        let mut trailers = HeaderMap::new();
        trailers.insert("x-checksum", "4711".parse().unwrap());
        let frames = vec![Frame::data(text()), Frame::trailers(trailers.clone())];
        assert_eq!(arrives(coding, frames, true), (text().to_vec(), Some(trailers)), "{coding}");
    }
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

/// Whether an answer to such a request is coded if its handler says nothing of it.
fn cases() -> Vec<(&'static str, Ask, bool)> {
    let site = |ask: Ask, site: &str| ask.header("sec-fetch-site", site);
    let cookie = |target| br(target).header("cookie", "lang=en; session=4711");
    let post = || Ask::method(Method::POST, "/x").header("accept-encoding", "br");
    let known = || {
        let context = context();
        context.learn_identity(Identity::new("alice", IdentityKind::Jwt));
        br("/x").context(&context)
    };
    vec![
        ("anybody", br("/x"), true),
        ("anybody who asks something", br("/x?q=1"), true),
        ("anybody who sends something", post(), true),
        ("a token", br("/x").bearer("t"), true),
        ("a token from another site's page", site(br("/x").bearer("t"), "cross-site"), true),
        ("a token and a query", br("/x?q=1").bearer("t"), false),
        ("a token and an empty query", br("/x?").bearer("t"), false),
        ("a token and a body", post().bearer("t"), false),
        (
            "a token and a query from our own page",
            site(br("/x?q=1").bearer("t"), "same-origin"),
            false,
        ),
        ("a key", br("/x").header("x-api-key", "k"), true),
        ("a key and a query", br("/x?q=1").header("x-api-key", "k"), false),
        ("a password", br("/x").header("authorization", "Basic YTpi"), false),
        (
            "a password from our own page",
            site(br("/x").header("authorization", "Basic YTpi"), "same-origin"),
            true,
        ),
        ("a cookie", cookie("/x"), false),
        ("a cookie from our own page", site(cookie("/x"), "same-origin"), true),
        ("a cookie from the address bar", site(cookie("/x"), "none"), true),
        ("a cookie from another site's page", site(cookie("/x"), "cross-site"), false),
        ("a cookie from a sister's page", site(cookie("/x"), "same-site"), false),
        ("a cookie and a query from our own page", site(cookie("/x?q=1"), "same-origin"), false),
        (
            "a cookie in a second line",
            br("/x").header("cookie", "pm_sid=1").header("cookie", "s=1"),
            false,
        ),
        ("a visit", br("/x?q=1").header("cookie", "pm_sid=4711"), true),
        ("a visit by TLS", br("/x?q=1").header("cookie", "__Host-pm_sid=4711; "), true),
        ("a cookie that begins like a visit", br("/x").header("cookie", "pm_sid2=1"), false),
        ("a cookie without a name", br("/x").header("cookie", "=secret"), true),
        ("somebody known by other means", known(), false),
        ("the same on our own page", site(known(), "same-origin"), true),
    ]
}

#[test]
fn h8_a_secret_is_not_compressed_beside_what_somebody_else_may_have_put_there() {
    for (who, ask, coded) in cases() {
        let answer = behind(ask, &plain(&[]));
        assert_eq!(is_coded(&answer), coded, "{who}");
        // Somebody else's is.
        assert_eq!(answer.header("vary"), Some("accept-encoding"), "{who}");
    }
}

#[test]
fn h8_the_handler_knows_better_what_is_secret() {
    for (who, ask, _) in cases() {
        assert!(
            is_coded(&behind(ask, &plain(&[("cache-control", "max-age=60, public")]))),
            "{who}"
        );
    }
    for (who, ask, _) in cases() {
        assert!(is_coded(&behind(ask, &plain(&[]).extension(HoldsNoSecret))), "{who}");
    }
    let never = plain(&[("cache-control", "public")]).extension(HoldsNoSecret);
    for (who, ask, _) in cases() {
        assert!(!is_coded(&behind(ask, &never.clone().extension(NeverCompress))), "{who}");
    }
    let context = context();
    context.learn_route(Route::new("/inbox", Access::Public).with_tags([NeverCompress::TAG]));
    assert!(!is_coded(&behind(br("/inbox").context(&context), &plain(&[]))));
}

#[test]
fn h8_in_the_whole_stack_a_token_and_a_body_keep_the_answer_plain() {
    let site = Site::new();
    let alice = site.token("alice", &["admin"]);
    let ask = |ask: Ask| {
        site.time.advance(std::time::Duration::from_secs(61));
        site.ask(ask.bearer(&alice).header("accept-encoding", "br"))
    };
    let order = ask(Ask::method(Method::POST, "/api/admin/bans"));
    assert_eq!((order.status(), order.header("content-encoding")), (200, None));
    assert_eq!(order.header("vary"), Some("accept-encoding, origin"));
    let book = ask(Ask::get("/api/admin/bans"));
    assert_eq!((book.status(), book.header("content-encoding")), (200, Some("br")));
    assert_eq!(ask(Ask::get("/api/admin/bans?who=a")).header("content-encoding"), None);
}
