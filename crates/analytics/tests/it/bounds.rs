//! At the bounds: the queue full, the thread gone.

use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc, Mutex,
        mpsc::{Receiver, Sender, channel},
    },
    task::{Context, Poll, Wake, Waker},
};

use palisade_analytics::{Config, Subscription};
use palisade_test_support::Ask;

use crate::scene::Scene;

/// A reader's waker that holds the thread which wakes it until it is let go.
struct Gate {
    entered: Sender<()>,
    released: Mutex<Receiver<()>>,
}

impl Wake for Gate {
    fn wake(self: Arc<Self>) {
        self.entered.send(()).unwrap();
        self.released.lock().unwrap().recv().unwrap();
    }
}

/// Runs `meanwhile` while the background thread stands still with one record in hand.
fn with_a_stalled_worker(scene: &Scene, live: &mut Subscription, meanwhile: impl FnOnce()) {
    let ((entered, has_entered), (release, released)) = (channel(), channel());
    let waker = Waker::from(Arc::new(Gate { entered, released: Mutex::new(released) }));
    let mut next = pin!(live.next());
    assert!(matches!(next.as_mut().poll(&mut Context::from_waker(&waker)), Poll::Pending));
    scene.send_all([Ask::get("/first")]);
    has_entered.recv().unwrap();
    meanwhile();
    release.send(()).unwrap();
}

#[test]
fn a_full_queue_drops_and_counts_and_never_waits() {
    let scene = Scene::with(Config::new().queue(8));
    let mut live = scene.analytics.subscribe().unwrap();
    with_a_stalled_worker(&scene, &mut live, || {
        // If this waited for the worker it would wait for ever: nobody else lets the worker go.
        scene.send_all((0..20).map(|n| Ask::get(&format!("/{n}"))));
        assert_eq!(scene.analytics.dropped(), 12);
    });
    scene.analytics.flush();
    assert_eq!((scene.analytics.total(), scene.analytics.dropped()), (9, 12));
    let paths: Vec<_> = scene.records().iter().map(|record| record.path.to_string()).collect();
    assert_eq!(paths, ["/first", "/0", "/1", "/2", "/3", "/4", "/5", "/6", "/7"]);
    // And there is room again.
    scene.send_all([Ask::get("/x")]);
    assert_eq!(scene.records().len(), 10);
}

#[test]
fn a_full_queue_changes_nothing_for_the_client() {
    let scene = Scene::with(Config::new().queue(1));
    let mut live = scene.analytics.subscribe().unwrap();
    with_a_stalled_worker(&scene, &mut live, || {
        for _ in 0..5 {
            let answer = scene.send(Ask::get("/x").header("accept", "text/html"));
            assert_eq!(answer.status(), 200);
            assert!(answer.headers().contains_key("set-cookie"));
        }
    });
}

#[test]
fn clear_takes_what_still_waits_along() {
    let scene = Scene::new();
    let mut live = scene.analytics.subscribe().unwrap();
    with_a_stalled_worker(&scene, &mut live, || {
        scene.send_all((0..5).map(|_| Ask::get("/x")));
        assert_eq!(scene.analytics.clear(), 6, "one is stored and five wait");
    });
    assert!(scene.records().is_empty());
    assert_eq!(scene.analytics.total(), 0);
}

#[test]
fn shutdown_stores_what_waits_and_what_comes_later_is_dropped_and_counted() {
    let scene = Scene::new();
    scene.send_all((0..3000).map(|_| Ask::get("/x")));
    scene.analytics.shutdown();
    assert_eq!(scene.analytics.total(), 3000);
    scene.send_all([Ask::get("/late")]);
    // Neither waits for a thread that is gone.
    scene.analytics.flush();
    scene.analytics.shutdown();
    assert_eq!((scene.analytics.total(), scene.analytics.dropped()), (3000, 1));
}

#[test]
fn a_thread_that_broke_is_waited_for_by_nobody() {
    struct Breaks;
    impl Wake for Breaks {
        fn wake(self: Arc<Self>) {
            panic!("a waker that panics, on purpose");
        }
    }
    let scene = Scene::new();
    let mut live = scene.analytics.subscribe().unwrap();
    let waker = Waker::from(Arc::new(Breaks));
    assert!(pin!(live.next()).as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    let mut next = pin!(live.next());
    assert!(next.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    scene.send_all([Ask::get("/x")]);
    scene.analytics.flush();
    scene.send_all([Ask::get("/y")]);
    scene.analytics.flush();
    assert_eq!(scene.analytics.dropped(), 1);
    assert_eq!(scene.send(Ask::get("/z")).status(), 200);
}
