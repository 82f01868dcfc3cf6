//! The plumbing: order, readiness, what reaches the inner service.

use palisade_core::{
    Chain, Clock, Gate, GateLayer, Policies, Policy, Rejection, ResponseFuture, SecurityContext,
};
use palisade_test_support::{Ask, Body, Echo, Readied};
use tower::{Layer, Service, ServiceExt, limit::ConcurrencyLimit};

use crate::policies::{Diary, NO, Passes, Refuses};

fn texts(answer: &http::Response<Body>) -> Vec<&str> {
    answer.headers().get_all("x-passed").iter().map(|value| value.to_str().unwrap()).collect()
}

#[test]
fn policies_are_asked_in_order_and_finished_in_reverse() {
    let diary = Diary::default();
    let passes = |name| Passes(name, diary.clone());
    let answer =
        Ask::get("/").policies(passes("a").then(passes("b")).then(passes("c").then(passes("d"))));
    assert_eq!(answer.status(), 200);
    let expected = "a in,b in,c in,d in,d out 200,c out 200,b out 200,a out 200";
    assert_eq!(diary.lock().unwrap().join(","), expected);
}

#[test]
fn behind_a_refusal_nothing_runs_and_only_what_passed_is_finished() {
    let diary = Diary::default();
    let passes = |name| Passes(name, diary.clone());
    let mut gate = Gate::new(
        Echo::default(),
        passes("a").then(passes("b")).then(Refuses("wall")).then(passes("c")),
    );
    let echo = Echo::default();
    let mut outer = Gate::new(echo.clone(), passes("z").then(Refuses("wall")));
    assert_eq!(Ask::get("/").send(&mut gate).status(), 403);
    assert_eq!(diary.lock().unwrap().join(","), "a in,b in,b out 403,a out 403");
    assert_eq!(Ask::get("/").send(&mut outer).status(), 403);
    assert_eq!(echo.calls(), 0);
}

#[test]
fn an_outer_gate_finishes_what_an_inner_gate_refused() {
    let diary = Diary::default();
    let inner = Gate::new(Echo::default(), Refuses("wall"));
    let mut outer = Gate::new(inner, Passes("a", diary.clone()));
    let answer = Ask::get("/").send(&mut outer);
    assert_eq!(answer.status(), 403);
    assert_eq!(texts(&answer), ["a"]);
    assert_eq!(answer.extensions().get::<Rejection>().unwrap().policy(), Some("wall"));
}

#[test]
fn gates_share_one_context() {
    let diary = Diary::default();
    let inner = Gate::new(Echo::default(), Passes("b", diary.clone()));
    let mut outer = Gate::new(inner, Passes("a", diary));
    let context = palisade_test_support::context();
    Ask::get("/").context(&context).send(&mut outer);
    assert_eq!(context.trail().to_string(), "a b");
}

#[test]
fn the_readied_service_is_called() {
    let mut gate = Gate::new(Readied::default(), Passes("a", Diary::default()));
    for _ in 0..3 {
        assert_eq!(Ask::get("/").send(&mut gate).status(), 200);
    }
}

#[test]
fn a_refused_request_keeps_no_permit_of_the_inner_service() {
    // tower's ConcurrencyLimit takes its permit in poll_ready; a gate that called a fresh clone would starve it.
    let limited = ConcurrencyLimit::new(Echo::default(), 1);
    let mut refusing = Gate::new(limited.clone(), Refuses("wall"));
    for _ in 0..3 {
        assert_eq!(Ask::get("/").send(&mut refusing).status(), 403);
    }
    let mut passing = Gate::new(limited, Passes("a", Diary::default()));
    drop(refusing);
    for _ in 0..3 {
        assert_eq!(Ask::get("/").send(&mut passing).status(), 200);
    }
}

#[test]
fn an_absent_policy_passes() {
    let none: Option<Refuses> = None;
    let diary = Diary::default();
    let answer =
        Ask::get("/").policies(Passes("a", diary.clone()).then(none).then(Passes("b", diary)));
    assert_eq!(answer.status(), 200);
    assert_eq!(texts(&answer), ["b", "a"]);
}

#[test]
fn an_error_of_the_inner_service_passes_through() {
    let failing = tower::service_fn(|_: http::Request<Body>| async {
        Err::<http::Response<Body>, _>("broken")
    });
    let gate = Gate::new(failing, Passes("a", Diary::default()));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    assert_eq!(runtime.block_on(gate.oneshot(Ask::get("/").build())).unwrap_err(), "broken");
}

#[test]
fn a_boxed_or_shared_policy_is_a_policy() {
    let boxed: Box<dyn Policy + Send + Sync> = Box::new(Refuses("wall"));
    assert_eq!(Ask::get("/").policies(boxed).status(), 403);
    assert_eq!(Ask::get("/").policies(std::sync::Arc::new(Refuses("wall"))).status(), 403);
}

#[test]
fn the_trail_names_every_decision() {
    let context = palisade_test_support::context();
    Ask::get("/").context(&context).policies(Passes("a", Diary::default()).then(Refuses("wall")));
    assert_eq!(context.trail().to_string(), "a wall!no");
    assert_eq!(context.trail().refusal(), Some(("wall", NO)));
}

/// Compiles if and only if services and futures can be named, sent and shared as axum and tonic demand.
#[test]
fn services_are_send_sync_clone_and_futures_nameable() {
    fn service<T: Clone + Send + Sync + 'static>() {}
    fn future<T: Send + 'static>() {}
    service::<GateLayer<Chain<Passes, Refuses>>>();
    service::<Gate<Echo, Chain<Passes, Refuses>>>();
    future::<ResponseFuture<Echo, Chain<Passes, Refuses>, Body>>();
    service::<SecurityContext>();
    service::<Clock>();
}

#[test]
fn a_layer_can_be_cloned_and_keeps_its_policies() {
    let diary = Diary::default();
    let layer = GateLayer::new(Passes("a", diary.clone()));
    let mut one = layer.clone().layer(Echo::default());
    let mut two = layer.layer(Echo::default()).clone();
    Ask::get("/").send(&mut one);
    Ask::get("/").send(&mut two);
    assert_eq!(diary.lock().unwrap().len(), 4);
    let waker = std::task::Waker::noop();
    assert!(
        Service::<http::Request<Body>>::poll_ready(
            &mut two,
            &mut std::task::Context::from_waker(waker)
        )
        .is_ready()
    );
}
