//! Bodies of requests behind the whole stack: how large, how coded, how slow.

use std::{
    convert::Infallible,
    io::Write,
    pin::{Pin, pin},
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
    time::Duration,
};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{Request, Response, Version, header};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full, StreamBody, combinators::UnsyncBoxBody};
use palisade::{
    LimitedBody, Patience, RequestCodings, Stack, Timer,
    authn_jwt::{Issuer, Keys, OptionalAuth, Verifier},
    core::{BoxFuture, Clock, ManualClock, Moment, PeerAddr, RouteTag},
    ratelimit::Scope,
    route_registry::{Declare, Registry},
};
use palisade_test_support::SecurityLog;
use proptest::prelude::*;
use serde_json::Value;
use tower::{Service, service_fn};
use tower_layer::Layer;

/// A body that comes as a test says, and never ends.
#[derive(Clone, Default)]
pub(crate) struct Slow(pub(crate) Arc<Mutex<Vec<Bytes>>>);

/// A body of any kind.
pub(crate) type AnyBody = UnsyncBoxBody<Bytes, Infallible>;

/// Times that pass when a test says so.
struct ByHand(Clock);

/// An answer with its body.
pub(crate) struct Answer {
    pub(crate) head: http::response::Parts,
    pub(crate) body: Vec<u8>,
}

impl Body for Slow {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let mut left = self.0.lock().unwrap();
        match left.pop() {
            Some(chunk) => Poll::Ready(Some(Ok(Frame::data(chunk)))),
            None => Poll::Pending,
        }
    }
}

impl Timer for ByHand {
    fn after(&self, time: Duration) -> BoxFuture<()> {
        let (clock, start): (Clock, Moment) = (self.0.clone(), self.0.now());
        Box::pin(std::future::poll_fn(move |_| {
            if clock.since(start) >= time { Poll::Ready(()) } else { Poll::Pending }
        }))
    }
}

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.head.status.as_u16()
    }

    pub(crate) fn code(&self) -> String {
        let problem: Value = serde_json::from_slice(&self.body).unwrap();
        problem["code"].as_str().unwrap().to_owned()
    }
}

pub(crate) fn stack() -> Stack {
    let routes = Registry::builder()
        .public("/upload")
        .public("/import")
        .declare(Declare::public("/hook").tag(RouteTag::new("small")))
        .declare(Declare::public("/stream").tag(RouteTag::STREAM))
        .declare(Declare::public("/feed").tag(RouteTag::STREAM))
        .build()
        .unwrap();
    let keys = Keys::hs256(b"a test secret of thirty-two bytes or more").unwrap();
    let auth =
        OptionalAuth::new(Verifier::new(Issuer::new("test", keys).audience("test")).unwrap());
    Stack::new(routes, auth)
        .body_limit(1000)
        .body_limit_for(Scope::routes(["/import"]), 100_000)
        .body_limit_for(Scope::Tagged(RouteTag::new("small")), 10)
}

/// A handler that reads all, and answers 200 with what it read, whatever came of it.
pub(crate) async fn reads<B>(
    request: Request<LimitedBody<B>>,
) -> Result<Response<Full<Bytes>>, Infallible>
where
    B: Body<Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
{
    let coded = request.headers().contains_key(header::CONTENT_ENCODING);
    let counted = request.headers().contains_key(header::CONTENT_LENGTH);
    let body = request.into_body().collect().await;
    let body = body.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    Ok(Response::builder()
        .header("x-coded", coded.to_string())
        .header("x-counted", counted.to_string())
        .body(Full::new(body))
        .unwrap())
}

pub(crate) fn post<B>(path: &str, body: B) -> Request<B> {
    let mut request = Request::post(path).header("host", "x").body(body).unwrap();
    let peer = PeerAddr("192.0.2.1:4000".parse().unwrap());
    request.extensions_mut().insert(peer);
    request
}

pub(crate) fn send<B>(stack: Stack, request: Request<B>) -> Answer
where
    B: Body<Error: Into<Box<dyn std::error::Error + Send + Sync>>>,
{
    let mut service = palisade::stack(stack).layer(service_fn(reads::<B>));
    let mut cx = Context::from_waker(Waker::noop());
    let Poll::Ready(answer) = pin!(service.call(request)).poll(&mut cx) else { panic!("it waits") };
    read(answer.unwrap())
}

pub(crate) fn read(answer: Response<impl Body<Data = Bytes, Error: std::fmt::Debug>>) -> Answer {
    let (head, body) = answer.into_parts();
    let mut cx = Context::from_waker(Waker::noop());
    match pin!(body.collect()).poll(&mut cx) {
        Poll::Ready(body) => Answer { head, body: body.unwrap().to_bytes().to_vec() },
        Poll::Pending => panic!("the body waits"),
    }
}

/// A body without a length.
pub(crate) fn streamed(
    bytes: impl AsRef<[u8]>,
    chunk: usize,
) -> impl Body<Data = Bytes, Error = Infallible> {
    let bytes = bytes.as_ref();
    let chunks: Vec<_> = bytes.chunks(chunk.max(1)).map(Bytes::copy_from_slice).collect();
    StreamBody::new(futures_util::stream::iter(chunks.into_iter().map(|c| Ok(Frame::data(c)))))
}

pub(crate) fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn coded<B>(path: &str, coding: &str, body: B) -> Request<B> {
    let mut request = post(path, body);
    request.headers_mut().insert(header::CONTENT_ENCODING, coding.parse().unwrap());
    request
}

#[test]
fn a_route_has_a_limit_of_its_own_and_the_others_keep_theirs() {
    for (path, limit) in [("/upload", 1000), ("/import", 100_000), ("/hook", 10), ("/Import", 1000)]
    {
        for (length, status) in [(limit, 200), (limit + 1, 413)] {
            let body = vec![b'x'; length];
            let expected = if path == "/Import" { 401 } else { status };
            let answer = send(stack(), post(path, streamed(&body, 600)));
            assert_eq!(answer.status(), expected, "{path} {length}, streamed");
            let mut declared = post(path, Full::new(Bytes::from(body)));
            declared.headers_mut().insert(header::CONTENT_LENGTH, length.into());
            let answer = send(stack(), declared);
            assert_eq!(answer.status(), expected, "{path} {length}, declared");
            if expected == 413 {
                assert_eq!(answer.code(), "content-too-large");
                assert_eq!(answer.head.headers["connection"], "close");
                assert!(String::from_utf8_lossy(&answer.body).contains(&limit.to_string()));
            }
        }
    }
}

#[test]
fn a_handler_that_does_not_mind_a_broken_body_is_not_believed() {
    // It answers 200 to whatever it could read.
    let answer = send(stack(), post("/upload", streamed([b'x'; 1001], 100)));
    assert_eq!((answer.status(), &*answer.code()), (413, "content-too-large"));
    assert!(answer.head.headers.contains_key("x-request-id"));
}

#[test]
fn http_2_has_no_connection_header() {
    for body in [1001, 5000] {
        let mut request = post("/upload", streamed(vec![b'x'; body], 100));
        *request.version_mut() = Version::HTTP_2;
        let answer = send(stack(), request);
        assert_eq!(answer.status(), 413);
        assert!(!answer.head.headers.contains_key("connection"));
    }
    let mut declared = post("/upload", Full::new(Bytes::from_static(b"x")));
    *declared.version_mut() = Version::HTTP_2;
    declared.headers_mut().insert(header::CONTENT_LENGTH, 5000.into());
    let answer = send(stack(), declared);
    assert_eq!(answer.status(), 413);
    assert!(!answer.head.headers.contains_key("connection"));
}

#[test]
fn a_body_that_broke_off_is_logged_once_also_where_the_answer_had_begun() {
    let log = SecurityLog::start();
    let kept = Arc::new(Mutex::new(None));
    let keeps = Arc::clone(&kept);
    let handler = service_fn(move |request: Request<LimitedBody<AnyBody>>| {
        *keeps.lock().unwrap() = Some(request.into_body());
        std::future::ready(Ok::<_, Infallible>(Response::new(Full::new(Bytes::new()))))
    });
    let mut service = palisade::stack(stack()).layer(handler);
    let mut cx = Context::from_waker(Waker::noop());
    let body = streamed([b'x'; 2000], 100).boxed_unsync();
    let answer = pin!(service.call(post("/upload", body))).poll(&mut cx);
    let Poll::Ready(answer) = answer else { panic!("it waits") };
    assert_eq!(answer.unwrap().status(), 200);
    assert!(log.of("body.refused").is_empty(), "nothing was read");
    let body = kept.lock().unwrap().take().unwrap();
    assert!(matches!(pin!(body.collect()).poll(&mut cx), Poll::Ready(Err(_))));
    let lines = log.of("body.refused");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("content-too-large") && lines[0].contains("192.0.2.1"), "{lines:?}");
    assert!(!lines[0].contains("status="), "nobody was told: {lines:?}");
    assert_eq!(send(stack(), post("/upload", streamed([b'x'; 2000], 100))).status(), 413);
    let lines = log.of("body.refused");
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[1].contains("status=413"), "{lines:?}");
}

#[test]
fn a_stream_is_not_hurried_and_a_route_may_have_a_patience_of_its_own() {
    let patience = |seconds| Patience::new(Duration::from_secs(seconds), 100);
    for (path, lasts) in [
        ("/upload", Some(10)),
        ("/import", Some(30)),
        ("/hook", None),
        ("/stream", None),
        ("/feed", Some(20)),
    ] {
        let time = ManualClock::new();
        let stack = stack()
            .clock(time.clock())
            .body_patience_for(Scope::routes(["/import"]), Some(patience(30)))
            .body_patience_for(Scope::Tagged(RouteTag::new("small")), None)
            .body_patience_for(Scope::routes(["/feed"]), Some(patience(20)))
            .body_patience(patience(10), ByHand(time.clock()));
        let mut service = palisade::stack(stack).layer(service_fn(reads::<Slow>));
        let mut answer = pin!(service.call(post(path, Slow::default())));
        let mut cx = Context::from_waker(Waker::noop());
        assert!(answer.as_mut().poll(&mut cx).is_pending());
        let ended = (1..100_u32).find(|_| {
            time.advance(Duration::from_secs(1));
            answer.as_mut().poll(&mut cx).is_ready()
        });
        assert_eq!(ended, lasts, "{path}");
    }
}

#[test]
fn h10_a_body_that_trickles_is_408_and_one_that_is_slow_but_steady_is_not() {
    // Ten seconds, and one more for each hundred bytes.
    for (chunk, every, lasts) in [(100, 1, true), (900, 9, true), (10, 1, false), (50, 5, false)] {
        let time = ManualClock::new();
        let patience = Patience::new(Duration::from_secs(10), 100);
        let stack = stack()
            .body_limit(100_000)
            .clock(time.clock())
            .body_patience(patience, ByHand(time.clock()));
        let body = Slow::default();
        let mut service = palisade::stack(stack).layer(service_fn(reads::<Slow>));
        let mut answer = pin!(service.call(post("/upload", body.clone())));
        let mut cx = Context::from_waker(Waker::noop());
        let waited = (0..50).find_map(|chunks| {
            let polled = answer.as_mut().poll(&mut cx);
            time.advance(Duration::from_secs(every));
            let polled = if polled.is_pending() { answer.as_mut().poll(&mut cx) } else { polled };
            body.0.lock().unwrap().push(Bytes::from(vec![b'x'; chunk]));
            if let Poll::Ready(answer) = polled { Some((chunks, answer)) } else { None }
        });
        if lasts {
            assert!(waited.is_none(), "{chunk} bytes every {every} s are enough");
            continue;
        }
        let (chunks, answer) = waited.expect("it is not waited for, for ever");
        // Of every second of waiting, ten bytes earn a tenth back.
        assert!((10..=12).contains(&(chunks * every)), "{chunks} chunks");
        let answer = read(answer.unwrap());
        assert_eq!((answer.status(), &*answer.code()), (408, "request-timeout"));
        assert_eq!(answer.head.headers["connection"], "close");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the pieces, what comes out is what went in.
    #[test]
    fn a_gzip_in_any_pieces_is_unpacked(plain in proptest::collection::vec(any::<u8>(), 0..900), chunk in 1..200_usize) {
        let stack = stack().request_codings(RequestCodings::gzip(1000));
        let answer = send(stack, coded("/upload", "gzip", streamed(gzip(&plain), chunk)));
        prop_assert_eq!(answer.status(), 200);
        prop_assert_eq!(answer.body, plain);
    }

    /// Nothing but a whole gzip within the limit is ever handed on as a whole.
    #[test]
    fn any_bytes_are_an_answer_and_no_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..300), is_gzip in any::<bool>(), chunk in 1..50_usize) {
        if is_gzip {
            bytes.splice(0..0, gzip(b"x").into_iter().take(10));
        }
        let stack = stack().request_codings(RequestCodings::gzip(1000));
        let answer = send(stack, coded("/upload", "gzip", streamed(&bytes, chunk)));
        prop_assert!(matches!(answer.status(), 200 | 400 | 413));
        prop_assert!(answer.status() != 200 || answer.body.len() <= 1000);
    }

    /// Who moves the least rate or more is waited for, for ever; who moves nothing is waited for as long as the grace.
    #[test]
    fn patience_lasts_for_who_moves_enough(rate in 1..10_000_u32, steps in proptest::collection::vec(1..20_u32, 1..200)) {
        let grace = Duration::from_secs(20);
        let mut patience = Patience::new(grace, rate);
        for seconds in &steps {
            patience.waited(Duration::from_secs((*seconds).into()));
            patience.moved(usize::try_from(seconds * rate).unwrap());
            prop_assert_eq!(patience.left(), grace);
        }
        let mut waited = Duration::ZERO;
        for seconds in steps {
            patience.waited(Duration::from_secs(seconds.into()));
            waited += Duration::from_secs(seconds.into());
            prop_assert_eq!(patience.left(), grace.saturating_sub(waited));
        }
    }
}
