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
use palisade_core::{Rejection, SECURITY_TARGET, SecurityContext};
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
        watched: Option<Watched>,
    }
}

/// A body that is being read by somebody else.
struct Watched {
    fault: Arc<Fault>,
    context: Option<SecurityContext>,
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
            return BodyFuture { inner, version, watched: None };
        }
        let context = request.extensions().get::<SecurityContext>().cloned();
        let guard = self.rules.guard(context.as_ref(), &mut request);
        let watched = Some(Watched { fault: Arc::clone(&guard.fault), context });
        let inner = self.inner.call(request.map(|body| LimitedBody::new(body, Some(guard))));
        BodyFuture { inner, version, watched }
    }
}

// === impl BodyRules ===

impl BodyRules {
    /// What holds for the body of this request. What is unpacked is no longer coded, and nobody knows how long it is.
    fn guard<B>(&self, context: Option<&SecurityContext>, request: &mut Request<B>) -> Guard {
        let gunzip = match self.codings.of(request.headers()) {
            Coding::Gzip { ratio } => {
                request.headers_mut().remove(header::CONTENT_ENCODING);
                request.headers_mut().remove(header::CONTENT_LENGTH);
                Some(Gunzip::new(ratio))
            }
            Coding::None | Coding::Unknown => None,
        };
        let pace = self.patience.as_ref().map(|(patience, timer)| Pace {
            patience: *patience,
            timer: Arc::clone(timer),
            clock: self.clock.clone(),
            waiting: None,
        });
        let limit = self.limits.of(context.and_then(SecurityContext::route));
        Guard { limit, read: 0, gunzip, pace, fault: Arc::default(), ended: false }
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
        let refused = this.watched.as_ref().and_then(|watched| watched.refused(*this.version));
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

// === impl Watched ===

impl Watched {
    /// What was found out about the body, if it may not be read on.
    fn refused(&self, version: Version) -> Option<Rejection> {
        let rejection = self.fault.get()?.rejection(version);
        let context = self.context.as_ref();
        tracing::warn!(
            target: SECURITY_TARGET,
            event = "body.refused",
            code = rejection.code().as_str(),
            status = rejection.status().as_u16(),
            request_id = context.map(|context| tracing::field::display(context.request_id())),
            client_ip = context.and_then(SecurityContext::client_ip).map(tracing::field::display),
            "a body was not read to its end"
        );
        Some(rejection)
    }
}
