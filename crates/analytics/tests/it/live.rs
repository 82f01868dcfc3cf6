//! Watching.

use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};

use palisade_analytics::{Config, Event, SubscribeError, Subscription};
use palisade_test_support::Ask;

use crate::scene::Scene;

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn path(event: Option<Event>) -> String {
    match event {
        Some(Event::Record(record)) => record.path.to_string(),
        event => panic!("{event:?}"),
    }
}

fn ready(live: &mut Subscription) -> bool {
    pin!(live.next()).poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

#[test]
fn a_reader_sees_what_comes_after_it_subscribed_and_nothing_before() {
    let scene = Scene::new();
    scene.send_all([Ask::get("/before")]);
    scene.analytics.flush();
    let mut live = scene.analytics.subscribe().unwrap();
    scene.send_all([Ask::get("/1"), Ask::get("/2")]);
    assert_eq!(path(wait(live.next())), "/1");
    assert_eq!(path(wait(live.next())), "/2");
    assert!(!ready(&mut live));
}

#[test]
fn a_reader_that_waits_is_woken_without_a_flush() {
    let scene = Scene::new();
    let mut live = scene.analytics.subscribe().unwrap();
    std::thread::scope(|scope| {
        let reader = scope.spawn(|| path(wait(live.next())));
        scene.send_all([Ask::get("/x")]);
        assert_eq!(reader.join().unwrap(), "/x");
    });
}

#[test]
fn e2_a_reader_that_never_drains_loses_the_oldest_is_told_and_holds_up_nobody() {
    let scene = Scene::with(Config::new().backlog(4));
    let mut slow = scene.analytics.subscribe().unwrap();
    let mut quick = scene.analytics.subscribe().unwrap();
    for n in 0..10 {
        scene.send_all([Ask::get(&format!("/{n}"))]);
        assert_eq!(path(wait(quick.next())), format!("/{n}"));
    }
    scene.analytics.flush();
    assert!(matches!(wait(slow.next()), Some(Event::Lagged(6))));
    for n in 6..10 {
        assert_eq!(path(wait(slow.next())), format!("/{n}"));
    }
    assert_eq!(scene.records().len(), 10, "nothing is lost to the store");
}

#[test]
fn e2_a_thousand_readers_do_not_get_in_and_a_place_that_is_left_is_free() {
    let scene = Scene::with(Config::new().subscribers(3));
    let mut readers: Vec<_> = (0..3).map(|_| scene.analytics.subscribe().unwrap()).collect();
    for _ in 0..1000 {
        let error = scene.analytics.subscribe().unwrap_err();
        assert_eq!(error, SubscribeError::Full { limit: 3 });
    }
    drop(readers.pop());
    assert!(scene.analytics.subscribe().is_ok());
    assert_eq!(
        SubscribeError::Full { limit: 3 }.to_string(),
        "all 3 places for live readers are taken"
    );
}

#[test]
fn the_stream_ends_at_shutdown_after_what_was_recorded_before() {
    let scene = Scene::new();
    let mut live = scene.analytics.subscribe().unwrap();
    scene.send_all([Ask::get("/last")]);
    scene.analytics.shutdown();
    assert_eq!(path(wait(live.next())), "/last");
    assert!(wait(live.next()).is_none());
    assert!(wait(live.next()).is_none());
    assert_eq!(scene.analytics.subscribe().unwrap_err(), SubscribeError::Closed);
}

#[test]
fn the_stream_ends_when_the_last_handle_goes() {
    let scene = Scene::new();
    let mut live = scene.analytics.subscribe().unwrap();
    drop(scene);
    assert!(wait(live.next()).is_none());
}

#[test]
fn dropping_the_future_of_next_loses_nothing() {
    let scene = Scene::new();
    let mut live = scene.analytics.subscribe().unwrap();
    {
        let mut next = pin!(live.next());
        let poll = next.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(poll, Poll::Pending));
    }
    scene.send_all([Ask::get("/x")]);
    assert_eq!(path(wait(live.next())), "/x");
}

#[test]
fn the_stream_can_be_sent_to_a_task() {
    fn sendable<T: Send + 'static>(_: &T) {}
    let scene = Scene::new();
    let live = scene.analytics.subscribe().unwrap();
    sendable(&async move {
        let mut live = live;
        live.next().await
    });
}
