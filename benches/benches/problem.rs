//! Rendering a refusal, and naming a request that passes.

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use http::request::Parts;
use palisade::{
    core::{Code, Policy, Rejection, RejectionKind, SecurityContext, Verdict},
    problem::ProblemLayer,
};
use palisade_benches::{ask, bare, gated, request};
use tower_layer::Layer;

struct Refuses;

impl Policy for Refuses {
    fn name(&self) -> &'static str {
        "refuses"
    }
    fn check(&self, _: &mut Parts, _: &SecurityContext) -> Verdict {
        Rejection::new(RejectionKind::Forbidden, Code::new("no", "No")).into()
    }
}

fn problem(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("problem");
    group.bench_function("passed", |bench| {
        let mut service = ProblemLayer::new().layer(bare());
        bench.iter_batched(
            || request("/"),
            |request| ask(&mut service, request),
            BatchSize::SmallInput,
        );
    });
    group.bench_function("rendered", |bench| {
        let mut service = ProblemLayer::new().layer(gated(Refuses));
        bench.iter_batched(
            || request("/"),
            |request| ask(&mut service, request),
            BatchSize::SmallInput,
        );
    });
    group.finish();
}

criterion_group!(benches, problem);
criterion_main!(benches);
