//! The answer of the problem layer: waits for the inner service, then renders.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use http::Response;
use http_body::Body;
use palisade_core::Tail;
use pin_project_lite::pin_project;

use crate::{
    ProblemBody, Render,
    edge::{Asked, Edge, Target},
};

pin_project! {
    /// The response future of [`Problem`](crate::Problem).
    pub struct ResponseFuture<F, R> {
        #[pin]
        inner: F,
        edge: Arc<Edge<R>>,
        asked: Asked,
        target: Target,
        // Tells, should it be dropped, that there was no answer. None once there is one.
        tail: Option<Tail>,
    }
}

// === impl ResponseFuture ===

impl<F, R> ResponseFuture<F, R> {
    pub(crate) fn new(
        inner: F,
        edge: Arc<Edge<R>>,
        (asked, target): (Asked, Target),
        tail: Tail,
    ) -> Self {
        Self { inner, edge, asked, target, tail: Some(tail) }
    }
}

impl<F, R, B, E> Future for ResponseFuture<F, R>
where
    F: Future<Output = Result<Response<B>, E>>,
    R: Render,
    B: Body,
{
    type Output = Result<Response<ProblemBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let answer = ready!(this.inner.poll(cx))?;
        // Asked again after it answered, a future owes nothing.
        let Some(tail) = this.tail.take() else { return Poll::Pending };
        Poll::Ready(Ok(this.edge.finish(answer, (*this.asked, this.target), tail)))
    }
}

impl<F, R> fmt::Debug for ResponseFuture<F, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").field("tail", &self.tail).finish_non_exhaustive()
    }
}
