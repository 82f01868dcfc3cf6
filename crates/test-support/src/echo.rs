//! Services to put behind a layer.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use tower_service::Service;

/// The body of tests.
pub type Body = Full<Bytes>;

/// Answers 200 with the request's method and path, and counts how often it was called.
#[derive(Clone, Debug, Default)]
pub struct Echo {
    calls: Arc<AtomicUsize>,
}

/// Fails the test if it is called without having been polled ready: the mistake of calling a fresh clone.
#[derive(Debug, Default)]
pub struct Readied {
    ready: bool,
}

impl Echo {
    /// How often it was called, over all clones.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

impl<B> Service<Request<B>> for Echo {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let text = format!("{} {}", request.method(), request.uri().path());
        ready(Ok(Response::new(Body::from(text))))
    }
}

impl Clone for Readied {
    /// A clone is not ready, whatever the original is (the contract of `tower_service::Service`).
    fn clone(&self) -> Self {
        Self { ready: false }
    }
}

impl<B> Service<Request<B>> for Readied {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _request: Request<B>) -> Self::Future {
        assert!(self.ready, "called without being polled ready");
        self.ready = false;
        ready(Ok(Response::new(Body::default())))
    }
}
