//! The line a refusal leaves in the security log.

use std::time::Duration;

use http::request;
use palisade_core::{
    ClientIp, ClientIpSource, Code, Enforce, GateLayer, Identity, IdentityKind, Ipv6Prefix,
    LimitReport, Policies, Policy, Rejection, RejectionKind, SecurityContext, Verdict,
    ViolationKind,
};
use palisade_test_support::{Ask, SecurityLog};

use crate::policies::Refuses;

fn logged(ask: Ask, enforce: Enforce) -> Vec<String> {
    let log = SecurityLog::start();
    drop(ask.policies(Refuses("wall").enforce(enforce)));
    log.lines()
}

#[test]
fn a_refusal_is_one_event_with_code_policy_and_private_reason() {
    let lines = logged(Ask::get("/a?token=secret"), Enforce::Block);
    let [line] = &*lines else { panic!("{lines:?}") };
    for part in [
        "event=\"request.refused\"",
        "code=\"no\"",
        "policy=\"wall\"",
        "status=403",
        "enforced=true",
        "path=\"/a\"",
        "the private reason",
    ] {
        assert!(line.contains(part), "{part} is not in {line}");
    }
    assert!(!line.contains("secret"), "a query never reaches the log: {line}");
}

/// Refuses with this.
#[derive(Debug)]
struct Says(Rejection);

impl Policy for Says {
    fn name(&self) -> &'static str {
        "says"
    }
    fn check(&self, _: &mut request::Parts, context: &SecurityContext) -> Verdict {
        let address = "2001:db8:1:2::3".parse().unwrap();
        context.learn_client_ip(ClientIp::new(
            address,
            ClientIpSource::Peer,
            Ipv6Prefix::default(),
        ));
        for (policy, limit) in [("other", 7), ("per-user", 100)] {
            let remaining = u64::from(policy == "other");
            context.report_limit(LimitReport::new(policy.into(), limit, remaining, Duration::ZERO));
        }
        Verdict::Refuse(self.0.clone())
    }
}

fn said(
    kind: RejectionKind,
    code: &'static str,
    more: impl FnOnce(Rejection) -> Rejection,
) -> String {
    let rejection = more(Rejection::new(kind, Code::new(code, "x")));
    let ask = Ask::get("/a?token=secret").header("user-agent", "curl/8");
    let log = SecurityLog::start();
    drop(ask.policies(Says(rejection)));
    let lines = log.lines();
    let [line] = &*lines else { panic!("{lines:?}") };
    line.clone()
}

#[test]
fn each_kind_of_refusal_is_an_event_of_its_own() {
    let check = |kind, code, violation: Option<ViolationKind>, event: &str| {
        let line = said(kind, code, |said| violation.into_iter().fold(said, Rejection::violation));
        assert!(line.contains(&format!("event={event:?} ")), "{line}");
    };
    let (auth, limit) = (Some(ViolationKind::AuthFailure), Some(ViolationKind::RateLimit));
    check(RejectionKind::Unauthenticated, "invalid-token.signature", auth, "auth.failed");
    check(RejectionKind::Unauthenticated, "invalid-token.expired", None, "auth.failed");
    check(RejectionKind::Unauthenticated, "credentials-required", None, "request.refused");
    check(RejectionKind::LimitExceeded, "quota-exceeded", limit, "rate-limit.exceeded");
    check(RejectionKind::LimitExceeded, "quota-exceeded", None, "rate-limit.exceeded");
    check(RejectionKind::Forbidden, "blocked", None, "request.blocked");
    check(RejectionKind::Forbidden, "banned", None, "request.blocked");
    check(RejectionKind::Forbidden, "insufficient-role", None, "access.denied");
    check(RejectionKind::Forbidden, "cors.origin", None, "request.refused");
    check(
        RejectionKind::Malformed,
        "ambiguous-path",
        Some(ViolationKind::Suspicious),
        "request.refused",
    );
}

#[test]
fn a_failed_authentication_is_told_with_address_and_user_agent_and_others_without() {
    let failed = said(RejectionKind::Unauthenticated, "invalid-token.signature", |said| said);
    assert!(
        failed.contains("client_ip=\"2001:db8:1:2::3\" ")
            && failed.contains("user_agent=\"curl/8\" "),
        "{failed}"
    );
    let refused = said(RejectionKind::NotFound, "not-found", |said| said);
    assert!(!refused.contains("user_agent=") && !refused.contains("key="), "{refused}");
}

#[test]
fn a_quota_that_is_used_up_is_told_with_whom_it_counts_and_what_it_allows() {
    let of = |policy: &'static str| {
        said(RejectionKind::LimitExceeded, "quota-exceeded", |said| said.violated_policy(policy))
    };
    let line = of("per-user");
    for part in
        ["key_kind=\"address\" ", "key=2001:db8:1:2::/64 ", "limit=\"per-user\" ", "threshold=100 "]
    {
        assert!(line.contains(part), "{part} is not in {line}");
    }
    assert!(!of("unreported").contains("threshold="), "nobody said what it allows");
}

#[test]
fn of_two_quotas_that_are_used_up_name_and_threshold_are_of_the_same_one() {
    let line = said(RejectionKind::LimitExceeded, "quota-exceeded", |said| {
        said.violated_policy("expensive").violated_policy("per-user")
    });
    assert!(line.contains("limit=\"per-user\" threshold=100 "), "{line}");
}

#[test]
fn a_user_is_told_with_who_vouches_for_him_and_a_refusal_of_nested_gates_once() {
    let context = palisade_test_support::context();
    context.learn_identity(Identity::new("bob", IdentityKind::Jwt).issued_by("https://b.example"));
    let ask = Ask::get("/").context(&context);
    let log = SecurityLog::start();
    let gates = (GateLayer::new(Option::<Refuses>::None), GateLayer::new(Refuses("wall")));
    drop(ask.through(&gates));
    let [line] = &*log.lines() else { panic!("{:?}", log.lines()) };
    assert!(line.contains("user_id=\"bob\" issuer=\"https://b.example\" "), "{line}");
}

#[test]
fn every_address_is_told_as_it_is_written() {
    for text in [
        "0.0.0.0",
        "9.10.99.100",
        "255.255.255.255",
        "203.0.113.9",
        "::",
        "2001:db8::1",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    ] {
        let log = SecurityLog::start();
        let mut head = palisade_test_support::head("/");
        let context = SecurityContext::ensure(&mut head, &palisade_core::Clock::system());
        context.learn_client_ip(ClientIp::new(
            text.parse().unwrap(),
            ClientIpSource::Peer,
            Ipv6Prefix::default(),
        ));
        let (mut service, request) = (
            palisade_core::Gate::new(palisade_test_support::Echo::default(), Refuses("wall")),
            http::Request::from_parts(head, palisade_test_support::Body::default()),
        );
        drop(tower_service::Service::call(&mut service, request));
        assert!(log.lines()[0].contains(&format!("client_ip={text:?} ")), "{:?}", log.lines());
    }
}

#[test]
fn a_refusal_that_is_only_reported_says_so() {
    assert!(logged(Ask::get("/"), Enforce::ReportOnly)[0].contains("enforced=false"));
}

#[test]
fn a_request_that_passes_leaves_no_line() {
    let log = SecurityLog::start();
    let none: Option<Refuses> = None;
    drop(Ask::get("/").policies(none));
    assert!(log.lines().is_empty());
}
