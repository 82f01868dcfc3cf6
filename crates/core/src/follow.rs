//! Follows answers to their end, and tells what is attached to their requests.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::{Method, Request, Response};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::{Clock, Ended, SecurityContext, Tail};

/// Tells what is attached to a request how it ended ([`SecurityContext::at_end`]): to the last byte, before it, or without an
/// answer. Where several layers follow, the outermost one tells.
///
/// The problem layer of `palisade-problem` does so too; where that is outermost, nobody needs this.
#[derive(Clone, Debug, Default)]
pub struct FollowLayer {
    clock: Clock,
}

/// The service [`FollowLayer`] makes.
#[derive(Clone, Debug)]
pub struct Follow<S> {
    inner: S,
    clock: Clock,
}

pin_project! {
    /// The response future of [`Follow`].
    #[derive(Debug)]
    pub struct FollowFuture<F> {
        #[pin]
        inner: F,
        method: Method,
        // Tells, should it be dropped, that there was no answer. None once there is one.
        tail: Option<Tail>,
    }
}

pin_project! {
    /// The body of an answer that is followed: hands on what the inner one gives, unchanged.
    #[derive(Debug, Default)]
    pub struct FollowedBody<B> {
        #[pin]
        inner: B,
        // Behind the body: what is attached to the request lasts until the body is gone.
        tail: Option<Tail>,
    }
}

// === impl FollowLayer ===

impl FollowLayer {
    /// Follows, with the system's clock.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the arrival time of a request from `clock`, if this layer is the first to see it.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }
}

impl<S> Layer<S> for FollowLayer {
    type Service = Follow<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Follow { inner, clock: self.clock.clone() }
    }
}

// === impl Follow ===

impl<S, A, B> Service<Request<A>> for Follow<S>
where
    S: Service<Request<A>, Response = Response<B>>,
    B: Body,
{
    type Response = Response<FollowedBody<B>>;
    type Error = S::Error;
    type Future = FollowFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<A>) -> Self::Future {
        let context = SecurityContext::ensure_in(request.extensions_mut(), &self.clock);
        // Before the call: what is further in sees that somebody follows.
        let tail = Some(Tail::follow(context));
        let method = request.method().clone();
        FollowFuture { inner: self.inner.call(request), method, tail }
    }
}

// === impl FollowFuture ===

impl<F, B, E> Future for FollowFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body,
{
    type Output = Result<Response<FollowedBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let (head, inner) = ready!(this.inner.poll(cx))?.into_parts();
        let mut tail = this.tail.take();
        if let Some(tail) = &mut tail {
            tail.answered(head.status, Tail::expected(this.method, &head, &inner));
        }
        Poll::Ready(Ok(Response::from_parts(head, FollowedBody { inner, tail })))
    }
}

// === impl FollowedBody ===

impl<B> FollowedBody<B> {
    /// A body that nobody follows yet.
    #[must_use]
    pub const fn new(inner: B) -> Self {
        Self { inner, tail: None }
    }

    /// Tells by `tail`, which knows of the answer already, how much of the body was sent. Keeps the context of the request until
    /// the body is dropped.
    #[must_use]
    pub fn followed_by(self, tail: Tail) -> Self {
        Self { tail: Some(tail), ..self }
    }
}

impl<B: Body> Body for FollowedBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let mut this = self.project();
        let next = ready!(this.inner.as_mut().poll_frame(cx));
        if let Some(tail) = this.tail {
            let ended = if this.inner.is_end_stream() { Ended::Whole } else { Ended::Cut };
            tail.passes(next.as_ref(), ended);
        }
        Poll::Ready(next)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
