//! The gate in front of the services people have: each compiles only if no body type is changed or demanded.

use std::convert::Infallible;

use http::{Request, Response};
use palisade_core::{Gate, GateLayer};
use palisade_test_support::Body;
use tower::{Layer, Service, ServiceExt, service_fn};

use crate::policies::{Diary, Passes, Refuses};

fn layer() -> GateLayer<Passes> {
    GateLayer::new(Passes("a", Diary::default()))
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// A service as hyper drives it: its request body cannot be made or cloned by anyone but hyper.
#[test]
fn a_hyper_service_keeps_its_incoming_body() {
    fn served<S>(service: S) -> S
    where
        S: Service<Request<hyper::body::Incoming>, Response = Response<Body>, Error = Infallible>,
    {
        service
    }
    let inner = service_fn(|_: Request<hyper::body::Incoming>| async {
        Ok::<_, Infallible>(Response::new(Body::default()))
    });
    let _service = served(layer().layer(inner));
}

#[test]
fn an_axum_router_takes_the_layer() {
    let ask = |layer| {
        let app =
            axum::Router::new().route("/", axum::routing::get(|| async { "hello" })).layer(layer);
        block_on(app.oneshot(Request::new(axum::body::Body::empty()))).unwrap().status()
    };
    assert_eq!(ask(layer()), 200);
    let refusing = axum::Router::new()
        .route("/", axum::routing::get(|| async { "hello" }))
        .layer(GateLayer::new(Refuses("wall")));
    assert_eq!(
        block_on(refusing.oneshot(Request::new(axum::body::Body::empty()))).unwrap().status(),
        403
    );
}

#[test]
fn a_tonic_service_takes_the_layer() {
    let inner = service_fn(|_: Request<tonic::body::Body>| async {
        Ok::<_, Infallible>(Response::new(tonic::body::Body::empty()))
    });
    let answer =
        block_on(layer().layer(inner).oneshot(Request::new(tonic::body::Body::empty()))).unwrap();
    assert_eq!(answer.status(), 200);
}

/// What nobody can default, clone or send is still a fine request body.
#[test]
fn the_request_body_may_be_anything() {
    struct Odd(std::rc::Rc<u8>);
    let inner = service_fn(|request: Request<Odd>| async move {
        Ok::<_, Infallible>(Response::new(*request.into_body().0))
    });
    let answer = block_on(
        Gate::new(inner, Passes("a", Diary::default())).oneshot(Request::new(Odd(7.into()))),
    );
    assert_eq!(answer.unwrap().into_body(), 7);
}
