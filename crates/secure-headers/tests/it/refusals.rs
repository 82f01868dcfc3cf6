//! Refusals of layers further in carry the headers too.

use http::{Response, request::Parts};
use palisade_core::{Code, GateLayer, Policy, Rejection, RejectionKind, SecurityContext, Verdict};
use palisade_secure_headers::{SecureHeadersLayer, SecureHeadersPolicy};
use palisade_test_support::{Ask, Body, Echo};
use tower::ServiceBuilder;

use crate::{lines, over_tls, through};

#[derive(Debug)]
struct Refuses(RejectionKind);

impl Policy for Refuses {
    fn name(&self) -> &'static str {
        "refuses"
    }
    fn check(&self, _head: &mut Parts, _context: &SecurityContext) -> Verdict {
        Rejection::new(self.0, Code::new("refused", "Refused")).into()
    }
}

const KINDS: [RejectionKind; 5] = [
    RejectionKind::Malformed,
    RejectionKind::Unauthenticated,
    RejectionKind::Forbidden,
    RejectionKind::ContentTooLarge,
    RejectionKind::LimitExceeded,
];

fn has_all(answer: &Response<Body>, kind: RejectionKind) {
    assert_eq!(answer.status(), kind.status());
    for name in [
        "strict-transport-security",
        "x-frame-options",
        "content-security-policy",
        "x-content-type-options",
    ] {
        assert!(lines(answer, name).is_some(), "{name} on {kind:?}");
    }
}

#[test]
fn every_refusal_behind_the_same_gate_has_the_headers() {
    for kind in KINDS {
        has_all(&through(SecureHeadersPolicy::polymech(), Refuses(kind), over_tls()), kind);
    }
}

#[test]
fn every_refusal_of_a_gate_further_in_has_the_headers() {
    for kind in KINDS {
        let mut service = ServiceBuilder::new()
            .layer(SecureHeadersLayer::new(SecureHeadersPolicy::polymech()))
            .layer(GateLayer::new(Refuses(kind)))
            .service(Echo::default());
        has_all(&over_tls().send(&mut service), kind);
    }
}

#[test]
fn a_refusal_of_a_credential_is_not_kept_by_a_cache() {
    let refuses = Refuses(RejectionKind::Unauthenticated);
    let answer = through(SecureHeadersPolicy::api(), refuses, Ask::get("/").bearer("a.b.c"));
    assert_eq!(lines(&answer, "cache-control").as_deref(), Some("private, no-store"));
}

#[test]
fn the_layer_is_shared_by_threads() {
    fn shared<T: Send + Sync + Clone>(_: &T) {}
    shared(&SecureHeadersLayer::new(SecureHeadersPolicy::polymech()));
}
