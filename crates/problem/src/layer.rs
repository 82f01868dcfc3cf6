//! The layer and its service: makes the context on the way in, leaves the rest to the way out.

use std::{
    fmt,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use palisade_core::{Clock, ConfigError, Rejection, SecurityContext, Striped, Tail};
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    BareErrors, ProblemBody, ProblemJson, Render, ResponseFuture,
    edge::{Asked, Edge, Target},
};

/// Renders refusals. Put it outermost. See the [crate docs](crate) for its rules and an example.
pub struct ProblemLayer<R = ProblemJson> {
    edges: Edges<R>,
    clock: Clock,
}

/// One for each thread, because every request counts its references.
type Edges<R> = Arc<Striped<Arc<Edge<R>>>>;

/// The service [`ProblemLayer`] makes.
pub struct Problem<S, R = ProblemJson> {
    inner: S,
    edges: Edges<R>,
    clock: Clock,
}

// === impl ProblemLayer ===

impl ProblemLayer {
    /// Renders refusals and bare errors as `application/problem+json`.
    #[must_use]
    pub fn new() -> Self {
        Self::with(&Edge::new(ProblemJson::new()), Clock::system())
    }

    /// Takes `base` as the page that documents the problems. See [`ProblemJson::documented_at`].
    ///
    /// # Errors
    ///
    /// Those of [`ProblemJson::documented_at`].
    pub fn documented_at(self, base: &str) -> Result<Self, ConfigError> {
        Ok(self.renderer(ProblemJson::documented_at(base)?))
    }
}

impl<R> ProblemLayer<R> {
    /// Renders by a closure instead: an answer whose status, headers and body replace those of the refusal.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::Response;
    /// use palisade_problem::ProblemLayer;
    ///
    /// let layer = ProblemLayer::new().render_with(|rejection, context| {
    ///     let text = format!("{} ({})\n", rejection.code().title(), context.request_id());
    ///     let mut answer = Response::new(Bytes::from(text));
    ///     *answer.status_mut() = rejection.status();
    ///     answer
    /// });
    /// ```
    #[must_use]
    pub fn render_with<F>(self, render: F) -> ProblemLayer<F>
    where
        F: Fn(&Rejection, &SecurityContext) -> Response<Bytes>,
    {
        self.renderer(render)
    }

    /// Renders by a [`Render`] of one's own instead.
    #[must_use]
    pub fn renderer<T: Render>(self, renderer: T) -> ProblemLayer<T> {
        ProblemLayer::with(&self.edge().with_renderer(renderer), self.clock)
    }

    fn with(edge: &Edge<R>, clock: Clock) -> Self {
        Self { edges: Arc::new(Striped::new(|| Arc::new(edge.clone()))), clock }
    }

    fn edge(&self) -> Edge<R> {
        Edge::clone(self.edges.mine())
    }

    /// What becomes of errors that helpers made. Default: [`BareErrors::Render`].
    #[must_use]
    pub fn bare_errors(self, bare_errors: BareErrors) -> Self {
        let mut edge = self.edge();
        edge.bare_errors = bare_errors;
        Self::with(&edge, self.clock)
    }

    /// Answers refused gRPC calls as gRPC does: status 200, and `grpc-status` with `grpc-message` among the headers.
    ///
    /// A call is of gRPC if its content type is `application/grpc`, alone or with a format (`application/grpc+proto`).
    #[cfg(feature = "grpc")]
    #[must_use]
    pub fn render_grpc(self) -> Self {
        let mut edge = self.edge();
        edge.grpc = crate::edge::GrpcCalls::AsGrpc;
        Self::with(&edge, self.clock)
    }

    /// Takes the arrival time of requests from `clock`.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }
}

impl Default for ProblemLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<R> Clone for ProblemLayer<R> {
    fn clone(&self) -> Self {
        Self { edges: Arc::clone(&self.edges), clock: self.clock.clone() }
    }
}

impl<R> fmt::Debug for ProblemLayer<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProblemLayer").field("edge", self.edges.mine()).finish_non_exhaustive()
    }
}

impl<S, R> Layer<S> for ProblemLayer<R> {
    type Service = Problem<S, R>;

    fn layer(&self, inner: S) -> Self::Service {
        Problem { inner, edges: Arc::clone(&self.edges), clock: self.clock.clone() }
    }
}

// === impl Problem ===

impl<S> Problem<S> {
    /// Renders the refusals of `inner`.
    pub fn new(inner: S) -> Self {
        ProblemLayer::new().layer(inner)
    }
}

impl<S: Clone, R> Clone for Problem<S, R> {
    fn clone(&self) -> Self {
        let Self { inner, edges, clock } = self;
        Self { inner: inner.clone(), edges: Arc::clone(edges), clock: clock.clone() }
    }
}

impl<S: fmt::Debug, R> fmt::Debug for Problem<S, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Problem")
            .field("inner", &self.inner)
            .field("edge", self.edges.mine())
            .finish_non_exhaustive()
    }
}

impl<S, R, A, B> Service<Request<A>> for Problem<S, R>
where
    S: Service<Request<A>, Response = Response<B>>,
    R: Render,
    B: Body,
{
    type Response = Response<ProblemBody<B>>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, R>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<A>) -> Self::Future {
        let context = SecurityContext::ensure_in(request.extensions_mut(), &self.clock);
        let asked = Asked::by(request.method(), request.headers());
        let target = Target::of(request.method(), request.uri());
        // Before the call: what is further in sees that somebody follows.
        let tail = Tail::follow(context);
        let answer = self.inner.call(request);
        ResponseFuture::new(answer, Arc::clone(self.edges.mine()), (asked, target), tail)
    }
}
