//! The tower plumbing, written once: asks the policies, then calls the readied inner service or answers the refusal.

use std::{
    mem,
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Response, request};
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    Clock, Enforce, Policies, Progress, ResponseFuture, Run, SecurityContext, Striped,
    trail_record::Passes,
};

/// Puts policies in front of a service. See the [crate docs](crate) for an example.
///
/// Cloning the layer shares the policies and their state.
#[derive(Debug)]
pub struct GateLayer<P> {
    posts: Posts<P>,
}

/// The service [`GateLayer`] makes. See the [crate docs](crate) for an example.
#[derive(Debug)]
pub struct Gate<S, P> {
    inner: S,
    posts: Posts<P>,
}

/// One post for each thread, because every request counts its references. Made with the layer and not with the service:
/// axum makes the services of a router anew for every request.
type Posts<P> = Arc<Striped<Arc<Post<P>>>>;

/// What a gate and the requests in it share.
#[derive(Debug)]
pub(crate) struct Post<P> {
    pub(crate) policies: Arc<P>,
    pub(crate) names: Arc<[&'static str]>,
    pub(crate) enforce: Enforce,
    clock: Clock,
}

// === impl GateLayer ===

impl<P: Policies> GateLayer<P> {
    /// Puts `policies` behind one gate that blocks, with the system's clock.
    pub fn new(policies: P) -> Self {
        Self::with(&Arc::new(policies), Enforce::Block, Clock::system())
    }

    /// Carries out or only reports what the policies refuse. Default: [`Enforce::Block`].
    #[must_use]
    pub fn enforce(self, enforce: Enforce) -> Self {
        let post = self.posts.mine();
        Self::with(&post.policies, enforce, post.clock.clone())
    }

    /// Takes the arrival time of a request from `clock`, if this gate is the first to see it.
    #[must_use]
    pub fn clock(self, clock: Clock) -> Self {
        let post = self.posts.mine();
        Self::with(&post.policies, post.enforce, clock)
    }

    fn with(policies: &Arc<P>, enforce: Enforce, clock: Clock) -> Self {
        let mut names = Vec::new();
        policies.names(&mut names);
        let post = Post { policies: Arc::clone(policies), names: names.into(), enforce, clock };
        Self { posts: Arc::new(Striped::new(|| Arc::new(post.twin()))) }
    }
}

impl<P> Clone for GateLayer<P> {
    fn clone(&self) -> Self {
        Self { posts: Arc::clone(&self.posts) }
    }
}

impl<S, P> Layer<S> for GateLayer<P> {
    type Service = Gate<S, P>;

    fn layer(&self, inner: S) -> Self::Service {
        Gate { inner, posts: Arc::clone(&self.posts) }
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
        Self { inner: self.inner.clone(), posts: Arc::clone(&self.posts) }
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
        let post = Arc::clone(self.posts.mine());
        let context = SecurityContext::ensure(&mut head, &post.clock);
        match post.ask(0, 0, &mut head, &context) {
            Progress::Passed => {
                let answer = self.inner.call(Request::from_parts(head, body));
                ResponseFuture::calling(post, context, answer)
            }
            Progress::Refused { step, rejection } => {
                ResponseFuture::refused(post, context, step, rejection)
            }
            Progress::Waiting(waiting) => {
                let (rest, inner) = ((head, body), readied(&mut self.inner));
                ResponseFuture::waiting(post, context, waiting, rest, inner)
            }
        }
    }
}

// === impl Post ===

impl<P> Post<P> {
    /// The same, without a count of references in common that a request writes: for another thread.
    fn twin(&self) -> Self {
        let Self { policies, names, enforce, clock } = self;
        let (policies, clock) = (Arc::clone(policies), clock.clone());
        Self { policies, names: (**names).into(), enforce: *enforce, clock }
    }
}

impl<P: Policies> Post<P> {
    /// Asks the policies from step `from` on, and writes into the trail which passed since step `since`.
    pub(crate) fn ask(
        &self,
        since: usize,
        from: usize,
        head: &mut request::Parts,
        context: &SecurityContext,
    ) -> Progress {
        let progress = self.policies.check_from(from, &mut Run::new(head, context, self.enforce));
        let until = progress.passed().unwrap_or(self.names.len());
        if since < until {
            context.record_passes(Passes { names: Arc::clone(&self.names), steps: since..until });
        }
        progress
    }
}

/// Takes the service that was polled ready and leaves a fresh clone: the clone may not be ready, the original is.
fn readied<S: Clone>(inner: &mut S) -> S {
    let fresh = inner.clone();
    mem::replace(inner, fresh)
}
