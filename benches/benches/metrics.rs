//! Counting a request, on its own path and at its end; and writing a page of figures.

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use http::{Response, response};
use palisade::{
    core::{Access, Code, End, Ended, Policy as _, Rejection, RejectionKind, Route, Tail},
    metrics::{Exposition, Format, Metrics, MetricsPolicy},
};
use palisade_benches::{context, request};

/// What a policy costs a request that another one answers so.
fn counted(criterion: &mut Criterion, name: &str, refusal: Option<&Rejection>) {
    let policy = MetricsPolicy::new(&Metrics::new());
    let made = || {
        let (head, _) = request("/").into_parts();
        let (mut answer, ()) = Response::new(()).into_parts();
        if let Some(refusal) = refusal {
            answer.extensions.insert(refusal.clone());
        }
        let context = context();
        context.learn_route(Route::new("/", Access::Public));
        let tail = Tail::follow(context.clone());
        (head, context, tail, answer)
    };
    criterion.benchmark_group("metrics").bench_function(name, |bench| {
        let all = |(mut head, context, mut tail, mut answer): (_, _, Tail, response::Parts)| {
            let verdict = policy.check(&mut head, &context);
            policy.finish(&context, &mut answer);
            tail.answered(answer.status, Some(13));
            tail.sent(13);
            drop(tail);
            (head, context, answer, verdict)
        };
        bench.iter_batched(made, all, BatchSize::NumIterations(64));
    });
}

fn requests(criterion: &mut Criterion) {
    counted(criterion, "a request, to its end", None);
    let no = Rejection::new(RejectionKind::Forbidden, Code::new("not-today", "Not today"));
    counted(criterion, "a refusal, to its end", Some(&no));
}

fn page(criterion: &mut Criterion) {
    let metrics = Metrics::new();
    let policy = MetricsPolicy::new(&metrics);
    for path in ["/", "/a"] {
        let (mut head, _) = request(path).into_parts();
        let context = context();
        let _pass = policy.check(&mut head, &context);
        context.end(End::new(Ended::Whole, 13));
    }
    criterion.benchmark_group("metrics").bench_function("a page of its figures", |bench| {
        bench.iter(|| {
            let mut page = Exposition::new(Format::OpenMetrics);
            metrics.write(&mut page);
            page.finish()
        });
    });
}

criterion_group!(benches, requests, page);
criterion_main!(benches);
