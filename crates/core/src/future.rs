//! The answer of a gate: waits if a policy must, then calls, then lets the policies finish.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use http::{Request, Response, request};
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::{Policies, Progress, Rejection, Run, SecurityContext, chain::Waiting, gate::Post};

pin_project! {
    /// The response future of [`Gate`](crate::Gate).
    pub struct ResponseFuture<S, P, B>
    where
        S: Service<Request<B>>,
    {
        post: Arc<Post<P>>,
        context: SecurityContext,
        #[pin]
        state: State<S, S::Future, B>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S, F, B> {
        // A policy waits; the rest of the request waits with it. Boxed, because it is rare and large.
        Waiting { pending: Option<Box<Pending<S, B>>> },
        // Everything passed.
        Calling { #[pin] answer: F },
        // Refused after this many policies passed.
        Refused { passed: usize, rejection: Option<Rejection> },
    }
}

/// A request held back by a policy that waits.
struct Pending<S, B> {
    waiting: Box<Waiting>,
    head: request::Parts,
    body: B,
    /// The service that was polled ready when the request came.
    inner: S,
}

// === impl ResponseFuture ===

impl<S: Service<Request<B>>, P, B> ResponseFuture<S, P, B> {
    pub(crate) fn calling(post: Arc<Post<P>>, context: SecurityContext, answer: S::Future) -> Self {
        Self { post, context, state: State::Calling { answer } }
    }

    pub(crate) fn refused(
        post: Arc<Post<P>>,
        context: SecurityContext,
        passed: usize,
        rejection: Rejection,
    ) -> Self {
        Self { post, context, state: State::Refused { passed, rejection: Some(rejection) } }
    }

    pub(crate) fn waiting(
        post: Arc<Post<P>>,
        context: SecurityContext,
        waiting: Box<Waiting>,
        (head, body): (request::Parts, B),
        inner: S,
    ) -> Self {
        let pending = Some(Box::new(Pending { waiting, head, body, inner }));
        Self { post, context, state: State::Waiting { pending } }
    }
}

impl<S, P, B, R> Future for ResponseFuture<S, P, B>
where
    S: Service<Request<B>, Response = Response<R>>,
    P: Policies,
    R: Default,
{
    type Output = Result<Response<R>, S::Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            let (passed, answer) = match this.state.as_mut().project() {
                StateProj::Waiting { pending } => {
                    let Some(held) = pending.as_mut() else { return Poll::Pending };
                    let result = ready!(held.waiting.future.as_mut().poll(cx));
                    let Some(held) = pending.take() else { return Poll::Pending };
                    this.state.set(held.resume(result, this.post, this.context));
                    continue;
                }
                StateProj::Calling { answer } => (usize::MAX, ready!(answer.poll(cx))?),
                StateProj::Refused { passed, rejection } => {
                    let Some(rejection) = rejection.take() else { return Poll::Pending };
                    (*passed, rejection.into_answer())
                }
            };
            let (mut head, body) = answer.into_parts();
            this.post.policies.finish_until(passed, this.context, &mut head);
            return Poll::Ready(Ok(Response::from_parts(head, body)));
        }
    }
}

impl<S: Service<Request<B>>, P, B> fmt::Debug for ResponseFuture<S, P, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").field("context", &self.context).finish_non_exhaustive()
    }
}

// === impl Pending ===

impl<S: Service<Request<B>>, B> Pending<S, B> {
    /// Goes on with the policies behind the one that waited.
    fn resume<P: Policies>(
        mut self: Box<Self>,
        result: Result<(), Rejection>,
        post: &Post<P>,
        context: &SecurityContext,
    ) -> State<S, S::Future, B> {
        let Waiting { step, policy, enforce, .. } = *self.waiting;
        let run = Run::new(&mut self.head, context, enforce).at(step);
        let progress = match result.err().and_then(|rejection| run.settle(policy, rejection)) {
            None => post.ask(step, step.saturating_add(1), &mut self.head, context),
            Some(rejection) => Progress::Refused { step, rejection },
        };
        match progress {
            Progress::Passed => {
                let answer = self.inner.call(Request::from_parts(self.head, self.body));
                State::Calling { answer }
            }
            Progress::Refused { step, rejection } => {
                State::Refused { passed: step, rejection: Some(rejection) }
            }
            Progress::Waiting(waiting) => {
                self.waiting = waiting;
                State::Waiting { pending: Some(self) }
            }
        }
    }
}
