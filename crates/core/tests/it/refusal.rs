//! A refusal as a client and an outer layer see it.

use std::time::Duration;

use http::{HeaderValue, header};
use palisade_core::{Code, Rejection, RejectionKind, ViolationKind};
use palisade_test_support::Body;

const CODE: Code = Code::new("invalid-token.expired", "The token is not valid");

fn answer(rejection: Rejection) -> http::Response<Body> {
    rejection.into_answer()
}

#[test]
fn the_kind_fixes_the_status() {
    let cases = [
        (RejectionKind::Malformed, 400),
        (RejectionKind::Unauthenticated, 401),
        (RejectionKind::Forbidden, 403),
        (RejectionKind::NotFound, 404),
        (RejectionKind::MethodNotAllowed, 405),
        (RejectionKind::Conflict, 409),
        (RejectionKind::PreconditionFailed, 412),
        (RejectionKind::ContentTooLarge, 413),
        (RejectionKind::RangeNotSatisfiable, 416),
        (RejectionKind::Invalid, 422),
        (RejectionKind::LimitExceeded, 429),
        (RejectionKind::Internal, 500),
        (RejectionKind::Unavailable, 503),
    ];
    for (kind, status) in cases {
        assert_eq!(answer(Rejection::new(kind, CODE)).status(), status);
    }
}

#[test]
fn retry_after_is_rounded_up_and_at_least_one_second() {
    for (time, seconds) in
        [(0, "1"), (1, "1"), (999, "1"), (1000, "1"), (1001, "2"), (61_000, "61")]
    {
        let rejection = Rejection::new(RejectionKind::LimitExceeded, CODE)
            .retry_after(Duration::from_millis(time));
        assert_eq!(answer(rejection).headers()[header::RETRY_AFTER], seconds, "{time} ms");
    }
}

#[test]
fn headers_of_a_refusal_are_on_the_answer_and_the_value_in_its_extensions() {
    let rejection = Rejection::new(RejectionKind::Unauthenticated, CODE)
        .header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"x\""))
        .violation(ViolationKind::AuthFailure)
        .violated_policy("daily");
    let answer = answer(rejection);
    assert_eq!(answer.headers()[header::WWW_AUTHENTICATE], "Bearer realm=\"x\"");
    let rejection = answer.extensions().get::<Rejection>().unwrap();
    assert_eq!(rejection.violation_kind(), Some(ViolationKind::AuthFailure));
    assert_eq!(rejection.violated_policies().collect::<Vec<_>>(), ["daily"]);
}

#[test]
fn a_code_names_its_problem_and_its_check() {
    assert_eq!(CODE.as_str(), "invalid-token.expired");
    assert_eq!(CODE.problem(), "invalid-token");
    assert_eq!(Code::new("banned", "Banned").problem(), "banned");
}
