//! Telling what happens: what it costs whoever it happens to, and how long it takes until it waits for a thousand readers.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot be set up must fail")]

use std::{
    sync::Arc,
    task::{Context, Waker},
};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use palisade::live::{Config, Feed, Interest, Message, Places, Subscription};

/// As much as a record of a request has.
fn feed(readers: usize) -> (Feed<Arc<str>>, Vec<Subscription<Arc<str>>>) {
    let config = Config::new().places(Places::new(readers, readers)).inbox(1 << 20);
    let feed =
        Feed::start(config, |text: &Arc<str>| Message::data(text.to_string()).name("request"));
    let feed = feed.unwrap();
    let readers = (0..readers).map(|_| feed.subscribe(Interest::of("alice")).unwrap()).collect();
    (feed, readers)
}

fn read(readers: &mut [Subscription<Arc<str>>]) {
    let cx = Context::from_waker(Waker::noop());
    for reader in readers {
        while reader.poll_next(&cx).is_ready() {}
    }
}

/// What a thread pays that logs, or that stores what was asked.
fn caller(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("live");
    for readers in [0, 1, 1000] {
        let (feed, mut all) = feed(readers);
        let event: Arc<str> = "x".repeat(400).into();
        group.bench_function(format!("publish, {readers} readers"), |bench| {
            // Between two batches the feed's thread and the readers catch up.
            let catch_up = || {
                feed.flush();
                read(&mut all);
                Arc::clone(&event)
            };
            bench.iter_batched(catch_up, |event| feed.publish(event), BatchSize::PerIteration);
        });
    }
    group.finish();
}

/// Until the event waits for everybody.
fn told(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("live");
    for readers in [1, 1000] {
        let (feed, mut all) = feed(readers);
        let event: Arc<str> = "x".repeat(400).into();
        group.throughput(Throughput::Elements(100));
        group.bench_function(format!("100 events told, {readers} readers"), |bench| {
            bench.iter_batched(
                || read(&mut all),
                |()| {
                    (0..100).for_each(|_| feed.publish(Arc::clone(&event)));
                    feed.flush();
                },
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, caller, told);
criterion_main!(benches);
