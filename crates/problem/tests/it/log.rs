//! What a handler refuses, in the security log.

use std::{convert::Infallible, future::ready};

use http::{Request, Response, request};
use palisade_core::{Code, GateLayer, Policy, Rejection, RejectionKind, SecurityContext, Verdict};
use palisade_problem::ProblemLayer;
use palisade_test_support::{Ask, Body, SecurityLog};
use tower::{Layer, ServiceExt, service_fn};

const CODE: Code = Code::new("token-required", "x");

struct Passes;

impl Policy for Passes {
    fn name(&self) -> &'static str {
        "passes"
    }
    fn check(&self, _: &mut request::Parts, _: &SecurityContext) -> Verdict {
        Verdict::Pass
    }
}

struct Refuses;

impl Policy for Refuses {
    fn name(&self) -> &'static str {
        "refuses"
    }
    fn check(&self, _: &mut request::Parts, _: &SecurityContext) -> Verdict {
        Rejection::new(RejectionKind::Forbidden, CODE).into()
    }
}

/// The lines of a request that a handler behind two problem layers and two gates refuses, and its answer.
fn lines(rejection: &Rejection, policies: impl palisade_core::Policies) -> (Vec<String>, String) {
    let log = SecurityLog::start();
    let handler = service_fn(|_: Request<Body>| {
        ready(Ok::<Response<Body>, Infallible>(rejection.clone().into_answer()))
    });
    let gates = GateLayer::new(Passes).layer(GateLayer::new(policies).layer(handler));
    let service = ProblemLayer::new().layer(ProblemLayer::new().layer(gates));
    let ask =
        Ask::method(http::Method::POST, "/a?token=secret").header("user-agent", "curl/8").build();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let answer = runtime.block_on(service.oneshot(ask)).unwrap();
    let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    (log.lines(), id)
}

#[test]
fn what_a_handler_refuses_is_one_event_with_its_private_reason_behind_any_number_of_layers() {
    let check = |kind, code, event: &str| {
        let rejection = Rejection::new(kind, Code::new(code, "x")).reason("the disk is full");
        let (lines, id) = lines(&rejection, Passes);
        let [line] = &*lines else { panic!("{lines:?}") };
        for part in [
            &*format!("event={event:?} "),
            &*format!("code={code:?} "),
            &*format!("status={} ", kind.status().as_u16()),
            &*format!("request_id={id} "),
            "enforced=true ",
            "method=\"POST\" ",
            "path=\"/a\" ",
            "the disk is full",
        ] {
            assert!(line.contains(part), "{part} is not in {line}");
        }
        assert!(!line.contains("secret") && !line.contains("policy="), "{line}");
    };
    check(RejectionKind::Internal, "internal-error", "request.refused");
    check(RejectionKind::Forbidden, "token-required", "request.refused");
    check(RejectionKind::Forbidden, "insufficient-scope", "access.denied");
    check(RejectionKind::LimitExceeded, "too-many-streams", "rate-limit.exceeded");
    check(RejectionKind::Unauthenticated, "invalid-token.ticket", "auth.failed");
}

#[test]
fn what_a_gate_refuses_is_told_once() {
    let (lines, _) = lines(&Rejection::new(RejectionKind::Forbidden, CODE), Refuses);
    let [line] = &*lines else { panic!("{lines:?}") };
    assert!(line.contains("policy=\"refuses\" "), "{line}");
}

#[test]
fn what_has_an_event_of_its_own_and_what_is_not_there_is_told_by_nobody() {
    let check = |rejection: Rejection| assert_eq!(lines(&rejection, Passes).0, [""; 0]);
    check(Rejection::new(RejectionKind::ContentTooLarge, CODE).logged());
    check(Rejection::new(RejectionKind::NotFound, CODE));
    check(Rejection::new(RejectionKind::MethodNotAllowed, CODE));
}
