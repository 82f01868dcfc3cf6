//! The contract of tower.

use std::{
    convert::Infallible,
    fmt::Debug,
    task::{Context, Poll, Waker},
};

use http::{Request, Response};
use palisade_problem::{Problem, ProblemBody, ProblemJson, ProblemLayer, ResponseFuture};
use palisade_test_support::{Ask, Body, Echo, Readied};
use tower::{Layer, Service, limit::ConcurrencyLimitLayer};

#[test]
fn the_readied_service_is_called() {
    let mut service = Problem::new(Readied::default());
    assert_eq!(Ask::get("/").send(&mut service).status(), 200);
}

#[test]
fn a_service_that_is_busy_makes_the_layer_busy() {
    let limited = ConcurrencyLimitLayer::new(1).layer(Echo::default());
    let mut service = ProblemLayer::new().layer(limited);
    let mut cx = Context::from_waker(Waker::noop());
    let ready = |service: &mut Problem<_>, cx: &mut Context<'_>| {
        Service::<Request<Body>>::poll_ready(service, cx).is_ready()
    };
    assert!(ready(&mut service, &mut cx));
    let pending = service.call(Ask::get("/").build());
    assert!(!ready(&mut service.clone(), &mut cx));
    drop(pending);
    assert!(ready(&mut service, &mut cx));
}

#[test]
fn an_error_of_the_service_passes_through() {
    let mut service = Problem::new(tower::service_fn(|_: Request<Body>| async {
        Err::<Response<Body>, _>("broken")
    }));
    let future = std::pin::pin!(service.call(Ask::get("/").build()));
    let polled = future.poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(polled, Poll::Ready(Err("broken"))));
}

#[test]
fn layer_service_future_and_body_are_what_servers_ask_for() {
    fn sendable<T: Send + Sync + Debug + 'static>() {}
    fn cloneable<T: Clone>() {}
    fn default<T: Default>() {}
    type Answer = std::future::Ready<Result<Response<Body>, Infallible>>;
    sendable::<ProblemLayer>();
    sendable::<Problem<Echo>>();
    sendable::<ResponseFuture<Answer, ProblemJson>>();
    sendable::<ProblemBody<Body>>();
    cloneable::<ProblemLayer>();
    cloneable::<Problem<Echo>>();
    default::<ProblemBody<Body>>();
    default::<ProblemLayer>();
}
