//! What is counted of requests, and when.

use std::time::Duration;

use http::{Method, StatusCode};
use palisade_core::{
    Access, Enforce, GateLayer, ManualClock, Policies as _, Rejection, RejectionKind,
};
use palisade_metrics::{Metrics, MetricsPolicy};
use palisade_problem::ProblemLayer;
use palisade_test_support::{Ask, Body};
use tower::{Layer as _, service_fn, util::MapResponseLayer};

use crate::fixture::{Decides, NO, counted, figure, figures, whole};

const REQUESTS: &str = "palisade_requests_total";
const DECISIONS: &str = "palisade_decisions_total";

/// The answer to a request, not yet read, behind the layer that follows answers.
fn ask(
    metrics: &Metrics,
    clock: &ManualClock,
    access: Access,
    ask: Ask,
) -> http::Response<palisade_problem::ProblemBody<Body>> {
    let policy = MetricsPolicy::new(metrics).clock(clock.clock());
    let gate = GateLayer::new(counted(&policy, access)).clock(clock.clock());
    let handler = service_fn(async |_| {
        Ok::<_, std::convert::Infallible>(http::Response::new(Body::from("four")))
    });
    let mut service = ProblemLayer::new().clock(clock.clock()).layer(gate.layer(handler));
    ask.send(&mut service)
}

#[test]
fn a_request_is_counted_once_with_its_last_byte() {
    let (metrics, clock) = (Metrics::new(), ManualClock::new());
    let answer = ask(&metrics, &clock, Access::Public, Ask::get("/"));
    assert_eq!(figure(&metrics, REQUESTS, &[]), 0.0, "it is not over");
    assert_eq!(metrics.in_flight(), 1);
    clock.advance(Duration::from_millis(70));
    drop(answer);
    let labels =
        [("class", "public"), ("method", "GET"), ("status_class", "2xx"), ("outcome", "cut")];
    assert_eq!(figure(&metrics, REQUESTS, &labels), 1.0, "nobody read it");
    assert_eq!(figure(&metrics, REQUESTS, &[]), 1.0);
    assert_eq!(metrics.in_flight(), 0);
    let took = |le| {
        figure(
            &metrics,
            "palisade_request_duration_seconds_bucket",
            &[("class", "public"), ("le", le)],
        )
    };
    assert_eq!((took("0.05"), took("0.1"), took("+Inf")), (0.0, 1.0, 1.0));
    let sum = figure(&metrics, "palisade_request_duration_seconds_sum", &[("class", "public")]);
    assert!((sum - 0.07).abs() < 1e-9, "{sum}");
}

#[test]
fn an_answer_that_is_read_is_whole_and_its_bytes_count() {
    let (metrics, clock) = (Metrics::new(), ManualClock::new());
    let answer = ask(&metrics, &clock, Access::Admin, Ask::method(Method::POST, "/"));
    assert_eq!(whole(answer), b"four");
    let labels =
        [("class", "admin"), ("method", "POST"), ("status_class", "2xx"), ("outcome", "whole")];
    assert_eq!(figure(&metrics, REQUESTS, &labels), 1.0);
    assert_eq!(figure(&metrics, "palisade_response_bytes_total", &[("class", "admin")]), 4.0);
}

#[test]
fn a_refusal_is_counted_by_policy_and_code() {
    let (metrics, clock) = (Metrics::new(), ManualClock::new());
    drop(ask(&metrics, &clock, Access::Protected, Ask::get("/").header("refuse-me", "1")));
    let labels = [("class", "protected"), ("status_class", "4xx"), ("outcome", "refused")];
    assert_eq!(figure(&metrics, REQUESTS, &labels), 1.0);
    let labels = [("policy", "decides"), ("decision", "refused"), ("code", "not-today")];
    assert_eq!(figure(&metrics, DECISIONS, &labels), 1.0);
    assert_eq!(figure(&metrics, DECISIONS, &[]), 1.0, "nothing else decided");
}

#[test]
fn what_is_only_reported_is_counted_as_such_and_the_request_is_no_refusal() {
    let (metrics, clock) = (Metrics::new(), ManualClock::new());
    let policies =
        MetricsPolicy::new(&metrics).then(Decides(Access::Public).enforce(Enforce::ReportOnly));
    let gate = GateLayer::new(policies).clock(clock.clock());
    let handler = service_fn(async |_| {
        Ok::<_, std::convert::Infallible>(http::Response::new(Body::from("four")))
    });
    let mut service = ProblemLayer::new().layer(gate.layer(handler));
    let answer = Ask::get("/").header("refuse-me", "1").send(&mut service);
    assert_eq!(answer.status(), 200);
    drop(answer);
    let labels = [("policy", "decides"), ("decision", "would-refuse"), ("code", "not-today")];
    assert_eq!(figure(&metrics, DECISIONS, &labels), 1.0);
    assert_eq!(figure(&metrics, REQUESTS, &[("outcome", "refused")]), 0.0);
}

#[test]
fn what_a_handler_refuses_is_the_handlers() {
    let metrics = Metrics::new();
    let gate = GateLayer::new(MetricsPolicy::new(&metrics));
    let handler = service_fn(async |_| {
        Ok::<http::Response<Body>, std::convert::Infallible>(
            Rejection::new(RejectionKind::NotFound, NO).into_answer(),
        )
    });
    drop(Ask::get("/").send(&mut gate.layer(handler)));
    assert_eq!(figure(&metrics, DECISIONS, &[("policy", "handler"), ("code", "not-today")]), 1.0);
}

#[test]
fn a_client_that_goes_away_before_the_answer_is_unanswered() {
    let metrics = Metrics::new();
    let gate = GateLayer::new(counted(&MetricsPolicy::new(&metrics), Access::Public));
    let handler = service_fn(|_| {
        std::future::pending::<Result<http::Response<Body>, std::convert::Infallible>>()
    });
    let mut service = ProblemLayer::new().layer(gate.layer(handler));
    let waiting = tower::Service::call(&mut service, Ask::get("/").build());
    assert_eq!(metrics.in_flight(), 1);
    drop(waiting);
    let labels = [("class", "public"), ("status_class", "none"), ("outcome", "unanswered")];
    assert_eq!(figure(&metrics, REQUESTS, &labels), 1.0);
    assert_eq!(metrics.in_flight(), 0);
}

#[test]
fn without_a_layer_that_follows_answers_requests_count_all_the_same() {
    let metrics = Metrics::new();
    let gate = GateLayer::new(counted(&MetricsPolicy::new(&metrics), Access::Authenticated));
    let handler = service_fn(async |_| {
        Ok::<_, std::convert::Infallible>(http::Response::new(Body::from("four")))
    });
    drop(Ask::get("/").send(&mut gate.layer(handler)));
    let labels = [("class", "authenticated"), ("status_class", "2xx"), ("outcome", "unknown")];
    assert_eq!(figure(&metrics, REQUESTS, &labels), 1.0);
    assert_eq!(metrics.in_flight(), 0);
}

#[test]
fn how_long_somebody_listens_to_a_stream_is_no_duration() {
    let (metrics, clock) = (Metrics::new(), ManualClock::new());
    let answer = ask(&metrics, &clock, Access::Admin, Ask::get("/stream"));
    clock.advance(Duration::from_secs(3600));
    drop(answer);
    assert_eq!(figure(&metrics, REQUESTS, &[("class", "admin")]), 1.0);
    assert_eq!(figure(&metrics, "palisade_request_duration_seconds_count", &[]), 0.0);
}

#[test]
fn requests_of_many_threads_are_added_up() {
    let metrics = Metrics::new();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let clock = ManualClock::new();
                for _ in 0..500 {
                    drop(ask(&metrics, &clock, Access::Public, Ask::get("/")));
                }
            });
        }
    });
    assert_eq!(figure(&metrics, REQUESTS, &[]), 4000.0);
    assert_eq!(figure(&metrics, "palisade_request_duration_seconds_count", &[]), 4000.0);
    assert_eq!(metrics.in_flight(), 0);
}

#[test]
fn nothing_that_a_client_chooses_becomes_a_label() {
    let (metrics, clock) = (Metrics::new(), ManualClock::new());
    let figures_of = |metrics: &Metrics| figures(metrics).len();
    let send = |number: usize| {
        let method = Method::from_bytes(format!("M{number}").as_bytes()).unwrap();
        let request = Ask::method(method, &format!("/{number}?q={number}"))
            .from(&format!("198.51.100.{}", number % 250))
            .header("user-agent", format!("agent {number}"))
            .header("host", format!("h{number}.example"));
        drop(ask(&metrics, &clock, Access::Public, request));
    };
    send(0);
    let before = figures_of(&metrics);
    (1..2000).for_each(send);
    assert_eq!(figures_of(&metrics), before);
    assert_eq!(figure(&metrics, REQUESTS, &[("method", "other")]), 2000.0);
}

#[test]
fn the_status_that_goes_out_is_counted_and_not_the_one_that_a_layer_further_out_changed() {
    let metrics = Metrics::new();
    let gate = GateLayer::new(counted(&MetricsPolicy::new(&metrics), Access::Public));
    let handler = service_fn(async |_| {
        Ok::<_, std::convert::Infallible>(http::Response::new(Body::from("four")))
    });
    let elsewhere = MapResponseLayer::new(|mut answer: http::Response<Body>| {
        *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        answer
    });
    let service = elsewhere.layer(gate.layer(handler));
    drop(Ask::get("/").send(&mut ProblemLayer::new().layer(service)));
    assert_eq!(figure(&metrics, REQUESTS, &[("class", "public"), ("status_class", "5xx")]), 1.0);
    assert_eq!(figure(&metrics, REQUESTS, &[]), 1.0);
}
