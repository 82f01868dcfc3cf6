//! What happens at the bounds.

use std::{
    sync::{Arc, Mutex},
    task::{Context, Wake, Waker},
    time::Duration,
};

use palisade_core::ManualClock;
use palisade_live::{Config, Ending, Interest, Places, SubscribeError};

use crate::{Seen, feed, numbers, publish, subscribe, waiting};

/// A reader whose waking takes as long as a test wants: meanwhile the feed's thread publishes nothing.
struct DeepSleeper(Mutex<()>);

impl Wake for DeepSleeper {
    fn wake(self: Arc<Self>) {
        drop(self.0.lock());
    }
}

#[test]
fn e2_a_reader_that_never_reads_loses_the_oldest_is_told_and_holds_up_nobody() {
    let feed = feed(Config::new().queue(4));
    let (mut slow, mut quick) = (subscribe(&feed), subscribe(&feed));
    for number in 0..10 {
        publish(&feed, [number]);
        assert_eq!(waiting(&mut quick), numbers([number]));
    }
    assert_eq!(waiting(&mut slow), [&[Seen::Missed(6)][..], &numbers(6..10)].concat());
    publish(&feed, [10]);
    assert_eq!(waiting(&mut slow), numbers([10]), "and goes on");
}

#[test]
fn e2_a_reader_who_lost_something_and_reads_nothing_is_cut_when_patience_ends() {
    let (clock, places) = (ManualClock::new(), Places::new(10, 10));
    let config = Config::new().queue(4).patience(Duration::from_secs(30)).places(places.clone());
    let feed = feed(config.clock(clock.clock()));
    let (mut slow, mut quick) = (subscribe(&feed), subscribe(&feed));
    publish(&feed, 0..5);
    assert_eq!(waiting(&mut quick).len(), 5);
    clock.advance(Duration::from_millis(29_999));
    publish(&feed, [5]);
    assert_eq!((slow.ending(), places.taken()), (None, 2));
    clock.advance(Duration::from_millis(1));
    publish(&feed, [6]);
    assert_eq!((slow.ending(), places.taken()), (Some(Ending::SLOW), 1), "his place is free");
    assert_eq!(waiting(&mut slow), [Seen::Missed(7), Seen::End], "nothing is kept for him");
    assert_eq!(waiting(&mut quick), numbers([5, 6]));
    publish(&feed, [7]);
    assert_eq!(waiting(&mut slow), [Seen::End]);
}

#[test]
fn e2_a_slow_reader_who_reads_now_and_then_is_not_cut_nor_is_one_who_lost_nothing() {
    let clock = ManualClock::new();
    let config = Config::new().queue(4).patience(Duration::from_secs(30));
    let feed = feed(config.clock(clock.clock()));
    let (mut slow, silent) =
        (subscribe(&feed), feed.subscribe(Interest::of("bob").matching(|_| false)));
    for _ in 0..10 {
        publish(&feed, 0..10);
        clock.advance(Duration::from_secs(29));
        assert_eq!(waiting(&mut slow)[0], Seen::Missed(6));
    }
    assert_eq!((slow.ending(), silent.unwrap().ending()), (None, None));
}

#[test]
fn e2_a_reader_is_cut_where_nothing_more_is_published() {
    let clock = ManualClock::new();
    let feed = feed(Config::new().queue(1).clock(clock.clock()));
    let slow = subscribe(&feed);
    publish(&feed, 0..3);
    clock.advance(Duration::from_secs(30));
    let asked = std::time::Instant::now();
    while slow.ending().is_none() {
        assert!(asked.elapsed() < Duration::from_secs(20), "he is never looked after");
        std::thread::yield_now();
    }
    assert_eq!(slow.ending(), Some(Ending::SLOW));
}

#[test]
fn e2_places_are_bounded_for_each_user_and_in_all_and_one_that_is_left_is_free() {
    let places = Places::new(5, 3);
    let config = Config::new().places(places.clone());
    // Two feeds that share them.
    let (feed, other) = (feed(config.clone()), feed(config));
    let mut own: Vec<_> = (0..3).map(|_| subscribe(&feed)).collect();
    for _ in 0..1000 {
        let error = other.subscribe(Interest::of("alice")).unwrap_err();
        assert_eq!(error, SubscribeError::FullOfOne { limit: 3 });
    }
    let bob: Vec<_> = (0..2).map(|_| other.subscribe(Interest::of("bob")).unwrap()).collect();
    let error = feed.subscribe(Interest::of("carol")).unwrap_err();
    assert_eq!(error, SubscribeError::Full { limit: 5 });
    assert_eq!(error.to_string(), "all 5 places for live readers are taken");
    drop(own.pop());
    assert!(feed.subscribe(Interest::of("carol")).is_ok());
    drop((own, bob));
    assert_eq!((places.taken(), feed.status().readers, other.status().readers), (0, 0, 0));
}

#[test]
fn what_does_not_fit_into_the_inbox_is_dropped_and_everybody_is_told_where_it_is_missing() {
    let feed = feed(Config::new().inbox(4));
    let sleeper = Arc::new(DeepSleeper(Mutex::new(())));
    let asleep = sleeper.0.lock().unwrap();
    let mut first = subscribe(&feed);
    let waker = Waker::from(Arc::clone(&sleeper));
    assert!(first.poll_next(&Context::from_waker(&waker)).is_pending());
    feed.publish(1);
    // Once that has its number, the thread waits for the sleeper, and takes nothing more.
    let asked = std::time::Instant::now();
    while feed.status().published == 0 {
        assert!(asked.elapsed() < Duration::from_secs(20));
    }
    (2..=5).for_each(|number| feed.publish(number));
    assert_eq!(feed.status().dropped, 0);
    (0..10).for_each(|_| feed.publish(99));
    assert_eq!(feed.status().dropped, 10, "who publishes never waits");
    drop(asleep);
    feed.flush();
    publish(&feed, [6]);
    let seen = waiting(&mut first);
    let expected = [&numbers(1..=5)[..], &[Seen::Missed(10), Seen::Number(6)]].concat();
    assert_eq!(seen, expected);
    // So is who comes back.
    let after = crate::id(&feed, 1);
    let mut resumed = feed.subscribe(Interest::of("alice").after(&after)).unwrap();
    assert_eq!(waiting(&mut resumed), seen[1..]);
}

#[test]
fn the_status_counts_what_is_lost_where() {
    let clock = ManualClock::new();
    let feed = feed(Config::new().queue(4).clock(clock.clock()));
    let (_slow, _other) = (subscribe(&feed), subscribe(&feed));
    publish(&feed, 0..10);
    clock.advance(Duration::from_secs(30));
    publish(&feed, [10]);
    let status = feed.status();
    assert_eq!((status.readers, status.published, status.dropped), (2, 11, 0));
    assert_eq!((status.missed, status.cut), (2 * 7, 2));
}
