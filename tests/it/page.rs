//! What a page of another site asks, and what it is told.

use std::{convert::Infallible, future::ready};

use http::{Method, Request, Response};
use palisade::Cors;
use palisade_test_support::{Ask, Body};
use tower::service_fn;
use tower_layer::Layer;

use crate::site::{Answer, ORIGIN, read};

/// A preflight of the listed origin's page.
pub(crate) fn preflight(method: &str, headers: &[&str]) -> Ask {
    let ask =
        Ask::method(Method::OPTIONS, "/api/me").header("access-control-request-method", method);
    headers.iter().fold(ask, |ask, line| ask.header("access-control-request-headers", line))
}

/// CORS alone, in front of a handler that says `said`.
pub(crate) fn behind(cors: Cors, ask: Ask, status: u16, said: &[(&str, &str)]) -> Answer {
    let answer = |_: Request<Body>| {
        let answer = Response::builder().status(status);
        let answer = said.iter().fold(answer, |answer, (name, value)| answer.header(*name, *value));
        ready(Ok::<_, Infallible>(answer.body(Body::from("said")).unwrap()))
    };
    read(ask.send(&mut cors.layer().layer(service_fn(answer))))
}

pub(crate) fn listed() -> Cors {
    Cors::origins([ORIGIN]).unwrap()
}

pub(crate) fn all<'a>(answer: &'a Answer, name: &str) -> Vec<&'a str> {
    answer.head.headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
}

/// Nothing of what lets a page do anything.
pub(crate) fn grants_nothing(answer: &Answer, what: &str) {
    let grants = |name: &&http::HeaderName| name.as_str().starts_with("access-control-");
    assert_eq!(answer.head.headers.keys().find(grants), None, "{what}");
}
