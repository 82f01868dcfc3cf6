//! CORS on the way of a request: preflights end here, and every other answer says whose pages may read it.
//!
//! Preflights are tower-http's. For all else its middleware builds a map of headers per request and moves it into the
//! answer; here they are static values, written where they belong.

use std::{
    fmt,
    future::{Future, Pending, pending},
    marker::PhantomData,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use http::{HeaderMap, HeaderValue, Request, Response, header};
use pin_project_lite::pin_project;
use tower_http::cors::{CorsLayer as Preflights, ResponseFuture as PreflightFuture};
use tower_layer::Layer;
use tower_service::Service;

use super::{
    headers::Headers,
    origins::{Grant, Origins},
    preflight::{NotGranted, is_preflight, judge},
};
use crate::{host, vary};

/// Puts CORS in front of a service. Made by [`Cors`](crate::Cors).
///
/// tower-http takes every OPTIONS for a preflight and answers 200 itself: no client of a service could ask an OPTIONS
/// handler, and a request that every other layer would refuse gets an answer that looks like success. A preflight has an
/// `Origin` and an `Access-Control-Request-Method` (Fetch, "CORS-preflight request").
#[derive(Clone, Debug)]
pub struct CorsLayer {
    rules: Arc<Rules>,
}

/// The service [`CorsLayer`] makes.
#[derive(Clone, Debug)]
pub struct CorsService<S> {
    inner: S,
    // Servers clone a service for every request.
    rules: Arc<Rules>,
}

#[derive(Debug)]
struct Rules {
    preflights: Preflights,
    origins: Origins,
    allowed: Headers,
    exposed: HeaderValue,
    hosts: Hosts,
}

/// Whose preflights end here.
#[derive(Clone, Copy, Debug)]
enum Hosts {
    /// All.
    Any,
    /// Those for one host. A layer further in refuses the others.
    One,
}

pin_project! {
    /// The answer of a [`CorsService`].
    pub struct CorsFuture<F: Future> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<F: Future> {
        // Boxed, because it is rare and large.
        Preflight { answer: Pin<Box<PreflightFuture<Pending<F::Output>>>> },
        Refused { why: NotGranted },
        // Not the rules: to count who holds them is written by all threads.
        Request { #[pin] answer: F, leave: Leave },
    }
}

/// What is written into an answer.
#[derive(Debug)]
struct Leave {
    /// Whether answers differ by origin.
    varies: bool,
    grant: Grant,
    /// What a page may read, if there is a page that may.
    exposed: Option<HeaderValue>,
}

/// Stands behind tower-http's preflights, which end there: it is never called.
struct Nobody<R, E>(PhantomData<fn() -> Result<R, E>>);

// === impl CorsLayer ===

impl CorsLayer {
    pub(crate) fn new(
        preflights: Preflights,
        origins: Origins,
        allowed: Headers,
        exposed: HeaderValue,
    ) -> Self {
        let hosts = Hosts::Any;
        Self { rules: Arc::new(Rules { preflights, origins, allowed, exposed, hosts }) }
    }

    /// Hands preflights on that do not say clearly for which host they are: whoever is behind refuses them like all requests.
    pub(crate) fn of_one_host(mut self) -> Self {
        let Rules { preflights, origins, allowed, exposed, .. } = &*self.rules;
        let (preflights, origins) = (preflights.clone(), origins.clone());
        let (allowed, exposed) = (allowed.clone(), exposed.clone());
        let hosts = Hosts::One;
        self.rules = Arc::new(Rules { preflights, origins, allowed, exposed, hosts });
        self
    }
}

impl<S> Layer<S> for CorsLayer {
    type Service = CorsService<S>;

    fn layer(&self, inner: S) -> CorsService<S> {
        CorsService { inner, rules: Arc::clone(&self.rules) }
    }
}

// === impl Nobody ===

impl<B, R, E> Service<Request<B>> for Nobody<R, E> {
    type Response = Response<R>;
    type Error = E;
    type Future = Pending<Result<Response<R>, E>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), E>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<B>) -> Self::Future {
        pending()
    }
}

// === impl CorsService ===

impl<S, B, R> Service<Request<B>> for CorsService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Default,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = CorsFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let rules = &*self.rules;
        let state = if is_preflight(&request) && rules.hosts.take(&request) {
            match judge(request.headers(), &rules.origins, &rules.allowed) {
                Ok(()) => {
                    let mut preflights = rules.preflights.layer(Nobody(PhantomData));
                    State::Preflight { answer: Box::pin(preflights.call(request)) }
                }
                Err(why) => State::Refused { why },
            }
        } else {
            let leave = rules.leave(request.headers());
            State::Request { answer: self.inner.call(request), leave }
        };
        CorsFuture { state }
    }
}

// === impl CorsFuture ===

impl<F, R, E> Future for CorsFuture<F>
where
    F: Future<Output = Result<Response<R>, E>>,
    R: Default,
{
    type Output = Result<Response<R>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProjection::Preflight { answer } => {
                let mut answer = ready!(answer.as_mut().poll(cx))?;
                vary::on_preflight(answer.headers_mut());
                Poll::Ready(Ok(answer))
            }
            StateProjection::Refused { why } => {
                let mut answer = why.rejection().into_answer();
                vary::on_preflight(answer.headers_mut());
                Poll::Ready(Ok(answer))
            }
            StateProjection::Request { answer, leave } => {
                let mut answer = ready!(answer.poll(cx))?;
                leave.write(answer.headers_mut());
                Poll::Ready(Ok(answer))
            }
        }
    }
}

// === impl Hosts ===

impl Hosts {
    fn take<B>(self, request: &Request<B>) -> bool {
        match self {
            Self::Any => true,
            Self::One => host::fault(request.version(), request.uri(), request.headers()).is_none(),
        }
    }
}

// === impl Rules ===

impl Rules {
    fn leave(&self, headers: &HeaderMap) -> Leave {
        let grant = self.origins.grant(headers);
        let reads = matches!(grant, Grant::Anyone | Grant::WithCredentials(_));
        Leave { varies: self.origins.vary(), grant, exposed: reads.then(|| self.exposed.clone()) }
    }
}

// === impl Leave ===

impl Leave {
    /// Writes whose pages may read this answer. What a handler says about it counts for nothing: there is one list.
    fn write(&mut self, headers: &mut HeaderMap) {
        if self.varies {
            vary::add(headers, vary::ORIGIN);
        }
        match std::mem::replace(&mut self.grant, Grant::NoOrigin) {
            // No page asks; but a cache could hand the answer to one.
            Grant::NoOrigin | Grant::Nothing => {
                headers.remove(header::ACCESS_CONTROL_ALLOW_ORIGIN);
                headers.remove(header::ACCESS_CONTROL_ALLOW_CREDENTIALS);
            }
            Grant::Anyone => {
                headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
                headers.remove(header::ACCESS_CONTROL_ALLOW_CREDENTIALS);
            }
            Grant::WithCredentials(origin) => {
                headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
                let yes = HeaderValue::from_static("true");
                headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, yes);
            }
        }
        match self.exposed.take() {
            Some(exposed) => headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed),
            None => headers.remove(header::ACCESS_CONTROL_EXPOSE_HEADERS),
        };
    }
}

impl<F: Future> fmt::Debug for CorsFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CorsFuture").finish_non_exhaustive()
    }
}
