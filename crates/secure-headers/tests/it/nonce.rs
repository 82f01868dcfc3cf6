//! The nonce: its shape, that it is new every time, and that header and handler have the same.

use std::collections::HashSet;

use http::StatusCode;
use palisade_core::{Policies, Policy, Rejection};
use palisade_secure_headers::{CspNonce, Directive, Header, HeaderSet, SecureHeadersPolicy};
use palisade_test_support::{Ask, context, head};

use crate::{answer_of, lines, split_nonces};

fn nonce_of(policy: &SecureHeadersPolicy) -> (String, CspNonce) {
    let (answer, context) = answer_of(policy, Ask::get("/"), None, &[]);
    let csp = lines(&answer, "content-security-policy").unwrap();
    (split_nonces(&csp).1.remove(0), context.attached().unwrap())
}

#[test]
fn h4_ten_thousand_answers_have_ten_thousand_nonces() {
    let policy = SecureHeadersPolicy::polymech();
    let page = [("content-type", "text/html")];
    let mut nonces = HashSet::new();
    for _ in 0..10_000 {
        let (answer, context) = answer_of(&policy, Ask::get("/"), None, &page);
        let csp = lines(&answer, "content-security-policy").unwrap();
        let nonce = split_nonces(&csp).1.remove(0);
        assert_eq!(nonce, context.attached::<CspNonce>().unwrap().as_str());
        assert_eq!(lines(&answer, "cache-control").as_deref(), Some("private, no-store"));
        nonces.insert(nonce);
    }
    assert_eq!(nonces.len(), 10_000);
}

#[test]
fn h4_two_requests_that_share_a_context_do_not_share_a_nonce() {
    let (policy, context) = (SecureHeadersPolicy::polymech(), context());
    let ask = || {
        let answer = Ask::get("/").context(&context).policies(policy.clone());
        lines(&answer, "content-security-policy").unwrap()
    };
    assert_ne!(ask(), ask());
}

#[test]
fn the_header_and_the_context_hold_the_same_nonce() {
    let (sent, attached) = nonce_of(&SecureHeadersPolicy::strict());
    assert_eq!(sent, attached.as_str());
    assert_eq!(sent, attached.to_string());
}

#[test]
fn a_nonce_is_144_bits_in_characters_that_need_no_escaping() {
    let mut seen = HashSet::new();
    for _ in 0..1_000 {
        let nonce = CspNonce::random();
        assert_eq!(nonce.as_str().len(), 24, "six bits each");
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
        assert!(nonce.as_str().bytes().all(fits), "{nonce}");
        seen.extend(nonce.as_str().bytes().enumerate());
    }
    // Each of the 24 places has seen each of the 64 characters: no bit stands still.
    assert_eq!(seen.len(), 24 * 64);
}

#[test]
fn a_nonce_does_not_print_itself_for_a_log() {
    assert_eq!(format!("{:?}", CspNonce::random()), "CspNonce(..)");
}

#[test]
fn two_layers_in_a_row_agree_on_one_nonce() {
    let outer = SecureHeadersPolicy::polymech();
    let inner = SecureHeadersPolicy::new(
        HeaderSet::empty().csp_report_only("script-src 'nonce'".parse().unwrap()),
    );
    let answer = Ask::get("/").policies(outer.then(inner));
    let nonces = |name| split_nonces(&lines(&answer, name).unwrap()).1;
    assert_eq!(nonces("content-security-policy"), nonces("content-security-policy-report-only"));
}

#[test]
fn the_policy_its_twin_and_the_page_have_one_nonce() {
    let headers = HeaderSet::strict()
        .csp_twin(|csp| csp.directive(Directive::StyleSrc, ["'nonce'"]))
        .unwrap();
    let (answer, context) = answer_of(&SecureHeadersPolicy::new(headers), Ask::get("/"), None, &[]);
    let page = context.attached::<CspNonce>().unwrap();
    for name in ["content-security-policy", "content-security-policy-report-only"] {
        let (policy, nonces) = split_nonces(&lines(&answer, name).unwrap());
        assert!(policy.contains("script-src 'nonce' 'strict-dynamic'"), "{policy}");
        assert_eq!(nonces, [page.as_str(), page.as_str()], "{name}");
    }
}

#[test]
fn a_twin_says_what_the_policy_says_but_for_what_is_tried_out() {
    let headers = HeaderSet::empty()
        .csp(
            "default-src 'self'; sandbox allow-scripts; upgrade-insecure-requests".parse().unwrap(),
        )
        .csp_twin(|csp| csp.directive(Directive::ImgSrc, ["'none'"]))
        .unwrap();
    let answer = crate::answer(&SecureHeadersPolicy::new(headers), &[]);
    // A browser ignores the two others in a twin, and complains.
    assert_eq!(
        lines(&answer, "content-security-policy-report-only").as_deref(),
        Some("default-src 'self'; img-src 'none'")
    );
    let none = HeaderSet::empty().csp_twin(Ok).unwrap();
    assert!(crate::answer(&SecureHeadersPolicy::new(none), &[]).headers().is_empty());
}

#[test]
fn where_no_header_uses_a_nonce_none_is_drawn() {
    let plain = SecureHeadersPolicy::new(HeaderSet::polymech().without(Header::Csp));
    let context = context();
    let _passed = plain.check(&mut head("/"), &context);
    assert!(context.attached::<CspNonce>().is_none());
}

#[test]
fn h4_a_304_does_not_put_a_new_nonce_onto_a_page_that_was_kept() {
    let (policy, context) = (SecureHeadersPolicy::polymech(), context());
    let _passed = policy.check(&mut head("/"), &context);
    let (mut parts, ()) = http::Response::new(()).into_parts();
    parts.status = StatusCode::NOT_MODIFIED;
    policy.finish(&context, &mut parts);
    assert!(!parts.headers.contains_key("content-security-policy"));
    assert!(parts.headers.contains_key("x-content-type-options"));
}

#[test]
fn an_answer_whose_request_was_never_checked_gets_a_nonce_nobody_knows() {
    let (mut parts, ()) = http::Response::new(()).into_parts();
    SecureHeadersPolicy::polymech().finish(&context(), &mut parts);
    let csp = parts.headers["content-security-policy"].to_str().unwrap();
    assert_eq!(split_nonces(csp).1.remove(0).len(), 24);
    assert!(parts.extensions.get::<Rejection>().is_none());
}
