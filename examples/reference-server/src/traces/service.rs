//! Stands around all the rest, and sees each request come and its answer go.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use http::{Request, Response};
use palisade::core::{Rejection, SecurityContext};
use pin_project_lite::pin_project;
use tower::Service;

use super::{making::Making, span::Open};

/// Makes a span of each request that the service within is asked.
#[derive(Clone, Debug)]
pub(crate) struct Traced<S> {
    inner: S,
    making: Option<Arc<Making>>,
}

pin_project! {
    /// The answer of the service within.
    pub(crate) struct Answer<F> {
        #[pin]
        inner: F,
        // None where no span is made.
        context: Option<SecurityContext>,
    }
}

// === impl Traced ===

impl<S> Traced<S> {
    pub(super) fn new(inner: S, making: Option<Arc<Making>>) -> Self {
        Self { inner, making }
    }
}

impl<S, B, R> Service<Request<B>> for Traced<S>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = Answer<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let context = self.making.as_ref().map(|making| {
            let context = SecurityContext::ensure_in(request.extensions_mut(), &making.clock);
            context.at_end(Open::new(making, &request));
            context
        });
        Answer { inner: self.inner.call(request), context }
    }
}

// === impl Answer ===

impl<F, R, E> Future for Answer<F>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let answer = ready!(this.inner.poll(cx))?;
        if let Some(context) = this.context
            && let Some(mut open) = context.detach::<Open>()
        {
            let rejection = answer.extensions().get::<Rejection>();
            open.answered(answer.status(), rejection.map(Rejection::code));
            context.attach_boxed(open);
        }
        Poll::Ready(Ok(answer))
    }
}
