//! How many figures there can be.

use palisade_core::{Code, GateLayer, Policy, Rejection, RejectionKind, SecurityContext, Verdict};
use palisade_metrics::{Metrics, MetricsPolicy};
use palisade_test_support::Ask;
use tower::Layer as _;

use crate::fixture::{figure, figures};
use palisade_core::Policies as _;

/// Refuses each request with a code of its own.
#[derive(Debug)]
struct Inventive;

impl Policy for Inventive {
    fn name(&self) -> &'static str {
        "inventive"
    }

    fn check(&self, head: &mut http::request::Parts, _: &SecurityContext) -> Verdict {
        let code = String::leak(head.uri.path().trim_start_matches('/').to_owned());
        Rejection::new(RejectionKind::Forbidden, Code::new(code, "No")).into()
    }
}

#[test]
fn codes_beyond_the_bound_are_counted_together_and_none_is_lost() {
    let metrics = Metrics::new();
    let gate = GateLayer::new(MetricsPolicy::new(&metrics).then(Inventive));
    let mut service = gate.layer(palisade_test_support::Echo::default());
    for round in 0..3 {
        for number in 0..1000 {
            drop(Ask::get(&format!("/code-{number}")).send(&mut service));
        }
        let all = figures(&metrics);
        let series = all.iter().filter(|figure| figure.name == "palisade_decisions_total").count();
        assert_eq!(series, 257, "round {round}");
    }
    let counted = |labels| figure(&metrics, "palisade_decisions_total", labels);
    assert_eq!(counted(&[]), 3000.0);
    assert_eq!(counted(&[("policy", "other"), ("code", "other")]), 3.0 * 744.0);
    assert_eq!(
        counted(&[("policy", "inventive"), ("code", "code-0")]),
        3.0,
        "who came first stays"
    );
}

#[test]
fn threads_that_meet_a_new_code_at_once_agree_on_its_place() {
    for _ in 0..10 {
        let metrics = Metrics::new();
        let gate = GateLayer::new(MetricsPolicy::new(&metrics).then(Inventive));
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let mut service = gate.layer(palisade_test_support::Echo::default());
                    for number in 0..40 {
                        drop(Ask::get(&format!("/code-{number}")).send(&mut service));
                    }
                });
            }
        });
        for number in 0..40 {
            let code = format!("code-{number}");
            assert_eq!(figure(&metrics, "palisade_decisions_total", &[("code", &code)]), 4.0);
        }
    }
}
