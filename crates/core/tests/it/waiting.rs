//! The slow path: a policy that cannot answer at once.

use std::{
    convert::Infallible,
    pin::pin,
    task::{Context, Poll, Waker},
};

use http::{Request, Response, request};
use palisade_core::{
    BoxFuture, Country, Enforce, Gate, Policies, Policy, Rejection, RejectionKind, SecurityContext,
    Verdict,
};
use palisade_test_support::{Ask, Body, Echo, Readied};
use tokio::sync::oneshot;
use tower::Service;

use crate::policies::{Diary, NO, Passes, Refuses};

/// Waits for a word from outside, and learns the country meanwhile.
struct Asks(std::sync::Mutex<Option<oneshot::Receiver<bool>>>);

fn asks() -> (Asks, oneshot::Sender<bool>) {
    let (tell, told) = oneshot::channel();
    (Asks(std::sync::Mutex::new(Some(told))), tell)
}

impl Policy for Asks {
    fn name(&self) -> &'static str {
        "asks"
    }
    fn check(&self, _: &mut request::Parts, context: &SecurityContext) -> Verdict {
        let told = self.0.lock().unwrap().take().unwrap();
        let context = context.clone();
        let answer: BoxFuture<Result<(), Rejection>> = Box::pin(async move {
            let fine = told.await.unwrap();
            context.learn_country("DE".parse::<Country>().unwrap());
            if fine { Ok(()) } else { Err(Rejection::new(RejectionKind::Unavailable, NO)) }
        });
        Verdict::Wait(answer)
    }
}

/// Polls once, tells `word`, and polls again. Status 0: it still waits.
#[expect(clippy::fn_params_excessive_bools, reason = "the word that is waited for")]
fn ask<P: Policies, S>(
    gate: &mut Gate<S, P>,
    tell: oneshot::Sender<bool>,
    word: bool,
) -> (SecurityContext, u16)
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone,
{
    let context = palisade_test_support::context();
    let mut cx = Context::from_waker(Waker::noop());
    assert!(gate.poll_ready(&mut cx).is_ready());
    let mut answer = pin!(gate.call(Ask::get("/").context(&context).build()));
    assert!(answer.as_mut().poll(&mut cx).is_pending());
    tell.send(word).unwrap();
    match answer.poll(&mut cx) {
        Poll::Ready(Ok(answer)) => (context, answer.status().as_u16()),
        Poll::Pending => (context, 0),
    }
}

#[test]
fn the_chain_goes_on_behind_the_policy_that_waited() {
    let diary = Diary::default();
    let (policy, tell) = asks();
    let passes = |name| Passes(name, diary.clone());
    let mut gate = Gate::new(Echo::default(), passes("a").then(policy).then(passes("b")));
    let (context, status) = ask(&mut gate, tell, true);
    assert_eq!(status, 200);
    assert_eq!(context.country(), Some("DE".parse().unwrap()));
    assert_eq!(context.trail().to_string(), "a asks b");
    assert_eq!(diary.lock().unwrap().join(","), "a in,b in,b out 200,a out 200");
}

#[test]
fn a_refusal_after_waiting_ends_the_request() {
    let diary = Diary::default();
    let (policy, tell) = asks();
    let echo = Echo::default();
    let passes = |name| Passes(name, diary.clone());
    let mut gate = Gate::new(echo.clone(), passes("a").then(policy).then(passes("b")));
    let (context, status) = ask(&mut gate, tell, false);
    assert_eq!((status, echo.calls()), (503, 0));
    assert_eq!(context.trail().to_string(), "a asks!no");
    assert_eq!(diary.lock().unwrap().join(","), "a in,a out 503");
}

#[test]
fn a_refusal_behind_the_policy_that_waited_is_counted_from_the_start_of_the_chain() {
    let diary = Diary::default();
    let (policy, tell) = asks();
    let mut gate =
        Gate::new(Echo::default(), Passes("a", diary.clone()).then(policy).then(Refuses("wall")));
    let (context, status) = ask(&mut gate, tell, true);
    assert_eq!(status, 403);
    assert_eq!(context.trail().to_string(), "a asks wall!no");
    assert_eq!(diary.lock().unwrap().join(","), "a in,a out 403");
}

#[test]
fn two_policies_of_one_chain_can_wait() {
    let (first, tell_first) = asks();
    let (second, tell_second) = asks();
    tell_second.send(true).unwrap();
    let mut gate = Gate::new(Echo::default(), first.then(second));
    let (context, status) = ask(&mut gate, tell_first, true);
    assert_eq!(status, 200);
    assert_eq!(context.trail().to_string(), "asks asks");
}

#[test]
fn the_service_that_was_polled_ready_is_kept_while_waiting() {
    let (policy, tell) = asks();
    let mut gate = Gate::new(Readied::default(), policy);
    assert_eq!(ask(&mut gate, tell, true).1, 200);
}

#[test]
fn under_report_only_a_refusal_after_waiting_goes_on() {
    let (policy, tell) = asks();
    let mut gate = Gate::new(
        Echo::default(),
        policy.enforce(Enforce::ReportOnly).then(Passes("b", Diary::default())),
    );
    let (context, status) = ask(&mut gate, tell, false);
    assert_eq!(status, 200);
    assert_eq!(context.trail().to_string(), "asks?no b");
}
