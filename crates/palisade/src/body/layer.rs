//! Puts the limits around the bodies of requests, and says to the client what they found.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use http::{HeaderValue, Request, Response, StatusCode, Version, header};
use http_body::Body;
use palisade_core::SecurityContext;
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use super::{
    BodyRules, LimitedBody,
    error::Fault,
    gunzip::Gunzip,
    limited::{Guard, Pace},
    rules::Coding,
};

/// Limits bodies while they are read. Made by [`stack`](crate::stack()).
#[derive(Clone, Debug)]
pub struct BodyLayer {
    rules: Arc<BodyRules>,
}

/// The service [`BodyLayer`] makes.
#[derive(Clone, Debug)]
pub struct BodyService<S> {
    inner: S,
    rules: Arc<BodyRules>,
}

pin_project! {
    /// The answer of a [`BodyService`].
    pub struct BodyFuture<F> {
        #[pin]
        inner: F,
        version: Version,
        // None where there is no body.
        fault: Option<Arc<Fault>>,
    }
}

// === impl BodyLayer ===

impl BodyLayer {
    pub(crate) fn new(rules: Arc<BodyRules>) -> Self {
        Self { rules }
    }
}

impl<S> Layer<S> for BodyLayer {
    type Service = BodyService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        BodyService { inner, rules: Arc::clone(&self.rules) }
    }
}

// === impl BodyService ===

impl<S, B, R> Service<Request<B>> for BodyService<S>
where
    S: Service<Request<LimitedBody<B>>, Response = Response<R>>,
    B: Body,
    R: Default,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = BodyFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let version = request.version();
        if request.body().is_end_stream() {
            let inner = self.inner.call(request.map(|body| LimitedBody::new(body, None)));
            return BodyFuture { inner, version, fault: None };
        }
        let context = request.extensions().get::<SecurityContext>().cloned();
        let guard = self.rules.guard(context, &mut request);
        let fault = Some(Arc::clone(&guard.fault));
        let inner = self.inner.call(request.map(|body| LimitedBody::new(body, Some(guard))));
        BodyFuture { inner, version, fault }
    }
}

// === impl BodyRules ===

impl BodyRules {
    /// What holds for the body of this request. What is unpacked is no longer coded, and nobody knows how long it is.
    fn guard<B>(&self, context: Option<SecurityContext>, request: &mut Request<B>) -> Guard {
        let gunzip = match self.codings.of(request.headers()) {
            Coding::Gzip { ratio } => {
                request.headers_mut().remove(header::CONTENT_ENCODING);
                request.headers_mut().remove(header::CONTENT_LENGTH);
                Some(Gunzip::new(ratio))
            }
            Coding::None | Coding::Unknown => None,
        };
        let route = context.as_ref().and_then(SecurityContext::route);
        let pace = self.patience.of(route).map(|(patience, timer)| Pace {
            patience,
            timer,
            clock: self.clock.clone(),
            waiting: None,
        });
        let limit = self.limits.of(route);
        let fault = Arc::new(Fault::new(request.version(), context));
        Guard { limit, read: 0, packed: 0, gunzip, pace, fault, ended: false, trailers: None }
    }
}

// === impl BodyFuture ===

impl<F, R, E> Future for BodyFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: Default,
{
    type Output = Result<Response<R>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let answer = ready!(this.inner.poll(cx));
        let refused = this.fault.as_ref().and_then(|fault| fault.answer());
        Poll::Ready(match refused {
            // Whatever the handler made of a body that it could not read.
            Some(rejection) => Ok(rejection.into_answer()),
            None => answer.map(|answer| closing(*this.version, answer)),
        })
    }
}

impl<F> fmt::Debug for BodyFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyFuture").field("version", &self.version).finish_non_exhaustive()
    }
}

/// A handler that found a body too large by itself has not read it either.
fn closing<R>(version: Version, mut answer: Response<R>) -> Response<R> {
    if answer.status() == StatusCode::PAYLOAD_TOO_LARGE && version < Version::HTTP_2 {
        answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    answer
}
