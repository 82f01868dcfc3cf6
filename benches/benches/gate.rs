//! The gate alone: what a policy that decides nothing costs, alone and in a chain of eight.

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use http::request::Parts;
use palisade::core::{Policies, Policy, SecurityContext, Verdict};
use palisade_benches::{ask, bare, gated, request};

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
    let new = || request("/");
    group.bench_function("bare service", |bench| {
        let mut service = bare();
        bench.iter_batched(new, |request| ask(&mut service, request), BatchSize::SmallInput);
    });
    group.bench_function("one policy", |bench| {
        let mut service = gated(Passes);
        bench.iter_batched(new, |request| ask(&mut service, request), BatchSize::SmallInput);
    });
    group.bench_function("eight policies of one chain", |bench| {
        let four = || Passes.then(Passes).then(Passes).then(Passes);
        let mut service = gated(four().then(four()));
        bench.iter_batched(new, |request| ask(&mut service, request), BatchSize::SmallInput);
    });
    group.finish();
}

criterion_group!(benches, gate);
criterion_main!(benches);
