//! Reading what is published.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    task::{Context, Waker},
};

use palisade_live::{Config, Ending, Feed, Interest, Message, SubscribeError, Told};

use crate::{Seen, feed, numbers, publish, short, subscribe, wait, waiting};

#[test]
fn a_reader_sees_what_comes_after_he_subscribed_and_nothing_before() {
    let feed = feed(Config::new());
    publish(&feed, [1, 2]);
    let mut reader = subscribe(&feed);
    publish(&feed, [3, 4]);
    assert_eq!(waiting(&mut reader), numbers([3, 4]));
    assert_eq!(waiting(&mut reader), []);
}

#[test]
fn a_reader_that_waits_is_woken_without_a_flush() {
    let feed = feed(Config::new());
    let mut reader = subscribe(&feed);
    std::thread::scope(|scope| {
        let reads = scope.spawn(|| short(wait(reader.next())));
        feed.publish(7);
        assert_eq!(reads.join().unwrap(), Seen::Number(7));
    });
}

#[test]
fn dropping_the_future_of_next_loses_nothing() {
    let feed = feed(Config::new());
    let mut reader = subscribe(&feed);
    let is_pending = pin!(reader.next()).poll(&mut Context::from_waker(Waker::noop())).is_pending();
    assert!(is_pending);
    publish(&feed, [1]);
    assert_eq!(short(wait(reader.next())), Seen::Number(1));
}

#[test]
fn e4_a_reader_is_told_nothing_that_his_filter_does_not_let_through_nor_how_much_that_was() {
    let feed = feed(Config::new().queue(4).ring(8));
    let own = |number: &u64| number.is_multiple_of(100);
    let mut reader = feed.subscribe(Interest::of("alice").matching(own)).unwrap();
    // Far more of others than may wait for anybody.
    publish(&feed, 1..=250);
    assert_eq!(waiting(&mut reader), numbers([100, 200]), "nothing of others takes his room");
    publish(&feed, 251..=950);
    let seen = waiting(&mut reader);
    let expected = [&[Seen::Missed(3)][..], &numbers([600, 700, 800, 900])].concat();
    assert_eq!(seen, expected, "of his own alone he is told what is missing");
}

#[test]
fn an_event_is_written_once_and_only_if_somebody_wants_it() {
    let written = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&written);
    let encode = move |number: &u64| {
        count.fetch_add(1, Ordering::Relaxed);
        Message::data(number.to_string())
    };
    let feed = Feed::start(Config::new(), encode).unwrap();
    publish(&feed, 0..100);
    assert_eq!(written.load(Ordering::Relaxed), 0, "nobody reads");
    let want = |n| feed.subscribe(Interest::of("a").matching(move |number| *number == n)).unwrap();
    let (mut one, mut other, _third) = (want(100), want(100), want(7));
    publish(&feed, 100..200);
    assert_eq!(written.load(Ordering::Relaxed), 1, "two want the same one");
    let text = |reader: &mut palisade_live::Subscription<u64>| match wait(reader.next()) {
        Some(Told::Event(event)) => reader.text(&event),
        told => panic!("{told:?}"),
    };
    let (one, other) = (text(&mut one), text(&mut other));
    assert_eq!(one.as_ptr(), other.as_ptr(), "and share the bytes");
}

#[test]
fn the_stream_ends_when_the_feed_is_closed_after_what_was_published_before() {
    let feed = feed(Config::new());
    let mut reader = subscribe(&feed);
    feed.publish(1);
    feed.close();
    assert_eq!(waiting(&mut reader), [Seen::Number(1), Seen::End]);
    assert_eq!(waiting(&mut reader), [Seen::End]);
    assert_eq!(reader.ending(), Some(Ending::CLOSED));
    let error = feed.subscribe(Interest::of("alice")).unwrap_err();
    assert_eq!(error, SubscribeError::Closed);
    feed.publish(2);
    assert_eq!(feed.status().dropped, 1);
    feed.flush();
    feed.close();
}

#[test]
fn the_stream_ends_when_the_last_handle_goes() {
    let feed = feed(Config::new());
    let mut reader = subscribe(&feed);
    drop(feed.clone());
    assert_eq!(waiting(&mut reader), []);
    drop(feed);
    assert_eq!(waiting(&mut reader), [Seen::End]);
}

#[test]
fn what_the_feed_itself_causes_is_not_told_for_ever() {
    let (out, inner) = mpsc::channel::<Feed<u64>>();
    let own = std::sync::OnceLock::new();
    let inner = std::sync::Mutex::new(inner);
    let feed = feed(Config::new());
    // As a filter that logs, where what is logged is published.
    let logs = move |number: &u64| {
        let feed = own.get_or_init(|| inner.lock().unwrap().recv().unwrap());
        feed.publish(number + 1);
        true
    };
    out.send(feed.clone()).unwrap();
    let mut reader = feed.subscribe(Interest::of("alice").matching(logs)).unwrap();
    publish(&feed, [1]);
    feed.flush();
    assert_eq!(waiting(&mut reader), numbers([1]));
    assert_eq!(feed.status().dropped, 0, "it is not lost: it never was");
    feed.close();
}

#[test]
fn a_writer_that_panics_ends_the_feed_and_tells_everybody() {
    let encode = |_: &u64| -> Message { panic!("a mistake in the server") };
    let feed = Feed::start(Config::new(), encode).unwrap();
    let mut reader = subscribe(&feed);
    feed.publish(1);
    feed.flush();
    assert_eq!(waiting(&mut reader).last(), Some(&Seen::End));
    assert_eq!(feed.subscribe(Interest::of("alice")).unwrap_err(), SubscribeError::Closed);
}

#[test]
fn a_stream_can_be_sent_to_a_task_and_shared() {
    fn sendable<T: Send + Sync + 'static>(_: &T) {}
    let feed = feed(Config::new());
    sendable(&feed);
    sendable(&subscribe(&feed));
}
