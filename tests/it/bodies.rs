//! The whole stack in front of the services people have.

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use palisade::{
    LimitedBody, Stack, StackLayer,
    authn_jwt::{Issuer, Keys, OptionalAuth, Verifier},
    route_registry::Registry,
};
use palisade_test_support::Ask;
use tower::service_fn;
use tower_layer::Layer;

use crate::site::RequestBody;

fn stack() -> StackLayer {
    let routes = Registry::builder().public("/").build().unwrap();
    let keys = Keys::hs256(b"a test secret of thirty-two bytes or more").unwrap();
    let auth =
        OptionalAuth::new(Verifier::new(Issuer::new("test", keys).audience("test")).unwrap());
    palisade::stack(Stack::new(routes, auth))
}

#[test]
fn a_plain_tower_service_takes_the_stack() {
    let inner = service_fn(|_: Request<LimitedBody<RequestBody>>| async {
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(b"hello"))))
    });
    assert_eq!(
        Ask::get("/").header("host", "api.example").send(&mut stack().layer(inner)).status(),
        200
    );
}

#[test]
fn a_tonic_service_takes_the_stack() {
    let inner = service_fn(|_: Request<LimitedBody<RequestBody>>| async {
        Ok::<_, Infallible>(Response::new(tonic::body::Body::empty()))
    });
    assert_eq!(
        Ask::get("/").header("host", "api.example").send(&mut stack().layer(inner)).status(),
        200
    );
}

/// Compiles if and only if axum's router accepts the stack as one layer.
#[test]
fn an_axum_router_takes_the_stack() {
    let _app: axum::Router = axum::Router::new().layer(stack());
}
