//! How the tests ask: a layer over a service that answers what the test says.

use std::{
    convert::Infallible,
    future::{Future, Ready, ready},
    pin::pin,
    task::{Context, Poll, Waker},
};

use ::tower::service_fn;
use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body::Body as _;
use http_body_util::BodyExt;
use palisade_core::{Code, Rejection, RejectionKind};
use palisade_problem::{Problem, ProblemBody, ProblemLayer, Render};
use palisade_test_support::{Ask, Body};
use serde_json::Value;
use tower_layer::Layer;
use tower_service::Service;

/// An answer whose body was read.
pub(crate) struct Read {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Read {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("(none)", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn member(&self, name: &str) -> String {
        self.json().get(name).map_or("(none)".into(), |member| {
            member.as_str().map_or_else(|| member.to_string(), ToOwned::to_owned)
        })
    }
}

/// A service that gives `answer` to everything.
pub(crate) fn answering(
    answer: Response<Body>,
) -> impl Service<
    Request<Body>,
    Response = Response<Body>,
    Error = Infallible,
    Future = Ready<Result<Response<Body>, Infallible>>,
> + Clone {
    service_fn(move |_: Request<Body>| ready(Ok(answer.clone())))
}

/// Sends `ask` through `layer` to a service that gives `answer`.
pub(crate) fn send<R: Render>(layer: &ProblemLayer<R>, ask: Ask, answer: Response<Body>) -> Read {
    let mut service: Problem<_, R> = layer.layer(answering(answer));
    read(ask.send(&mut service))
}

pub(crate) fn read(answer: Response<ProblemBody<Body>>) -> Read {
    let (head, body) = answer.into_parts();
    let hint = body.size_hint().exact();
    let collected = pin!(body.collect()).poll(&mut Context::from_waker(Waker::noop()));
    let Poll::Ready(Ok(collected)) = collected else { unreachable!("the body waits") };
    let body = collected.to_bytes();
    assert_eq!(hint, u64::try_from(body.len()).ok());
    Read { status: head.status, headers: head.headers, body }
}

pub(crate) fn get() -> Ask {
    Ask::get("/x")
}

/// What a gate answers for a refusal.
pub(crate) fn refused(rejection: Rejection) -> Response<Body> {
    rejection.into_answer()
}

pub(crate) const CLOSED: Code = Code::new("closed.weekend", "We are closed");

pub(crate) fn closed() -> Rejection {
    Rejection::new(RejectionKind::Forbidden, CLOSED)
}

/// An error without a rejection.
pub(crate) fn bare(status: u16, content_type: Option<&str>, body: &'static str) -> Response<Body> {
    let mut answer = Response::builder().status(status);
    if let Some(content_type) = content_type {
        answer = answer.header("content-type", content_type);
    }
    answer.body(Body::from(body)).unwrap()
}
