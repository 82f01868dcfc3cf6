//! Errors that helpers made.

use axum::{Json, Router, routing::get as axum_get, routing::post};
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use palisade_core::Rejection;
use palisade_problem::{BareErrors, ProblemLayer};
use palisade_test_support::Ask;
use tower::ServiceExt;
use tower_http::limit::RequestBodyLimitLayer;

use crate::asking::{Read, bare, closed, get, send};

fn code(status: u16) -> String {
    let answer = send(&ProblemLayer::new(), get(), bare(status, None, ""));
    assert_eq!(answer.status.as_u16(), status, "the status is kept");
    assert_eq!(answer.member("status"), status.to_string());
    assert_eq!(answer.header("content-type"), "application/problem+json");
    answer.member("code")
}

#[test]
fn the_status_gives_the_code() {
    assert_eq!(code(400), "invalid-request");
    assert_eq!(code(401), "credentials-required");
    assert_eq!(code(403), "forbidden");
    assert_eq!(code(404), "not-found");
    assert_eq!(code(405), "method-not-allowed");
    assert_eq!(code(408), "request-timeout");
    assert_eq!(code(413), "content-too-large");
    assert_eq!(code(415), "invalid-request");
    assert_eq!(code(422), "invalid-request");
    assert_eq!(code(499), "invalid-request");
    assert_eq!(code(500), "internal-error");
    assert_eq!(code(502), "internal-error");
    assert_eq!(code(503), "temporarily-unavailable");
    assert_eq!(code(599), "internal-error");
}

#[test]
fn a_401_always_brings_a_challenge() {
    let answer = send(&ProblemLayer::new(), get(), bare(401, None, ""));
    assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"api\"");
    let answer = send(&ProblemLayer::new(), get(), bare(403, None, ""));
    assert!(!answer.headers.contains_key("www-authenticate"));
}

#[test]
fn every_error_status_gives_a_title_and_a_code() {
    for status in 400..600 {
        let code = code(status);
        assert!(code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{code}");
    }
}

#[test]
fn its_text_is_discarded() {
    for content_type in [None, Some("text/plain"), Some("Text/Plain; charset=utf-8")] {
        let answer = send(
            &ProblemLayer::new(),
            get(),
            bare(500, content_type, "panicked at db.internal:5432"),
        );
        assert_eq!(answer.member("code"), "internal-error");
        assert!(!format!("{:?}", answer.body).contains("db.internal"));
    }
}

#[test]
fn what_described_its_text_goes_and_other_headers_stay() {
    let mut error = bare(405, Some("text/plain"), "not here");
    for (name, value) in [
        ("content-length", "8"),
        ("content-encoding", "gzip"),
        ("etag", "\"x\""),
        ("transfer-encoding", "chunked"),
        ("allow", "GET"),
        ("connection", "close"),
    ] {
        error.headers_mut().insert(name, value.parse().unwrap());
    }
    let answer = send(&ProblemLayer::new(), get(), error);
    for name in ["content-encoding", "etag", "transfer-encoding"] {
        assert_eq!(answer.header(name), "(none)", "{name}");
    }
    assert_eq!(answer.header("allow"), "GET");
    assert_eq!(answer.header("connection"), "close");
    assert_eq!(answer.header("content-length"), answer.body.len().to_string());
}

#[test]
fn an_error_that_was_made_on_purpose_is_left_alone() {
    for content_type in
        ["application/json", "application/problem+json", "text/html; charset=utf-8", "text/plainer"]
    {
        let answer = send(&ProblemLayer::new(), get(), bare(400, Some(content_type), "mine"));
        assert_eq!(answer.body, "mine", "{content_type}");
        assert_eq!(answer.header("content-type"), content_type);
        assert_eq!(answer.header("cache-control"), "(none)");
    }
}

#[test]
fn an_answer_that_is_no_error_is_left_alone() {
    for status in [200, 204, 301, 304] {
        assert_eq!(send(&ProblemLayer::new(), get(), bare(status, None, "mine")).body, "mine");
    }
}

#[test]
fn they_can_be_kept_and_refusals_are_still_rendered() {
    let layer = ProblemLayer::new().bare_errors(BareErrors::Keep);
    assert_eq!(send(&layer, get(), bare(404, None, "mine")).body, "mine");
    assert_eq!(send(&layer, get(), closed().into_answer()).member("code"), "closed.weekend");
}

#[test]
fn head_gets_no_body_of_them_either() {
    let answer = send(&ProblemLayer::new(), Ask::method(Method::HEAD, "/x"), bare(404, None, ""));
    assert!(answer.body.is_empty());
    assert_eq!(answer.header("content-type"), "application/problem+json");
}

/// Asks a real router.
async fn axum(method: Method, path: &str, body: &'static str) -> Read {
    let app = Router::new()
        .route("/", axum_get(async || "fine"))
        .route("/number", post(async |Json(number): Json<u8>| number.to_string()))
        .route("/refuse", axum_get(async || -> Result<(), Rejection> { Err(closed()) }))
        .route("/panic", axum_get(async || (StatusCode::INTERNAL_SERVER_ERROR, "secret")))
        .route("/sorry", axum_get(async || (StatusCode::CONFLICT, Json("mine"))))
        .layer(RequestBodyLimitLayer::new(8))
        .layer(ProblemLayer::new())
        .fallback(async || StatusCode::NOT_FOUND);
    // A fallback stands outside of layers that were added before it.
    let app = tower::ServiceBuilder::new().layer(ProblemLayer::new()).service(app);
    let mut request = Request::new(axum::body::Body::from(body));
    *request.method_mut() = method;
    *request.uri_mut() = path.parse().unwrap();
    request.headers_mut().insert("content-type", "application/json".parse().unwrap());
    request.headers_mut().insert("content-length", body.len().into());
    let (head, body) = app.oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Read { status: head.status, headers: head.headers, body }
}

#[tokio::test]
async fn what_axum_and_tower_http_answer_is_rendered() {
    for (method, path, body, status, code) in [
        (Method::GET, "/nowhere", "", 404, "not-found"),
        (Method::DELETE, "/", "", 405, "method-not-allowed"),
        (Method::POST, "/number", "\"x\"", 422, "invalid-request"),
        (Method::POST, "/number", "x", 400, "invalid-request"),
        (Method::POST, "/number", "123456789", 413, "content-too-large"),
        (Method::GET, "/refuse", "", 403, "closed.weekend"),
        (Method::GET, "/panic", "", 500, "internal-error"),
    ] {
        let answer = axum(method, path, body).await;
        assert_eq!((answer.status.as_u16(), &*answer.member("code")), (status, code), "{path}");
        assert_eq!(answer.member("instance"), answer.header("x-request-id"));
        assert_eq!(answer.header("content-length"), answer.body.len().to_string());
    }
    assert_eq!(axum(Method::DELETE, "/", "").await.header("allow"), "GET,HEAD");
    assert_eq!(axum(Method::GET, "/sorry", "").await.body, "\"mine\"");
    assert_eq!(axum(Method::GET, "/", "").await.body, "fine");
    assert_eq!(axum(Method::POST, "/number", "7").await.body, "7");
}
