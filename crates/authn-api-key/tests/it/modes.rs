//! What becomes of a request: with a key, with another credential, with none.

use palisade_authn_api_key::{ApiKeyAuth, KeyId};
use palisade_core::{Enforce, Identity, IdentityKind, Policies, Policy, Rejection, ViolationKind};
use palisade_test_support::{Ask, head_of};

use crate::{Bench, code, with_key};

#[test]
fn a_good_key_lets_in_and_tells_handlers_who_and_by_which_key() {
    let bench = Bench::in_memory();
    let issued = bench.issue();
    for send in [Bench::send, Bench::send_required] {
        let context = bench.context();
        assert_eq!(send(&bench, with_key(issued.text.expose()), &context).status(), 200);
        assert_eq!(context.identity().unwrap().subject(), "exporter");
        assert_eq!(context.attached::<KeyId>(), Some(issued.key.id));
    }
}

#[test]
fn a_bad_key_is_refused_also_where_none_is_needed() {
    let bench = Bench::in_memory();
    for key in ["", "guess", "two words", "schl\u{fc}ssel"] {
        let context = bench.context();
        let answer = bench.send(with_key(key), &context);
        assert_eq!((answer.status().as_u16(), code(&answer)), (401, "invalid-api-key"), "{key}");
        assert_eq!(answer.headers()["www-authenticate"], "ApiKey realm=\"api\"");
        let rejection = answer.extensions().get::<Rejection>().unwrap();
        assert_eq!(rejection.violation_kind(), Some(ViolationKind::AuthFailure));
        assert!(context.identity().is_none());
    }
}

#[test]
fn no_key_passes_unless_an_identity_is_required() {
    let bench = Bench::in_memory();
    let context = bench.context();
    assert_eq!(bench.send(Ask::get("/"), &context).status(), 200);
    assert!(context.identity().is_none());
    let answer = bench.send_required(Ask::get("/"), &context);
    assert_eq!((answer.status().as_u16(), code(&answer)), (401, "credentials-required"));
    let rejection = answer.extensions().get::<Rejection>().unwrap();
    assert_eq!(rejection.violation_kind(), None, "to ask without a key is no violation");
}

#[test]
fn a_bearer_token_and_other_schemes_are_left_to_whoever_judges_them() {
    let bench = Bench::in_memory();
    for value in ["Bearer e30.e30.e30", "Basic YTpi"] {
        let ask = || Ask::get("/").header("authorization", value);
        assert_eq!(bench.send(ask(), &bench.context()).status(), 200, "{value}");
        assert_eq!(code(&bench.send_required(ask(), &bench.context())), "credentials-required");
    }
    let two = Ask::get("/").bearer("e30.e30.e30").bearer("e30.e30.e31");
    assert_eq!(bench.send(two, &bench.context()).status(), 200);
}

#[test]
fn an_identity_that_is_known_passes() {
    let bench = Bench::in_memory();
    let context = bench.context();
    context.learn_identity(Identity::new("alice", IdentityKind::Jwt));
    assert_eq!(bench.send_required(Ask::get("/"), &context).status(), 200);
    assert_eq!(bench.send_required(with_key("guess"), &context).status(), 200);
    assert_eq!(context.identity().unwrap().subject(), "alice");
}

#[test]
fn w5_a_key_that_nobody_looks_at_is_not_printed_further_in() {
    let bench = Bench::in_memory();
    let context = bench.context();
    context.learn_identity(Identity::new("alice", IdentityKind::Jwt));
    let mut head = head_of(with_key("guess"));
    drop(ApiKeyAuth::new(bench.keys.clone()).check(&mut head, &context));
    assert!(head.headers["x-api-key"].is_sensitive());
}

#[test]
fn a_bad_key_is_only_reported_where_it_is_told_so() {
    let bench = Bench::in_memory();
    let context = bench.context();
    let policy = ApiKeyAuth::new(bench.keys.clone()).enforce(Enforce::ReportOnly);
    assert_eq!(with_key("guess").context(&context).policies(policy).status(), 200);
    assert_eq!(context.trail().to_string(), "api-key?invalid-api-key");
}
