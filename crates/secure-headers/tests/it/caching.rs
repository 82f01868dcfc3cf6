//! Which answers no cache may keep.

use palisade_core::{Identity, IdentityKind, Policy};
use palisade_secure_headers::{CacheControl, HeaderSet, SecureHeadersPolicy};
use palisade_test_support::{Ask, context, head, head_of};

use crate::{answer, answer_of, lines};

const PRIVATE: Option<&str> = Some("private, no-store");

fn cache_control(policy: &SecureHeadersPolicy, kind: &'static str) -> Option<String> {
    lines(&answer(policy, &[("content-type", kind)]), "cache-control")
}

#[test]
fn h4_a_page_with_a_nonce_is_not_kept() {
    let policy = SecureHeadersPolicy::polymech();
    for kind in [
        "text/html",
        "text/html; charset=utf-8",
        "TEXT/HTML;x",
        "application/xhtml+xml",
        " text/html ,",
    ] {
        assert_eq!(cache_control(&policy, kind).as_deref(), PRIVATE, "{kind}");
    }
    for kind in ["application/json", "text/htmlx", "text/plain", "image/svg+xml"] {
        assert_eq!(cache_control(&policy, kind), None, "{kind}");
    }
}

#[test]
fn a_page_without_a_nonce_may_be_kept() {
    assert_eq!(cache_control(&SecureHeadersPolicy::api(), "text/html"), None);
}

#[test]
fn h7_an_answer_to_a_credential_is_not_kept() {
    let policy = SecureHeadersPolicy::api();
    let check = |ask| {
        let (answer, _) = answer_of(&policy, ask, None, &[("content-type", "application/json")]);
        let value = lines(&answer, "cache-control");
        assert_eq!(value.as_deref(), PRIVATE);
        // Each of these would let a shared cache keep an answer to `Authorization` (RFC 9111 section 3.5).
        for sharing in ["must-revalidate", "public", "s-maxage"] {
            assert!(!value.as_deref().unwrap().contains(sharing));
        }
    };
    check(Ask::get("/").bearer("a.b.c"));
    check(Ask::get("/").header("x-api-key", "key"));
    check(Ask::get("/").header("authorization", "Basic dTpw"));
    check(Ask::get("/").bearer("a").header("x-api-key", "key"));
}

#[test]
fn h7_what_inner_layers_learn_of_a_credential_counts() {
    let policy = SecureHeadersPolicy::api();
    let finish = |learn: &dyn Fn(&palisade_core::SecurityContext)| {
        let context = context();
        let _passed = policy.check(&mut head("/"), &context);
        learn(&context);
        let (mut parts, ()) = http::Response::new(()).into_parts();
        policy.finish(&context, &mut parts);
        parts.headers.get("cache-control").map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(finish(&|_| ()), None);
    let presented = |context: &palisade_core::SecurityContext| {
        context.credential(&head_of(Ask::get("/").bearer("a.b.c")));
    };
    assert_eq!(finish(&presented).as_deref(), PRIVATE);
    let nothing = |context: &palisade_core::SecurityContext| {
        context.credential(&head("/"));
    };
    assert_eq!(finish(&nothing), None);
    let proven = |context: &palisade_core::SecurityContext| {
        context.learn_identity(Identity::new("alice", IdentityKind::Jwt));
    };
    assert_eq!(finish(&proven).as_deref(), PRIVATE);
}

#[test]
fn h7_a_handlers_own_cache_control_stays() {
    let own = [("cache-control", "public, max-age=60"), ("content-type", "text/html")];
    let ask = Ask::get("/").bearer("a.b.c");
    let (answer, _) = answer_of(&SecureHeadersPolicy::polymech(), ask, None, &own);
    assert_eq!(lines(&answer, "cache-control").as_deref(), Some("public, max-age=60"));
}

#[test]
fn every_answer_can_be_private() {
    let headers = HeaderSet::api().cache_control(CacheControl::Always);
    assert_eq!(cache_control(&SecureHeadersPolicy::new(headers), "text/css").as_deref(), PRIVATE);
}
