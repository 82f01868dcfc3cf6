//! The gate alone: what a policy that decides nothing costs, alone and in a chain of eight.

use criterion::{Criterion, criterion_group, criterion_main};
use http::request::Parts;
use palisade::core::{Policies, Policy, SecurityContext, Verdict};
use palisade_benches::{bare, gated, request, send};

struct Passes;

impl Policy for Passes {
    fn name(&self) -> &'static str {
        "passes"
    }
    fn check(&self, _: &mut Parts, _: &SecurityContext) -> Verdict {
        Verdict::Pass
    }
}

fn gate(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("gate");
    group.bench_function("bare service", |bench| send(bench, &mut bare(), || request("/")));
    let mut one = gated(Passes);
    group.bench_function("one policy", |bench| send(bench, &mut one, || request("/")));
    let four = || Passes.then(Passes).then(Passes).then(Passes);
    let mut eight = gated(four().then(four()));
    group.bench_function("eight policies of one chain", |bench| {
        send(bench, &mut eight, || request("/"));
    });
    group.finish();
}

criterion_group!(benches, gate);
criterion_main!(benches);
