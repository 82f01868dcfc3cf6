//! The shape of RFC 9457.

use std::time::Duration;

use http::{HeaderName, HeaderValue, Method, header};
use palisade_core::{Code, Rejection, RejectionKind};
use palisade_problem::ProblemLayer;
use palisade_test_support::Ask;
use proptest::prelude::*;
use serde_json::json;

use crate::asking::{closed, get, refused, send};

#[test]
fn a_refusal_has_the_members_of_rfc_9457() {
    let answer =
        send(&ProblemLayer::new(), get(), refused(closed().detail("Come back on Monday.")));
    assert_eq!(answer.status, 403);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.header("content-length"), answer.body.len().to_string());
    let expected = json!({
        "type": "https://palisade-rs.github.io/problems#closed",
        "title": "We are closed",
        "status": 403,
        "code": "closed.weekend",
        "detail": "Come back on Monday.",
        "instance": answer.header("x-request-id"),
    });
    assert_eq!(answer.json(), expected);
}

#[test]
fn what_is_not_there_is_left_out() {
    let answer = send(&ProblemLayer::new(), get(), refused(closed()));
    assert_eq!(answer.member("detail"), "(none)");
    assert_eq!(answer.member("violated-policies"), "(none)");
}

#[test]
fn a_used_up_quota_has_the_registered_type_and_names_the_limits() {
    let quota = Code::new("quota-exceeded", "A quota is used up");
    let rejection = Rejection::new(RejectionKind::LimitExceeded, quota)
        .violated_policy("daily")
        .violated_policy("burst")
        .retry_after(Duration::from_millis(1500));
    let answer = send(&ProblemLayer::new(), get(), refused(rejection));
    assert_eq!(answer.status, 429);
    assert_eq!(answer.header("retry-after"), "2");
    assert_eq!(
        answer.member("type"),
        "https://iana.org/assignments/http-problem-types#quota-exceeded"
    );
    assert_eq!(answer.member("violated-policies"), r#"["daily","burst"]"#);
}

#[test]
fn what_is_temporarily_unavailable_keeps_our_type() {
    let code = Code::new("temporarily-unavailable", "Later");
    let answer = send(
        &ProblemLayer::new(),
        get(),
        refused(Rejection::new(RejectionKind::Unavailable, code)),
    );
    assert_eq!(
        answer.member("type"),
        "https://palisade-rs.github.io/problems#temporarily-unavailable"
    );
}

#[test]
fn the_private_reason_never_appears() {
    for kind in
        [RejectionKind::Internal, RejectionKind::Unauthenticated, RejectionKind::Unavailable]
    {
        let rejection = Rejection::new(kind, Code::new("broken", "Broken"))
            .reason("password=hunter2 at db.internal");
        let answer = send(&ProblemLayer::new(), get(), refused(rejection));
        let all = format!("{:?} {:?}", answer.headers, answer.body);
        assert!(!all.contains("hunter2") && !all.contains("db.internal"), "{all}");
    }
}

#[test]
fn headers_of_the_refusal_and_of_layers_between_stay() {
    let challenge = HeaderValue::from_static("Bearer realm=\"x\"");
    let mut answer = refused(closed().header(header::WWW_AUTHENTICATE, challenge));
    for (name, value) in [
        ("access-control-allow-origin", "https://a.example"),
        ("content-security-policy", "default-src 'none'"),
        ("vary", "origin"),
        ("vary", "accept"),
    ] {
        answer.headers_mut().append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let answer = send(&ProblemLayer::new(), get(), answer);
    assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"x\"");
    assert_eq!(answer.header("access-control-allow-origin"), "https://a.example");
    assert_eq!(answer.header("content-security-policy"), "default-src 'none'");
    assert_eq!(answer.headers.get_all("vary").iter().count(), 2);
}

#[test]
fn a_refusal_is_not_stored_unless_it_says_otherwise() {
    assert_eq!(
        send(&ProblemLayer::new(), get(), refused(closed())).header("cache-control"),
        "no-store"
    );
    let private =
        closed().header(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=60"));
    assert_eq!(
        send(&ProblemLayer::new(), get(), refused(private)).header("cache-control"),
        "private, max-age=60"
    );
}

#[test]
fn head_gets_the_headers_of_get_and_no_body() {
    let layer = ProblemLayer::new();
    let get = send(&layer, get(), refused(closed()));
    let head = send(&layer, Ask::method(Method::HEAD, "/x"), refused(closed()));
    assert!(head.body.is_empty());
    assert_eq!(head.status, get.status);
    for name in ["content-type", "content-length", "cache-control"] {
        assert_eq!(head.header(name), get.header(name), "{name}");
    }
}

#[test]
fn problems_can_be_documented_elsewhere() {
    for base in ["https://api.example/problems", "http://localhost:3000/p", "/problems"] {
        let layer = ProblemLayer::new().documented_at(base).unwrap();
        assert_eq!(send(&layer, get(), refused(closed())).member("type"), format!("{base}#closed"));
    }
    for base in [
        "",
        "problems",
        "ftp://a.example",
        "https://a.example/#x",
        "https://a b",
        "javascript:alert(1)",
    ] {
        let error = ProblemLayer::new().documented_at(base).unwrap_err().to_string();
        assert!(error.contains("an http or https URL"), "{base}: {error}");
    }
}

proptest! {
    /// Whatever a detail holds, it comes out of the JSON as it went in.
    #[test]
    fn any_detail_is_escaped(detail in any::<String>()) {
        let answer = send(&ProblemLayer::new(), get(), refused(closed().detail(detail.as_str())));
        prop_assert_eq!(answer.member("detail"), detail);
    }
}
