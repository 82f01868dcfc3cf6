//! At the bounds: the queue full, the thread at an end.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use palisade_analytics::{AnalyticsPolicy, Config, Filter};
use palisade_core::{Clock, Policy, SecurityContext, Tail};
use palisade_test_support::{Ask, head};

use crate::{
    faulty::{Does, Faulty},
    scene::{Scene, until},
};

/// Runs `meanwhile` while the background thread hangs in the store with one record in hand.
fn with_a_stuck_store(queue: usize, meanwhile: impl FnOnce(&Scene)) -> Scene {
    let store = Faulty::new();
    let scene = Scene::with(Config::new().queue(queue).store(Arc::clone(&store) as _));
    store.does(Does::Hang);
    scene.send_all([Ask::get("/first")]);
    until(|| store.hangs());
    meanwhile(&scene);
    assert!(store.hangs());
    store.does(Does::Work);
    scene.analytics.flush();
    scene
}

fn total(scene: &Scene) -> u64 {
    scene.analytics.store().summary(&Filter::new()).unwrap().requests
}

#[test]
fn a_full_queue_drops_and_counts_and_never_waits() {
    let scene = with_a_stuck_store(8, |scene| {
        // If this waited for the worker it would wait for ever: nobody else lets the worker go.
        scene.send_all((0..20).map(|n| Ask::get(&format!("/{n}"))));
        assert_eq!(scene.analytics.dropped(), 12);
        let status = scene.analytics.status();
        assert_eq!((status.queued, status.dropped, status.lost), (8, 12, 0));
    });
    assert_eq!((total(&scene), scene.analytics.dropped()), (9, 12));
    let paths: Vec<_> = scene.records().iter().map(|record| record.path.to_string()).collect();
    assert_eq!(paths, ["/first", "/0", "/1", "/2", "/3", "/4", "/5", "/6", "/7"]);
    // And there is room again.
    scene.send_all([Ask::get("/x")]);
    assert_eq!(scene.records().len(), 10);
}

#[test]
fn a_full_queue_changes_nothing_for_the_client() {
    with_a_stuck_store(1, |scene| {
        for _ in 0..5 {
            let answer = scene.send(Ask::get("/x").header("accept", "text/html"));
            assert_eq!(answer.status(), 200);
            assert!(answer.headers().contains_key("set-cookie"));
        }
    });
}

#[test]
fn what_is_forgotten_takes_along_what_still_waits() {
    let scene = Scene::new();
    scene.send_all((0..5).map(|_| Ask::get("/x")));
    assert_eq!(scene.analytics.delete(&Filter::new()).unwrap(), 5);
    assert!(scene.records().is_empty());
}

#[test]
fn shutdown_stores_what_waits_and_what_comes_later_is_dropped_and_counted() {
    let scene = Scene::new();
    scene.send_all((0..3000).map(|_| Ask::get("/x")));
    scene.analytics.shutdown();
    assert_eq!(total(&scene), 3000);
    scene.send_all([Ask::get("/late")]);
    // Neither waits for a thread that is gone.
    scene.analytics.flush();
    scene.analytics.shutdown();
    assert_eq!((total(&scene), scene.analytics.dropped()), (3000, 1));
    assert!(!scene.analytics.status().healthy);
}

/// One request, from its arrival to its end; returns how long that took.
fn offer(policy: &AnalyticsPolicy, clock: &Clock) -> Duration {
    let (mut head, mut answer) = (head("/api/feed"), http::Response::new(()).into_parts().0);
    let begun = Instant::now();
    let context = SecurityContext::new(clock.now());
    let tail = Tail::follow(context.clone());
    drop(policy.check(&mut head, &context));
    policy.finish(&context, &mut answer);
    drop(tail);
    begun.elapsed()
}

/// Half a million of them, from two threads as fast as these can, while nothing is stored. They all end, so nobody waited; no
/// record is in both accounts or in none; and half of them, at least, took less than ten times as long as alone.
#[test]
fn half_a_million_requests_at_full_speed_wait_for_nobody_while_the_store_hangs() {
    const EACH: usize = 250_000;
    const QUEUE: usize = 65_536;
    let clock = Clock::system();
    let alone = {
        let scene = Scene::new();
        let policy = scene.policy().clock(clock.clone());
        let mut times: Vec<_> = (0..10_000).map(|_| offer(&policy, &clock)).collect();
        times.sort_unstable();
        times[times.len() / 2]
    };
    let scene = with_a_stuck_store(QUEUE, |scene| {
        let policy = scene.policy().clock(clock.clone());
        let begun = Instant::now();
        let mut times = thread::scope(|scope| {
            let offers = || (0..EACH).map(|_| offer(&policy, &clock)).collect::<Vec<_>>();
            let (one, two) = (scope.spawn(offers), scope.spawn(offers));
            [one.join().unwrap(), two.join().unwrap()].concat()
        });
        let took = begun.elapsed();
        times.sort_unstable();
        let at = |percent: usize| times[(times.len() - 1) * percent / 100];
        println!(
            "{} offered in {took:?}; alone {alone:?}, median {:?}, p99 {:?}, longest {:?}",
            times.len(),
            at(50),
            at(99),
            at(100)
        );
        assert!(at(50) < alone * 10, "{:?}, and {alone:?} alone", at(50));
        let status = scene.analytics.status();
        assert_eq!(status.queued + usize::try_from(status.dropped).unwrap(), 2 * EACH);
        assert!(status.queued == QUEUE);
    });
    // The first one was in hand.
    let kept = usize::try_from(total(&scene)).unwrap();
    let dropped = usize::try_from(scene.analytics.dropped()).unwrap();
    assert_eq!(kept + dropped, 2 * EACH + 1);
    assert_eq!((kept, scene.analytics.lost()), (QUEUE + 1, 0));
}
