//! The body that is handed out.

use std::{
    convert::Infallible,
    future::ready,
    pin::{Pin, pin},
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use bytes::{Buf, Bytes};
use http::{HeaderMap, Method, Request, Response, header};
use http_body::{Body, Frame, SizeHint};
use palisade_core::{
    AtEnd, Code, End, Ended, FollowLayer, Rejection, RejectionKind, SecurityContext,
};
use palisade_problem::{ProblemBody, ProblemLayer};
use palisade_test_support::{Ask, context};
use tower::{Layer, service_fn};

/// A body of another data type, with trailers, that says nothing of its length.
#[derive(Default)]
struct Odd(u8);

struct OddData(Bytes);

impl From<Bytes> for OddData {
    fn from(bytes: Bytes) -> Self {
        Self(bytes)
    }
}

impl Buf for OddData {
    fn remaining(&self) -> usize {
        self.0.remaining()
    }
    fn chunk(&self) -> &[u8] {
        self.0.chunk()
    }
    fn advance(&mut self, count: usize) {
        self.0.advance(count);
    }
}

impl Body for Odd {
    type Data = OddData;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<OddData>, Infallible>>> {
        self.0 += 1;
        Poll::Ready(match self.0 {
            1 => Some(Ok(Frame::data(OddData(Bytes::from_static(b"odd"))))),
            2 => Some(Ok(Frame::trailers(HeaderMap::new()))),
            _ => None,
        })
    }
}

fn frames(body: ProblemBody<Odd>) -> Vec<String> {
    let mut body = pin!(body);
    let mut frames = Vec::new();
    while let Poll::Ready(Some(Ok(frame))) =
        body.as_mut().poll_frame(&mut Context::from_waker(Waker::noop()))
    {
        frames.push(match frame.into_data() {
            Ok(data) => String::from_utf8(data.chunk().to_vec()).unwrap(),
            Err(_) => "(trailers)".into(),
        });
    }
    assert!(matches!(body.poll_frame(&mut Context::from_waker(Waker::noop())), Poll::Ready(None)));
    frames
}

#[test]
fn an_inner_body_is_handed_on_frame_by_frame() {
    let body = ProblemBody::<Odd>::default();
    assert!(!body.is_end_stream());
    assert_eq!(body.size_hint().exact(), SizeHint::default().exact());
    assert_eq!(frames(body), ["odd", "(trailers)"]);
}

#[test]
fn a_rendered_body_is_one_frame_and_knows_its_length() {
    let body = ProblemBody::<Odd>::from(Bytes::from_static(b"problem"));
    assert!(!body.is_end_stream());
    assert_eq!(body.size_hint().exact(), Some(7));
    assert_eq!(frames(body), ["problem"]);
}

#[test]
fn an_empty_body_has_no_frame_and_says_so_beforehand() {
    let body = ProblemBody::<Odd>::from(Bytes::new());
    assert!(body.is_end_stream());
    assert_eq!(body.size_hint().exact(), Some(0));
    assert_eq!(frames(body), [""; 0]);
}

#[test]
fn what_is_attached_to_a_request_lasts_as_long_as_the_body_of_its_answer() {
    let permit = Arc::new(());
    let context = context();
    context.attach(Arc::clone(&permit));
    let ask = Ask::get("/").context(&context);
    drop(context);
    let answer = ask.through(&ProblemLayer::new());
    assert_eq!(Arc::strong_count(&permit), 2, "the head is out, the body is not");
    drop(answer);
    assert_eq!(Arc::strong_count(&permit), 1);
}

/// Writes down how its request ended.
#[derive(Clone, Default)]
struct Listens(Arc<Mutex<Option<End>>>);

impl AtEnd for Listens {
    fn ended(self: Box<Self>, _: &SecurityContext, end: End) {
        assert!(self.0.lock().unwrap().replace(end).is_none(), "told once");
    }
}

/// How a request with `method` ended that was refused, and how many bytes its answer says it has.
fn refused(method: Method) -> (End, u64) {
    let (context, listens) = (context(), Listens::default());
    context.at_end(listens.clone());
    let refuses = service_fn(|_: Request<palisade_test_support::Body>| {
        let rejection = Rejection::new(RejectionKind::Forbidden, Code::new("no", "No"));
        ready(Ok::<_, Infallible>(rejection.into_answer::<palisade_test_support::Body>()))
    });
    // One further in that follows too has no say: it does not see what is rendered.
    let mut service = ProblemLayer::new().layer(FollowLayer::new().layer(refuses));
    let answer: Response<_> = Ask::method(method, "/").context(&context).send(&mut service);
    let length = answer.headers()[header::CONTENT_LENGTH].to_str().unwrap().parse().unwrap();
    let mut body = pin!(answer.into_body());
    while let Poll::Ready(Some(Ok(_))) =
        body.as_mut().poll_frame(&mut Context::from_waker(Waker::noop()))
    {}
    body.set(ProblemBody::from(Bytes::new()));
    let end = listens.0.lock().unwrap().expect("it is told");
    (end, length)
}

#[test]
fn who_wants_to_know_how_a_request_ended_is_told_what_was_rendered() {
    let (end, length) = refused(Method::GET);
    assert_eq!((end.ended, end.bytes), (Ended::Whole, length));
    assert_eq!(end.status.unwrap(), 403);
    let (end, length) = refused(Method::HEAD);
    assert_eq!((end.ended, end.bytes), (Ended::Whole, 0));
    assert!(length > 0, "the length of what a GET would get");
}
