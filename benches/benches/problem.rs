//! Rendering a refusal, and naming a request that passes.

use criterion::{Criterion, criterion_group, criterion_main};
use palisade::problem::ProblemLayer;
use palisade_benches::{Refuses, bare, gated, request, send};
use tower_layer::Layer;

fn problem(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("problem");
    let mut passing = ProblemLayer::new().layer(bare());
    group.bench_function("passed", |bench| send(bench, &mut passing, || request("/")));
    let mut refusing = ProblemLayer::new().layer(gated(Refuses));
    group.bench_function("rendered", |bench| send(bench, &mut refusing, || request("/")));
    group.finish();
}

criterion_group!(benches, problem);
criterion_main!(benches);
