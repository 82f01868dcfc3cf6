//! The nonce as an argument of a handler, and what a browser forgets as part of its answer.

use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};

use axum_core::{extract::FromRequestParts, response::IntoResponse};
use http::request::Parts;
use palisade_core::{Policy, Rejection, SecurityContext};
use palisade_secure_headers::{ClearSiteData, CspNonce, SecureHeadersPolicy};
use palisade_test_support::{Ask, context, head, head_of};

/// What the extractor says, if it says so at once.
fn extract(head: &mut Parts) -> Option<Result<CspNonce, Rejection>> {
    let future = pin!(CspNonce::from_request_parts(head, &()));
    match future.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => Some(result),
        Poll::Pending => None,
    }
}

#[test]
fn a_handler_is_given_the_nonce_of_the_context() {
    let context: SecurityContext = context();
    let mut head = head_of(Ask::get("/").context(&context));
    let _passed = SecureHeadersPolicy::polymech().check(&mut head, &context);
    assert_eq!(extract(&mut head).unwrap().unwrap(), context.attached().unwrap());
}

#[test]
fn an_answer_carries_what_a_browser_forgets() {
    let forgotten = ClearSiteData::of_who_leaves();
    for answer in [forgotten.into_response(), (forgotten, "good-bye").into_response()] {
        assert_eq!(answer.headers()["clear-site-data"], "\"cache\", \"cookies\", \"storage\"");
    }
}

#[test]
fn without_the_layer_the_answer_is_500_and_says_nothing_of_it() {
    for mut head in [head("/"), head_of(Ask::get("/").context(&context()))] {
        let refusal = extract(&mut head).unwrap().unwrap_err();
        assert_eq!(refusal.status(), 500);
        assert_eq!(refusal.code().as_str(), "internal-error");
    }
}
