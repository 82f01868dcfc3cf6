//! Refused gRPC calls, read back by tonic.

use palisade_core::{Code, Rejection, RejectionKind};
use palisade_problem::ProblemLayer;
use palisade_test_support::Ask;
use proptest::prelude::*;
use tonic::Status;

use crate::asking::{Read, bare, closed, get, refused, send};

fn call(content_type: &str) -> Ask {
    Ask::method(http::Method::POST, "/pkg.Service/Method").header("content-type", content_type)
}

fn status(answer: &Read) -> Status {
    Status::from_header_map(&answer.headers).unwrap()
}

#[test]
fn a_refused_call_is_a_status_in_the_headers_and_nothing_else() {
    let answer =
        send(&ProblemLayer::new().render_grpc(), call("application/grpc"), refused(closed()));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/grpc");
    assert_eq!(answer.header("content-length"), "(none)");
    assert_eq!(answer.header("x-request-id").len(), 32);
    assert!(answer.body.is_empty());
    assert_eq!(status(&answer).code(), tonic::Code::PermissionDenied);
    assert_eq!(status(&answer).message(), "closed.weekend: We are closed");
}

#[test]
fn every_kind_has_its_code() {
    use RejectionKind as K;
    use tonic::Code as C;
    for (kind, code) in [
        (K::Malformed, C::InvalidArgument),
        (K::Invalid, C::InvalidArgument),
        (K::NotFound, C::NotFound),
        (K::Forbidden, C::PermissionDenied),
        (K::LimitExceeded, C::ResourceExhausted),
        (K::ContentTooLarge, C::ResourceExhausted),
        (K::MethodNotAllowed, C::Unimplemented),
        (K::Internal, C::Internal),
        (K::Unavailable, C::Unavailable),
        (K::Unauthenticated, C::Unauthenticated),
    ] {
        let refusal = Rejection::new(kind, Code::new("x", "X")).reason("private");
        let answer = send(
            &ProblemLayer::new().render_grpc(),
            call("application/grpc+proto"),
            refused(refusal),
        );
        assert_eq!(status(&answer).code(), code);
        assert!(!format!("{:?}", answer.headers).contains("private"));
    }
}

#[test]
fn a_bare_error_is_one_too_and_an_answer_of_a_service_is_left_alone() {
    let layer = ProblemLayer::new().render_grpc();
    let answer = send(&layer, call("application/grpc"), bare(503, Some("text/plain"), "secret"));
    assert_eq!(status(&answer).code(), tonic::Code::Unavailable);
    assert!(answer.body.is_empty());
    let own =
        send(&layer, call("application/grpc"), bare(200, Some("application/grpc"), "\0\0\0\0\0"));
    assert_eq!(own.body, "\0\0\0\0\0");
}

#[test]
fn only_grpc_is_answered_as_grpc_and_only_if_that_is_wanted() {
    let layer = ProblemLayer::new().render_grpc();
    for content_type in ["application/grpc", "application/grpc+proto", "Application/gRPC;charset=x"]
    {
        assert_eq!(
            send(&layer, call(content_type), refused(closed())).status,
            200,
            "{content_type}"
        );
        assert_eq!(
            send(&ProblemLayer::new(), call(content_type), refused(closed())).member("code"),
            "closed.weekend"
        );
    }
    for content_type in ["application/json", "application/grpc-web", "application/grpcx", ""] {
        assert_eq!(
            send(&layer, call(content_type), refused(closed())).member("code"),
            "closed.weekend",
            "{content_type}"
        );
    }
    assert_eq!(send(&layer, get(), refused(closed())).status, 403);
}

proptest! {
    /// Whatever a detail holds, tonic reads it as it was written.
    #[test]
    fn any_detail_comes_through(detail in any::<String>()) {
        let refusal = refused(closed().detail(detail.as_str()));
        let answer = send(&ProblemLayer::new().render_grpc(), call("application/grpc"), refusal);
        let status = status(&answer);
        prop_assert_eq!(status.message(), format!("closed.weekend: {detail}"));
    }
}
