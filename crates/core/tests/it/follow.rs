//! How a request ended, as those are told who want to know.

use std::{
    convert::Infallible,
    future::{Future, pending, ready},
    pin::{Pin, pin},
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body::{Body as _, Frame, SizeHint};
use palisade_core::{AtEnd, End, Ended, FollowLayer, FollowedBody, SecurityContext, Tail};
use palisade_test_support::{Ask, Body, context};
use proptest::prelude::*;
use tower::{Layer, Service, service_fn};

/// Writes down what it is told.
#[derive(Clone, Debug, Default)]
struct Listens(Arc<Mutex<Vec<End>>>);

/// One thing a body gives.
#[derive(Clone, Copy, Debug)]
enum Gives {
    Data(usize),
    Trailers,
    Failure,
}

/// How a body tells where it ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Tells {
    /// It gives nothing more, when it is asked.
    WhenAsked,
    /// Behind its last frame, before it is asked.
    Beforehand,
    /// By its length, from the start.
    Length,
    /// By a header, which somebody else wrote.
    Header,
}

#[derive(Clone, Debug)]
struct Script {
    gives: std::vec::IntoIter<Gives>,
    tells: Tells,
}

impl AtEnd for Listens {
    fn ended(self: Box<Self>, _: &SecurityContext, end: End) {
        self.0.lock().unwrap().push(end);
    }
}

impl Listens {
    /// All it was told; once at the most.
    fn only(&self) -> Option<End> {
        let told = self.0.lock().unwrap();
        assert!(told.len() < 2, "{told:?}");
        told.first().copied()
    }
}

impl Script {
    fn new(tells: Tells, gives: impl Into<Vec<Gives>>) -> Self {
        Self { gives: gives.into().into_iter(), tells }
    }

    /// Bytes that are still to come.
    fn left(&self) -> u64 {
        let lengths = self.gives.as_slice().iter();
        lengths.map(|gives| if let Gives::Data(length) = gives { *length as u64 } else { 0 }).sum()
    }
}

impl http_body::Body for Script {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        Poll::Ready(self.gives.next().map(|gives| match gives {
            Gives::Data(length) => Ok(Frame::data(Bytes::from(vec![b'x'; length]))),
            Gives::Trailers => Ok(Frame::trailers(HeaderMap::new())),
            Gives::Failure => Err("broken"),
        }))
    }

    fn is_end_stream(&self) -> bool {
        self.tells != Tells::WhenAsked && self.gives.as_slice().is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        match self.tells {
            Tells::Length => SizeHint::with_exact(self.left()),
            _ => SizeHint::default(),
        }
    }
}

/// A request somebody wants to know the end of.
fn watched(method: Method) -> (Request<Body>, Listens) {
    let (context, listens) = (context(), Listens::default());
    context.at_end(listens.clone());
    (Ask::method(method, "/").context(&context).build(), listens)
}

/// The answer of a followed service that answers `status` and `body`.
fn answer(request: Request<Body>, status: u16, body: Script) -> Response<FollowedBody<Script>> {
    let mut answer = Response::new(body);
    *answer.status_mut() = StatusCode::from_u16(status).unwrap();
    if answer.body().tells == Tells::Header {
        let length = answer.body().left();
        answer.headers_mut().insert("content-length", length.into());
    }
    let mut answer = Some(Ok::<_, Infallible>(answer));
    let service = service_fn(move |_: Request<Body>| ready(answer.take().unwrap()));
    now(FollowLayer::new().layer(service).call(request)).unwrap()
}

fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("it waits"),
    }
}

fn next(body: Pin<&mut FollowedBody<Script>>) -> Option<Result<Frame<Bytes>, &'static str>> {
    match body.poll_frame(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(frame) => frame,
        Poll::Pending => panic!("it waits"),
    }
}

/// Sends `answer` as a server does, `most` frames of it at most; returns how many bytes went out.
fn send(method: &Method, answer: Response<FollowedBody<Script>>, most: usize) -> u64 {
    let has_content = *method != Method::HEAD && !matches!(answer.status().as_u16(), 204 | 304);
    let declared = answer.headers().get("content-length");
    let declared: Option<u64> = declared.map(|value| value.to_str().unwrap().parse().unwrap());
    let (mut body, mut sent) = (pin!(answer.into_body()), 0);
    for _ in 0..most {
        if !has_content || body.is_end_stream() || declared == Some(sent) {
            break;
        }
        match next(body.as_mut()) {
            Some(Ok(frame)) if frame.is_data() => sent += frame.into_data().unwrap().len() as u64,
            _ => break,
        }
    }
    sent
}

fn told(method: Method, status: u16, body: Script, frames: usize) -> End {
    let (request, listens) = watched(method.clone());
    send(&method, answer(request, status, body), frames);
    listens.only().expect("it is told")
}

fn whole(bytes: u64) -> End {
    End::new(Ended::Whole, bytes).status(StatusCode::OK)
}

fn cut(bytes: u64) -> End {
    End::new(Ended::Cut, bytes).status(StatusCode::OK)
}

#[test]
fn an_answer_is_whole_however_its_body_tells_where_it_ends() {
    for tells in [Tells::WhenAsked, Tells::Beforehand, Tells::Length, Tells::Header] {
        let body = Script::new(tells, [Gives::Data(3), Gives::Data(0), Gives::Data(4)]);
        assert_eq!(told(Method::GET, 200, body, 99), whole(7), "{tells:?}");
    }
}

#[test]
fn an_answer_that_nobody_took_to_its_end_is_cut_behind_what_was_sent() {
    for tells in [Tells::WhenAsked, Tells::Beforehand, Tells::Length, Tells::Header] {
        let body = || Script::new(tells, [Gives::Data(3), Gives::Data(4)]);
        assert_eq!(told(Method::GET, 200, body(), 0), cut(0), "{tells:?}");
        assert_eq!(told(Method::GET, 200, body(), 1), cut(3), "{tells:?}");
    }
}

#[test]
fn a_body_that_fails_is_cut() {
    let body = Script::new(Tells::WhenAsked, [Gives::Data(3), Gives::Failure]);
    assert_eq!(told(Method::GET, 200, body, 99), cut(3));
    // Also one that then says it has ended.
    let body = Script::new(Tells::Beforehand, [Gives::Data(3), Gives::Failure]);
    assert_eq!(told(Method::GET, 200, body, 99), cut(3));
}

#[test]
fn trailers_end_an_answer_and_do_not_count() {
    let body = Script::new(Tells::WhenAsked, [Gives::Data(3), Gives::Trailers]);
    assert_eq!(told(Method::GET, 200, body, 99), whole(3));
}

#[test]
fn what_has_no_content_is_whole_with_its_head_and_has_no_bytes() {
    let body = || Script::new(Tells::Length, [Gives::Data(5)]);
    for (method, status) in
        [(Method::HEAD, 200), (Method::GET, 204), (Method::GET, 304), (Method::GET, 101)]
    {
        let (request, listens) = watched(method.clone());
        drop(answer(request, status, body()));
        let end = listens.only().unwrap();
        assert_eq!((end.ended, end.bytes), (Ended::Whole, 0), "{method} {status}");
        // Nor are there any if somebody asks the body nonetheless.
        let (request, listens) = watched(method.clone());
        let answer = answer(request, status, body());
        let mut asked = Box::pin(answer.into_body());
        while next(asked.as_mut()).is_some() {}
        drop(asked);
        assert_eq!(listens.only().unwrap().bytes, 0, "{method} {status}");
    }
    for tells in [Tells::Beforehand, Tells::Length, Tells::Header] {
        assert_eq!(told(Method::GET, 200, Script::new(tells, []), 0), whole(0), "{tells:?}");
    }
}

#[test]
fn who_goes_away_before_the_head_is_unanswered() {
    let (request, listens) = watched(Method::GET);
    let service = service_fn(|_: Request<Body>| pending::<Result<Response<Body>, Infallible>>());
    let mut waiting = Box::pin(FollowLayer::new().layer(service).call(request));
    assert!(waiting.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    assert_eq!(listens.only(), None);
    drop(waiting);
    assert_eq!(listens.only(), Some(End::new(Ended::Unanswered, 0)));
}

#[test]
fn a_service_that_fails_leaves_the_request_unanswered() {
    let (request, listens) = watched(Method::GET);
    let service = service_fn(|_: Request<Body>| ready(Err::<Response<Body>, _>("broken")));
    assert_eq!(now(FollowLayer::new().layer(service).call(request)).unwrap_err(), "broken");
    assert_eq!(listens.only(), Some(End::new(Ended::Unanswered, 0)));
}

#[test]
fn of_two_who_follow_the_one_further_out_tells_what_it_saw() {
    let (request, listens) = watched(Method::GET);
    let inner = service_fn(|_: Request<Body>| async {
        Ok::<_, Infallible>(Response::new(Body::from("twelve bytes")))
    });
    let mut inner = FollowLayer::new().layer(inner);
    // Between the two, a layer that makes another answer of it, as one does that compresses.
    let between = service_fn(move |request: Request<Body>| {
        let answer = inner.call(request);
        async move {
            drop(answer.await?);
            let mut answer = Response::new(Body::from("four"));
            *answer.status_mut() = StatusCode::BAD_GATEWAY;
            Ok::<_, Infallible>(answer)
        }
    });
    let answer = now(FollowLayer::new().layer(between).call(request)).unwrap();
    assert_eq!(listens.only(), None, "the inner one says nothing");
    let mut body = Box::pin(answer.into_body());
    while let Poll::Ready(Some(_)) =
        body.as_mut().poll_frame(&mut Context::from_waker(Waker::noop()))
    {}
    drop(body);
    assert_eq!(listens.only(), Some(End::new(Ended::Whole, 4).status(StatusCode::BAD_GATEWAY)));
}

#[test]
fn what_was_taken_away_and_attached_again_is_told_and_what_was_not_attached_again_is_not() {
    let (context, listens) = (context(), Listens::default());
    context.at_end(listens.clone());
    let taken = context.detach::<Listens>().unwrap();
    context.attach_boxed(taken);
    drop(Tail::follow(context.clone()));
    assert_eq!(listens.only(), Some(End::new(Ended::Unanswered, 0)));

    context.at_end(listens.clone());
    drop(context.detach::<Listens>());
    drop(Tail::follow(context));
    assert_eq!(listens.0.lock().unwrap().len(), 1);
}

#[test]
fn a_request_that_is_sent_a_second_time_is_followed_a_second_time() {
    let context = context();
    for _ in 0..2 {
        let listens = Listens::default();
        assert!(!context.is_followed());
        context.at_end(listens.clone());
        let tail = Tail::follow(context.clone());
        assert!(context.is_followed());
        drop(Tail::follow(context.clone()));
        assert!(context.is_followed() && listens.only().is_none(), "that was not the first");
        drop(tail);
        assert!(listens.only().is_some());
    }
}

fn gives() -> impl Strategy<Value = Vec<Gives>> {
    let end = prop_oneof![Just(None), Just(Some(Gives::Trailers)), Just(Some(Gives::Failure))];
    (prop::collection::vec((0..2000_usize).prop_map(Gives::Data), 0..6), end)
        .prop_map(|(data, end)| data.into_iter().chain(end).collect())
}

proptest! {
    /// Law: whatever a body gives, however it tells its end, and wherever it is dropped, the bytes are those that were sent; and
    /// it is whole if the server that sent it knew that nothing was missing, else cut.
    #[test]
    fn bytes_and_end_are_right_for_any_body_that_is_dropped_anywhere(
        gives in gives(),
        tells in prop_oneof![Just(Tells::WhenAsked), Just(Tells::Beforehand), Just(Tells::Length), Just(Tells::Header)],
        frames in 0..9_usize,
        method in prop_oneof![4 => Just(Method::GET), 1 => Just(Method::HEAD)],
        status in prop_oneof![4 => Just(200_u16), 1 => Just(304)],
    ) {
        let (request, listens) = watched(method.clone());
        let has_content = method != Method::HEAD && status != 304;
        let sent = send(&method, answer(request, status, Script::new(tells, gives.clone())), frames);
        let end = listens.only().unwrap();
        prop_assert_eq!(end.bytes, sent);
        prop_assert_eq!(end.status.unwrap().as_u16(), status);

        let total: usize = gives.iter().map(|gives| if let Gives::Data(length) = gives { *length } else { 0 }).sum();
        let fails_at = gives.iter().position(|gives| matches!(gives, Gives::Failure));
        let all_bytes = sent == total as u64;
        // How many frames were taken, as far as the transport let it: it stops behind the last byte it expects.
        let knows_length = matches!(tells, Tells::Length | Tells::Header);
        let expected = if !has_content || (knows_length && all_bytes) {
            true
        } else if fails_at.is_some_and(|place| frames > place) {
            false
        } else if tells == Tells::WhenAsked && !matches!(gives.last(), Some(Gives::Trailers)) {
            frames > gives.len()
        } else {
            frames >= gives.len() && fails_at.is_none()
        };
        prop_assert_eq!(end.ended == Ended::Whole, expected, "{:?}", end);
        prop_assert!(end.ended != Ended::Unanswered);
    }
}

/// Panics when it is told.
struct Panics;

impl AtEnd for Panics {
    fn ended(self: Box<Self>, _: &SecurityContext, _: End) {
        panic!("a mistake of one who is told");
    }
}

/// A context whose end one who panics is told before one who listens.
fn with_one_who_panics() -> (SecurityContext, Listens) {
    let (context, listens) = (context(), Listens::default());
    context.at_end(Panics);
    context.at_end(listens.clone());
    (context, listens)
}

#[test]
fn one_who_panics_keeps_the_end_from_nobody_else() {
    let (context, listens) = with_one_who_panics();
    let tail = Tail::follow(context.clone());
    let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| drop(tail)));
    assert!(told.is_err(), "the mistake is not hidden");
    assert_eq!(listens.only(), Some(End::new(Ended::Unanswered, 0)));
    assert!(!context.is_followed());
}

#[test]
fn one_who_panics_while_a_panic_unwinds_does_not_end_the_process() {
    let (context, listens) = with_one_who_panics();
    let unwound = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _tail = Tail::follow(context.clone());
        panic!("a handler's mistake");
    }));
    let cause = unwound.unwrap_err();
    assert_eq!(cause.downcast_ref(), Some(&"a handler's mistake"));
    assert_eq!(listens.only(), Some(End::new(Ended::Unanswered, 0)));
    assert!(!context.is_followed());
}
