//! Calls the handler the policy decided about.

use std::{
    convert::Infallible,
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use ::axum::{
    BoxError,
    response::Response,
    routing::{MethodRouter, future::RouteFuture},
};
use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body::Body as _;
use palisade_core::{Code, Rejection, RejectionKind, SecurityContext};
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::{
    Registry, ScopePolicy,
    axum::matched::{Matched, Place},
    params::{INTERNAL, NOT_FOUND},
};

const METHOD_NOT_ALLOWED: Code =
    Code::new("method-not-allowed", "The method is not one of this path");

/// Calls the handler that [`RoutePolicy`](crate::RoutePolicy) decided about. Made by
/// [`AccessRouter::into_parts`](crate::AccessRouter::into_parts).
///
/// It looks for nothing itself. A request that no policy with the same registry has seen is answered 500
/// `internal-error`: a service wired without its gate serves nothing. Declared scopes are asked for here at the latest,
/// as by [`ScopePolicy`](crate::ScopePolicy).
#[derive(Clone)]
pub struct Dispatch {
    inner: Arc<Inner>,
}

#[derive(Clone)]
struct Inner {
    registry: Registry,
    handlers: Vec<MethodRouter>,
    fallback: Option<MethodRouter>,
    scopes: ScopePolicy,
}

pin_project! {
    /// The answer of a [`Dispatch`].
    pub struct DispatchFuture {
        #[pin]
        state: State,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State {
        Handler { #[pin] answer: RouteFuture<Infallible> },
        Refused { rejection: Option<Rejection> },
    }
}

// === impl Dispatch ===

impl Dispatch {
    pub(crate) fn new(
        registry: Registry,
        handlers: Vec<MethodRouter>,
        fallback: Option<MethodRouter>,
    ) -> Self {
        let scopes = ScopePolicy::new();
        Self { inner: Arc::new(Inner { registry, handlers, fallback, scopes }) }
    }

    /// Asks for declared scopes so. Default: [`ScopePolicy::new`].
    #[must_use]
    pub fn scopes(mut self, scopes: ScopePolicy) -> Self {
        Arc::make_mut(&mut self.inner).scopes = scopes;
        self
    }

    fn handler(&self, context: Option<&SecurityContext>) -> Result<MethodRouter, Rejection> {
        let Inner { registry, handlers, fallback, scopes } = &*self.inner;
        let miswired =
            |reason: &str| Rejection::new(RejectionKind::Internal, INTERNAL).reason(reason);
        match Matched::take(registry, context) {
            Some(Place::Handler(index)) => {
                context.map_or(Ok(()), |context| scopes.ask(context))?;
                handlers.get(index).cloned().ok_or_else(|| miswired("a route without a handler"))
            }
            Some(Place::OtherMethods(allow)) => {
                Err(method_not_allowed().header(header::ALLOW, allow))
            }
            Some(Place::Unmatched) => {
                let nothing = || Rejection::new(RejectionKind::NotFound, NOT_FOUND);
                fallback.clone().ok_or_else(nothing)
            }
            None => Err(miswired("no route policy with this registry in front of the dispatch")),
        }
    }
}

impl<B> Service<Request<B>> for Dispatch
where
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BoxError>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = DispatchFuture;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> DispatchFuture {
        let state = match self.handler(request.extensions().get()) {
            Ok(mut handler) => State::Handler { answer: handler.call(request) },
            Err(rejection) => State::Refused { rejection: Some(rejection) },
        };
        DispatchFuture { state }
    }
}

impl fmt::Debug for Dispatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dispatch")
            .field("handlers", &self.inner.handlers.len())
            .finish_non_exhaustive()
    }
}

// === impl DispatchFuture ===

impl Future for DispatchFuture {
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProjection::Handler { answer } => {
                let Ok(answer) = ready!(answer.poll(cx));
                Poll::Ready(Ok(explained(answer)))
            }
            StateProjection::Refused { rejection } => match rejection.take() {
                Some(rejection) => Poll::Ready(Ok(rejection.into_answer())),
                // Polled after it was ready.
                None => Poll::Pending,
            },
        }
    }
}

impl fmt::Debug for DispatchFuture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DispatchFuture").finish_non_exhaustive()
    }
}

/// Makes a refusal of the bare 405 of a `MethodRouter`. What a handler said itself stays.
fn explained(mut answer: Response) -> Response {
    let bare = answer.status() == StatusCode::METHOD_NOT_ALLOWED
        && answer.extensions().get::<Rejection>().is_none()
        && answer.body().size_hint().exact() == Some(0)
        // The answer to HEAD has lost its body, but not the length of it.
        && answer.headers().get(header::CONTENT_LENGTH).is_none_or(|length| length == "0");
    if bare {
        // Its headers stay: `Allow`, and what a layer on the `MethodRouter` added.
        answer.extensions_mut().insert(method_not_allowed());
    }
    answer
}

fn method_not_allowed() -> Rejection {
    Rejection::new(RejectionKind::MethodNotAllowed, METHOD_NOT_ALLOWED)
}
