//! Every answer has a name.

use bytes::Bytes;
use http::Response;
use palisade_core::{ManualClock, SecurityContext};
use palisade_problem::ProblemLayer;
use palisade_test_support::{Ask, context};

use crate::asking::{bare, closed, get, refused, send};

fn passed() -> Response<palisade_test_support::Body> {
    Response::new(Bytes::from_static(b"fine").into())
}

#[test]
fn an_answer_that_passed_has_a_request_id_and_is_untouched_but_for_it() {
    let answer = send(&ProblemLayer::new(), get(), passed());
    assert_eq!((answer.status.as_u16(), &*answer.body), (200, &b"fine"[..]));
    assert_eq!(answer.headers.len(), 1);
    assert_eq!(answer.header("x-request-id").len(), 32);
}

#[test]
fn the_request_id_is_the_one_of_the_context_and_of_the_problem() {
    let context = context();
    for answer in [passed(), refused(closed()), bare(404, None, "")] {
        let answer = send(&ProblemLayer::new(), get().context(&context), answer);
        assert_eq!(answer.header("x-request-id"), context.request_id().to_string());
        if !answer.status.is_success() {
            assert_eq!(answer.member("instance"), context.request_id().to_string());
        }
    }
}

#[test]
fn what_the_client_or_the_handler_says_is_not_the_request_id() {
    let mut answer = passed();
    for _ in 0..2 {
        answer.headers_mut().append("x-request-id", "mine".parse().unwrap());
    }
    let answer = send(&ProblemLayer::new(), get().header("x-request-id", "theirs"), answer);
    assert_eq!(answer.headers.get_all("x-request-id").iter().count(), 1);
    assert_eq!(answer.header("x-request-id").len(), 32);
}

#[test]
fn two_requests_have_two_names() {
    let name = || send(&ProblemLayer::new(), get(), passed()).header("x-request-id").to_owned();
    assert_ne!(name(), name());
}

#[test]
fn the_context_is_made_with_the_given_clock_and_handed_on() {
    let clock = ManualClock::new();
    let layer = ProblemLayer::new().clock(clock.clock());
    let mut service = tower_layer::Layer::layer(
        &layer,
        tower::service_fn(|request: http::Request<palisade_test_support::Body>| {
            let context = request.extensions().get::<SecurityContext>().unwrap();
            let text = format!("{} {:?}", context.request_id(), context.arrived().wall());
            std::future::ready(Ok::<_, std::convert::Infallible>(Response::new(
                palisade_test_support::Body::from(text),
            )))
        }),
    );
    let answer = crate::asking::read(Ask::get("/").send(&mut service));
    let expected = format!("{} {:?}", answer.header("x-request-id"), clock.now().wall());
    assert_eq!(answer.body, expected);
}
