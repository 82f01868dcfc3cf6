//! Bodies that come bit by bit, coded (threat H8).

use std::{
    collections::VecDeque,
    convert::Infallible,
    future::ready,
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body::{Body as _, Frame};
use palisade::Compression;
use palisade_test_support::{Ask, Body};
use tower::service_fn;
use tower_http::decompression::Decompression;
use tower_layer::Layer;

use crate::said::{plain, text};

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
    let mut body = Some(Slow { frames: frames.into(), ends });
    let answer =
        |_: Request<Body>| ready(Ok::<_, Infallible>(plain(&[]).answer(body.take().unwrap())));
    let mut compressed = Compression::default().layer().layer(service_fn(answer));
    let answer = Ask::get("/").header("accept-encoding", coding).send(&mut compressed);
    assert_eq!(answer.headers()["content-encoding"], coding);
    let mut answer = Some(answer);
    let given = |_: Request<Body>| ready(Ok::<_, Infallible>(answer.take().unwrap()));
    let answer = Ask::get("/").send(&mut Decompression::new(service_fn(given)));
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
