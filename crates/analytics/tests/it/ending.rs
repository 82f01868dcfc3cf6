//! When a request is recorded, and what is known of its answer then.

use std::{
    convert::Infallible,
    future::{Future, pending, ready},
    pin::Pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body::Frame;
use palisade_analytics::AnalyticsLayer;
use palisade_core::{Access, Ended, FollowLayer, GateLayer, Route, RouteTag};
use palisade_test_support::{Ask, Body, context};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tower::{Layer, Service, service_fn};

use crate::scene::{Inner, Scene, refusal};

/// A body that gives what is sent into it; fails where that is nothing.
struct Stream(Receiver<Option<&'static str>>);

type Next<B> = Option<Result<Frame<<B as http_body::Body>::Data>, <B as http_body::Body>::Error>>;

impl http_body::Body for Stream {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        self.0.poll_recv(cx).map(|text| {
            text.map(|text| match text {
                Some(text) => Ok(Frame::data(Bytes::from_static(text.as_bytes()))),
                None => Err("broken"),
            })
        })
    }
}

impl Default for Stream {
    fn default() -> Self {
        Self(channel(1).1)
    }
}

fn now<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// The only record that there ever is: status, bytes, and how far it came.
fn only(scene: &Scene) -> (Option<u16>, u64, Ended) {
    let record = scene.only();
    (record.status.map(|status| status.as_u16()), record.bytes, record.ended)
}

/// A stream that was opened, and what feeds it.
fn open(
    scene: &Scene,
) -> (impl http_body::Body<Data = Bytes, Error = &'static str> + use<>, Sender<Option<&'static str>>)
{
    let (feed, stream) = channel(8);
    let mut stream = Some(Response::new(Stream(stream)));
    let service =
        service_fn(move |_: Request<Body>| ready(Ok::<_, Infallible>(stream.take().unwrap())));
    let mut service = AnalyticsLayer::new(scene.policy()).layer(Unclonable(service));
    (Ask::get("/api/stream").send(&mut service).into_body(), feed)
}

/// A gate wants services that can be cloned, and clones none that is asked once.
struct Unclonable<S>(S);

impl<S> Clone for Unclonable<S> {
    fn clone(&self) -> Self {
        panic!("nobody needs a clone")
    }
}

impl<S: Service<R>, R> Service<R> for Unclonable<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;
    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }
    fn call(&mut self, request: R) -> S::Future {
        self.0.call(request)
    }
}

fn polled<B: http_body::Body>(body: &mut Pin<Box<B>>) -> Poll<Next<B>> {
    body.as_mut().poll_frame(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_stream_is_recorded_when_it_ends_with_its_whole_time_and_all_its_bytes() {
    let scene = Scene::new();
    let (body, feed) = open(&scene);
    let mut body = Box::pin(body);
    for _ in 0..3 {
        scene.clock.advance(Duration::from_secs(3600));
        feed.try_send(Some("data: x\n\n")).unwrap();
        assert!(matches!(polled(&mut body), Poll::Ready(Some(Ok(_)))));
        assert!(polled(&mut body).is_pending());
        assert!(scene.records().is_empty(), "it has not ended yet");
    }
    drop(feed);
    assert!(matches!(polled(&mut body), Poll::Ready(None)));
    drop(body);
    assert_eq!(only(&scene), (Some(200), 27, Ended::Whole));
    let record = scene.only();
    assert_eq!(record.response_time, Duration::from_secs(3 * 3600));
    assert_eq!(&*record.path, "/api/stream");
}

#[test]
fn a_client_that_goes_away_in_the_middle_of_a_body_cuts_it() {
    let scene = Scene::new();
    let (body, feed) = open(&scene);
    let mut body = Box::pin(body);
    feed.try_send(Some("12345")).unwrap();
    feed.try_send(Some("never sent")).unwrap();
    assert!(polled(&mut body).is_ready());
    drop(body);
    assert_eq!(only(&scene), (Some(200), 5, Ended::Cut));
}

#[test]
fn a_body_that_fails_is_cut() {
    let scene = Scene::new();
    let (body, feed) = open(&scene);
    let mut body = Box::pin(body);
    feed.try_send(Some("12345")).unwrap();
    feed.try_send(None).unwrap();
    while !matches!(polled(&mut body), Poll::Ready(Some(Err(_)))) {}
    drop(body);
    assert_eq!(only(&scene), (Some(200), 5, Ended::Cut));
}

#[test]
fn a_client_that_goes_away_before_the_head_has_no_status_and_is_recorded_nonetheless() {
    let scene = Scene::new();
    let clock = scene.clock.clone();
    let never = service_fn(|_: Request<Body>| pending::<Result<Response<Body>, Infallible>>());
    let mut service = AnalyticsLayer::new(scene.policy()).layer(never);
    let ask = Ask::get("/slow").header("user-agent", "curl/8").header("accept", "text/html");
    let mut waiting = Box::pin(service.call(ask.build()));
    assert!(now(waiting.as_mut()).is_pending());
    clock.advance(Duration::from_millis(250));
    drop(waiting);
    assert_eq!(only(&scene), (None, 0, Ended::Unanswered));
    let record = scene.only();
    assert_eq!((&*record.path, record.user_agent.as_deref()), ("/slow", Some("curl/8")));
    assert_eq!(record.response_time, Duration::from_millis(250));
    assert_eq!(record.session, None, "nobody got a cookie");
    assert!(record.to_string().contains("GET /slow - 250.000ms"), "{record}");
    let json = serde_json::to_value(&*record).unwrap();
    assert_eq!(
        (json["status"].clone(), &json["ended"]),
        (serde_json::Value::Null, &"unanswered".into())
    );
}

#[test]
fn a_service_that_fails_leaves_a_record_without_a_status() {
    let scene = Scene::new();
    let fails = service_fn(|_: Request<Body>| ready(Err::<Response<Body>, _>("broken")));
    let mut service = AnalyticsLayer::new(scene.policy()).layer(fails);
    assert!(matches!(
        now(Box::pin(service.call(Ask::get("/x").build())).as_mut()),
        Poll::Ready(Err("broken"))
    ));
    assert_eq!(only(&scene), (None, 0, Ended::Unanswered));
}

#[test]
fn what_has_no_content_is_whole_with_no_bytes() {
    for (method, status) in [
        (Method::HEAD, 200),
        (Method::GET, 204),
        (Method::GET, 304),
        // From here on another protocol is spoken.
        (Method::GET, 101),
    ] {
        let scene = Scene::new();
        let answers = service_fn(move |_: Request<Body>| {
            let mut answer = Response::new(Body::from("not sent"));
            *answer.status_mut() = StatusCode::from_u16(status).unwrap();
            ready(Ok::<_, Infallible>(answer))
        });
        let mut service = AnalyticsLayer::new(scene.policy()).layer(answers);
        drop(Ask::method(method, "/x").send(&mut service));
        assert_eq!(only(&scene), (Some(status), 0, Ended::Whole));
    }
}

#[test]
fn an_empty_body_is_whole_with_its_head() {
    let scene = Scene::new();
    let empty =
        service_fn(|_: Request<Body>| ready(Ok::<_, Infallible>(Response::new(Body::default()))));
    drop(Ask::get("/x").send(&mut AnalyticsLayer::new(scene.policy()).layer(empty)));
    assert_eq!(only(&scene), (Some(200), 0, Ended::Whole));
}

#[test]
fn what_a_layer_further_out_made_of_the_answer_is_recorded() {
    let scene = Scene::new();
    let (follow, gate) = scene.layers(scene.policy(), Inner(|_: &_| refusal()));
    let mut inner = gate.layer(palisade_test_support::Echo::default());
    let renders = service_fn(move |request: Request<Body>| {
        let answer = inner.call(request);
        async move {
            let (mut head, _) = answer.await?.into_parts();
            head.status = StatusCode::NOT_FOUND;
            Ok::<_, Infallible>(Response::from_parts(head, Body::from("{\"code\":\"not-found\"}")))
        }
    });
    let answer = Ask::get("/x").send(&mut follow.layer(renders));
    drop(crate::scene::received(answer));
    assert_eq!(only(&scene), (Some(404), 20, Ended::Whole));
    assert!(scene.only().code.is_some(), "it was refused all the same");
}

#[test]
fn a_request_that_a_layer_further_out_gave_up_has_the_status_of_that_layer() {
    let scene = Scene::new();
    let (follow, gate) = scene.layers(scene.policy(), crate::scene::pass());
    let never = service_fn(|_: Request<Body>| pending::<Result<Response<Body>, Infallible>>());
    let mut inner = gate.layer(never);
    let gives_up = service_fn(move |request: Request<Body>| {
        let mut answer = Box::pin(inner.call(request));
        assert!(now(answer.as_mut()).is_pending());
        let mut answer = Response::new(Body::default());
        *answer.status_mut() = StatusCode::GATEWAY_TIMEOUT;
        ready(Ok::<_, Infallible>(answer))
    });
    drop(Ask::get("/x").send(&mut follow.layer(gives_up)));
    assert_eq!(only(&scene), (Some(504), 0, Ended::Whole));
}

#[test]
fn a_route_that_is_left_out_is_left_out_also_without_an_answer() {
    let scene = Scene::new();
    let never = service_fn(|request: Request<Body>| {
        let context = request.extensions().get::<palisade_core::SecurityContext>().unwrap();
        context.learn_route(Route::new("x", Access::Public).with_tags([RouteTag::UNTRACKED]));
        pending::<Result<Response<Body>, Infallible>>()
    });
    let mut service = AnalyticsLayer::new(scene.policy()).layer(never);
    let waiting = service.call(Ask::get("/x").build());
    drop(waiting);
    assert!(scene.records().is_empty());
}

#[test]
fn where_nobody_follows_a_request_is_recorded_with_its_head() {
    let scene = Scene::new();
    let gate = GateLayer::new(scene.policy()).clock(scene.clock.clock());
    let answer = Ask::get("/x").through(&gate);
    assert_eq!(only(&scene), (Some(200), 0, Ended::Whole));
    drop(answer);
    assert_eq!(scene.records().len(), 1);
}

#[test]
fn inside_of_a_layer_that_follows_a_request_is_recorded_once_and_by_what_that_layer_sees() {
    let scene = Scene::new();
    let layers =
        (FollowLayer::new().clock(scene.clock.clock()), AnalyticsLayer::new(scene.policy()));
    let answer = Ask::get("/x").through(&layers);
    assert!(scene.records().is_empty());
    drop(answer);
    assert_eq!(only(&scene), (Some(200), 0, Ended::Cut));
}

#[test]
fn a_request_that_nobody_sends_on_leaves_nothing_behind() {
    let scene = Scene::new();
    let context = context();
    drop(Ask::get("/x").context(&context).through(&GateLayer::new(scene.policy())));
    assert_eq!(scene.records().len(), 1);
    // The thread ends with the last handle: none stays behind in the queue or in a request.
    let watch = scene.analytics.clone();
    drop(scene);
    watch.shutdown();
}
