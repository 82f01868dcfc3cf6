//! The service behind everything: 13 bytes.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    task::{Context, Poll},
};

use axum::{Router, routing::get};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response};
use http_body_util::Full;
use tower_service::Service;

/// Answers 13 bytes, with these headers.
#[derive(Clone, Default)]
pub(crate) struct Hello {
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

/// The same on axum.
pub(crate) fn app() -> Router {
    Router::new().route("/api/feed", get(async || "Hello, world!"))
}

impl<B> Service<Request<B>> for Hello {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<B>) -> Self::Future {
        let mut answer = Response::new(Full::new(Bytes::from_static(b"Hello, world!")));
        if !self.headers.is_empty() {
            answer.headers_mut().reserve(self.headers.len() + 2);
            for (name, value) in &self.headers {
                answer.headers_mut().append(name, value.clone());
            }
        }
        ready(Ok(answer))
    }
}
