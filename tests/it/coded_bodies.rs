//! Bodies of requests that are coded: refused, or unpacked within bounds (threat H8).

use std::{
    convert::Infallible,
    io::Write,
    pin::pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, Request, Response, header};
use http_body::Frame;
use http_body_util::{BodyExt, Full, StreamBody};
use palisade::{LimitedBody, RequestCodings};
use tower::{Service, service_fn};
use tower_layer::Layer;

use crate::request_bodies::{AnyBody, Slow, coded, gzip, read, send, stack, streamed};

#[test]
fn a_coded_body_is_415_unless_it_is_to_be_unpacked() {
    let packed = gzip(b"hello");
    for coding in ["gzip", "br", "gzip, gzip", "x"] {
        let answer = send(stack(), coded("/upload", coding, streamed(&packed, 9)));
        assert_eq!((answer.status(), &*answer.code()), (415, "unsupported-content-coding"));
        assert_eq!(answer.head.headers["accept-encoding"], "identity");
    }
    let unpacks = || stack().request_codings(RequestCodings::gzip(100));
    let answer = send(unpacks(), coded("/upload", "gzip", streamed(&packed, 9)));
    assert_eq!((answer.status(), &*answer.body), (200, &b"hello"[..]));
    assert_eq!(answer.head.headers["x-coded"], "false", "it is no longer coded");
    let mut twice = coded("/upload", "gzip", streamed(gzip(&packed), 9));
    twice.headers_mut().append(header::CONTENT_ENCODING, "gzip".parse().unwrap());
    assert_eq!(send(unpacks(), twice).status(), 415, "in two lines");
    let passes = stack().request_codings(RequestCodings::dangerous_passed_on());
    let answer = send(passes, coded("/upload", "gzip", streamed(&packed, 9)));
    assert_eq!(
        (&*answer.body, &answer.head.headers["x-coded"]),
        (&*packed, &"true".parse().unwrap())
    );
}

#[test]
fn what_is_unpacked_has_no_length_any_more() {
    let packed = gzip(b"hello");
    let mut request = coded("/upload", "gzip", Full::new(Bytes::from(packed.clone())));
    request.headers_mut().insert(header::CONTENT_LENGTH, packed.len().into());
    let answer = send(stack().request_codings(RequestCodings::gzip(100)), request);
    assert_eq!((answer.status(), &*answer.body), (200, &b"hello"[..]));
    assert_eq!(answer.head.headers["x-counted"], "false");
}

#[test]
fn h8_a_bomb_is_refused_by_its_size_and_by_its_ratio() {
    let send_with = |ratio, path, plain: usize| {
        let stack = stack().request_codings(RequestCodings::gzip(ratio));
        send(stack, coded(path, "gzip", streamed(gzip(&vec![0; plain]), 50)))
    };
    assert_eq!(send_with(1000, "/upload", 1000).status(), 200);
    assert_eq!(send_with(1000, "/upload", 1001).code(), "content-too-large");
    // The first 64 KiB are free: 20 ratios of a small body say nothing.
    assert_eq!(send_with(20, "/import", 60_000).status(), 200);
    let answer = send_with(20, "/import", 99_000);
    assert_eq!((answer.status(), &*answer.code()), (413, "content-too-large.ratio"));
}

#[test]
fn h8_a_gzip_that_becomes_nothing_is_cut_at_the_limit_too() {
    // Empty blocks (RFC 1951 section 3.2.4), between a head, and an end with the sum of nothing (RFC 1952 section 2.3).
    let empty = |blocks| {
        let head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
        [&head[..], &[0, 0, 0, 0xff, 0xff].repeat(blocks), &[3, 0], &[0; 8]].concat()
    };
    for (path, blocks, status) in [
        ("/upload", 190, 200),
        ("/upload", 200, 413),
        ("/import", 200, 200),
        ("/import", 1 << 16, 413),
    ] {
        let stack = stack().request_codings(RequestCodings::gzip(100));
        let answer = send(stack, coded(path, "gzip", streamed(empty(blocks), 600)));
        assert_eq!(answer.status(), status, "{path}: {blocks}");
        if status == 413 {
            assert_eq!(answer.code(), "content-too-large");
        }
    }
}

#[test]
fn what_came_of_a_gzip_is_handed_on_before_more_is_waited_for() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(b"hello").unwrap();
    encoder.flush().unwrap();
    let body = Slow(Arc::new(Mutex::new(vec![encoder.get_ref().clone().into()])));
    let first = |request: Request<LimitedBody<Slow>>| async move {
        let frame = request.into_body().frame().await.unwrap().unwrap();
        Ok::<_, Infallible>(Response::new(Full::new(frame.into_data().unwrap())))
    };
    let stack = stack().request_codings(RequestCodings::gzip(100));
    let mut service = palisade::stack(stack).layer(service_fn(first));
    let mut cx = Context::from_waker(Waker::noop());
    let answer = pin!(service.call(coded("/upload", "gzip", body))).poll(&mut cx);
    let Poll::Ready(answer) = answer else { panic!("it waits") };
    assert_eq!(read(answer.unwrap()).body, b"hello");
}

/// What a handler is given of these frames, in their order.
fn given(packed: Vec<u8>) -> (u16, Vec<String>) {
    let mut trailers = HeaderMap::new();
    trailers.insert("x-sum", "1".parse().unwrap());
    let frames = [Frame::data(Bytes::from(packed)), Frame::trailers(trailers)];
    let body = StreamBody::new(futures_util::stream::iter(frames.map(Ok))).boxed_unsync();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sees = Arc::clone(&seen);
    let handler = service_fn(move |request: Request<LimitedBody<AnyBody>>| {
        let sees = Arc::clone(&sees);
        async move {
            let mut body = request.into_body();
            while let Some(frame) = body.frame().await {
                let what = match frame.map(Frame::into_data) {
                    Ok(Ok(data)) => String::from_utf8_lossy(&data).into_owned(),
                    Ok(Err(_)) => "trailers".to_owned(),
                    Err(error) => error.to_string(),
                };
                sees.lock().unwrap().push(what);
            }
            Ok::<_, Infallible>(Response::new(Full::new(Bytes::new())))
        }
    });
    let stack = stack().request_codings(RequestCodings::gzip(100));
    let mut service = palisade::stack(stack).layer(handler);
    let mut cx = Context::from_waker(Waker::noop());
    let answer = pin!(service.call(coded("/upload", "gzip", body))).poll(&mut cx);
    let Poll::Ready(answer) = answer else { panic!("it waits") };
    let status = read(answer.unwrap()).status();
    let seen = seen.lock().unwrap().clone();
    (status, seen)
}

#[test]
fn trailers_come_behind_all_of_a_gzip_and_only_if_it_is_whole() {
    let whole = gzip(b"hello");
    assert_eq!(given(whole.clone()), (200, vec!["hello".to_owned(), "trailers".to_owned()]));
    let mut wrong = whole.clone();
    *wrong.last_mut().unwrap() ^= 1;
    for broken in [wrong, whole[..whole.len() - 1].to_vec()] {
        let (status, seen) = given(broken);
        assert_eq!(status, 400);
        assert_eq!(seen, ["hello", "the body is no whole gzip"]);
    }
}

#[test]
fn what_is_no_whole_gzip_is_400() {
    let packed = gzip(b"hello, hello, hello");
    let behind = [&packed[..], b"x"].concat();
    let mut wrong = packed.clone();
    *wrong.last_mut().unwrap() ^= 1;
    for body in [&packed[..packed.len() - 1], &packed[..12], &behind, &wrong, b"hello", b"\x1f"] {
        for chunk in [1, 7, 1000] {
            let stack = stack().request_codings(RequestCodings::gzip(100));
            let answer = send(stack, coded("/upload", "gzip", streamed(body, chunk)));
            let found = (answer.status(), answer.code());
            assert_eq!(found, (400, "malformed-content.gzip".to_owned()), "{body:x?} by {chunk}");
        }
    }
}
