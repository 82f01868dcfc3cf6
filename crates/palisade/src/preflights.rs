//! CORS for what is CORS: a preflight ends here, and any other OPTIONS goes on to the service like every request.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::{HeaderMap, HeaderValue, Method, Request, Response, header};
use pin_project_lite::pin_project;
use tower_http::cors::{Cors as TowerCors, CorsLayer, ResponseFuture as CorsFuture};
use tower_layer::Layer;
use tower_service::Service;

use crate::cors::Origins;

/// Puts CORS in front of a service.
///
/// tower-http takes every OPTIONS for a preflight and answers 200 itself: no client of a service could ask an OPTIONS
/// handler, and a request that every other layer would refuse gets an answer that looks like success. A preflight has an
/// `Origin` and an `Access-Control-Request-Method` (Fetch, "CORS-preflight request").
#[derive(Clone, Debug)]
pub struct PreflightsLayer {
    cors: CorsLayer,
    origins: Origins,
}

/// The service [`PreflightsLayer`] makes.
#[derive(Clone, Debug)]
pub struct Preflights<S> {
    cors: TowerCors<S>,
    origins: Origins,
}

pin_project! {
    /// The answer of [`Preflights`].
    pub struct PreflightsFuture<F> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<F> {
        // As tower-http does it.
        Cors { #[pin] answer: CorsFuture<F> },
        // An OPTIONS that is a request like others.
        Plain { #[pin] answer: F, grant: HeaderMap },
    }
}

// === impl PreflightsLayer ===

impl PreflightsLayer {
    pub(crate) fn new(cors: CorsLayer, origins: Origins) -> Self {
        Self { cors, origins }
    }
}

impl<S> Layer<S> for PreflightsLayer {
    type Service = Preflights<S>;

    fn layer(&self, inner: S) -> Preflights<S> {
        Preflights { cors: self.cors.layer(inner), origins: self.origins.clone() }
    }
}

// === impl Preflights ===

impl<S, B, R> Service<Request<B>> for Preflights<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Default,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = PreflightsFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.cors.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        if request.method() == Method::OPTIONS && !is_preflight(request.headers()) {
            let grant = self.origins.grant(request.headers().get(header::ORIGIN));
            let answer = self.cors.get_mut().call(request);
            return PreflightsFuture { state: State::Plain { answer, grant } };
        }
        PreflightsFuture { state: State::Cors { answer: self.cors.call(request) } }
    }
}

fn is_preflight(headers: &HeaderMap<HeaderValue>) -> bool {
    headers.contains_key(header::ORIGIN)
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
}

// === impl PreflightsFuture ===

impl<F> fmt::Debug for PreflightsFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreflightsFuture").finish_non_exhaustive()
    }
}

impl<F, R, E> Future for PreflightsFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: Default,
{
    type Output = Result<Response<R>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProjection::Cors { answer } => answer.poll(cx),
            StateProjection::Plain { answer, grant } => {
                let mut answer = ready!(answer.poll(cx))?;
                answer.headers_mut().extend(std::mem::take(grant));
                Poll::Ready(Ok(answer))
            }
        }
    }
}
