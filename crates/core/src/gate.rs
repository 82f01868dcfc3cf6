//! The tower plumbing, written once: asks the policies, then calls the readied inner service or answers the refusal.

use std::{
    mem,
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use crate::{Clock, Enforce, Policies, Progress, ResponseFuture, Run, SecurityContext};

/// Puts policies in front of a service. See the [crate docs](crate) for an example.
///
/// Cloning the layer shares the policies and their state.
#[derive(Debug)]
pub struct GateLayer<P> {
    policies: Arc<P>,
    enforce: Enforce,
    clock: Clock,
}

/// The service [`GateLayer`] makes. See the [crate docs](crate) for an example.
#[derive(Debug)]
pub struct Gate<S, P> {
    inner: S,
    post: Arc<Post<P>>,
}

/// What a gate and the requests in it share.
#[derive(Debug)]
pub(crate) struct Post<P> {
    pub(crate) policies: Arc<P>,
    pub(crate) enforce: Enforce,
    clock: Clock,
}

// === impl GateLayer ===

impl<P: Policies> GateLayer<P> {
    /// Puts `policies` behind one gate that blocks, with the system's clock.
    pub fn new(policies: P) -> Self {
        Self { policies: Arc::new(policies), enforce: Enforce::Block, clock: Clock::system() }
    }

    /// Carries out or only reports what the policies refuse. Default: [`Enforce::Block`].
    #[must_use]
    pub fn enforce(mut self, enforce: Enforce) -> Self {
        self.enforce = enforce;
        self
    }

    /// Takes the arrival time of a request from `clock`, if this gate is the first to see it.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }
}

impl<P> Clone for GateLayer<P> {
    fn clone(&self) -> Self {
        Self {
            policies: Arc::clone(&self.policies),
            enforce: self.enforce,
            clock: self.clock.clone(),
        }
    }
}

impl<S, P> Layer<S> for GateLayer<P> {
    type Service = Gate<S, P>;

    fn layer(&self, inner: S) -> Self::Service {
        let Self { policies, enforce, clock } = self.clone();
        Gate { inner, post: Arc::new(Post { policies, enforce, clock }) }
    }
}

// === impl Gate ===

impl<S, P: Policies> Gate<S, P> {
    /// Puts `policies` in front of `inner`.
    pub fn new(inner: S, policies: P) -> Self {
        GateLayer::new(policies).layer(inner)
    }
}

impl<S: Clone, P> Clone for Gate<S, P> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), post: Arc::clone(&self.post) }
    }
}

impl<S, P, B, R> Service<Request<B>> for Gate<S, P>
where
    S: Service<Request<B>, Response = Response<R>> + Clone,
    P: Policies,
    R: Default,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = ResponseFuture<S, P, B>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (mut head, body) = request.into_parts();
        let post = Arc::clone(&self.post);
        let context = SecurityContext::ensure(&mut head, &post.clock);
        match post.policies.check_from(0, &mut Run::new(&mut head, &context, post.enforce)) {
            Progress::Passed => {
                let answer = self.inner.call(Request::from_parts(head, body));
                ResponseFuture::calling(post, context, answer)
            }
            Progress::Refused { step, rejection } => {
                ResponseFuture::refused(post, context, step, rejection)
            }
            Progress::Waiting(waiting) => ResponseFuture::waiting(
                post,
                context,
                waiting,
                (head, body),
                readied(&mut self.inner),
            ),
        }
    }
}

/// Takes the service that was polled ready and leaves a fresh clone: the clone may not be ready, the original is.
fn readied<S: Clone>(inner: &mut S) -> S {
    let fresh = inner.clone();
    mem::replace(inner, fresh)
}
