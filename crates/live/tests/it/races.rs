//! Many at a time.

use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
};

use palisade_live::{Config, Interest, Places, Subscription, Told};

use crate::{feed, id, wait};

/// Reads until the end or for so many events: each number follows the one before, but for those that are told as missed.
fn follows(reader: &mut Subscription<u64>, mut last: u64, most: usize) -> u64 {
    for _ in 0..most {
        match wait(reader.next()) {
            Some(Told::Event(event)) => {
                assert_eq!(event.id().number(), last + 1, "none is told twice, none is left out");
                last = event.id().number();
            }
            Some(Told::Missed(Some(count))) => {
                assert!(count > 0);
                last += count;
            }
            None => return last,
            told => panic!("{told:?}"),
        }
    }
    last
}

#[test]
fn whoever_comes_and_goes_while_many_publish_is_told_everything_in_order_or_how_much_is_missing() {
    const EACH: u64 = 20_000;
    let places = Places::new(100, 100);
    let config = Config::new().queue(64).inbox(512).ring(256).places(places.clone());
    let feed = feed(config);
    let (is_over, comings) = (AtomicBool::new(false), AtomicU64::new(0));
    thread::scope(|scope| {
        let publishers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    for number in 0..EACH {
                        feed.publish(number);
                        if number % 64 == 0 {
                            thread::yield_now();
                        }
                    }
                })
            })
            .collect();
        // They come back where they left off, now and then in the middle of what waits for them.
        for reader in 0..4_usize {
            let (feed, is_over, comings) = (&feed, &is_over, &comings);
            scope.spawn(move || {
                let mut last = 0;
                while !is_over.load(Ordering::Relaxed) {
                    let interest = Interest::of("alice").after(&id(feed, last));
                    let Ok(mut subscription) = feed.subscribe(interest) else { break };
                    last = follows(&mut subscription, last, 1 + (last as usize + reader) % 300);
                    comings.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        // One stays, and one never reads.
        let _dead = feed.subscribe(Interest::of("bob")).unwrap();
        let stays = feed.subscribe(Interest::of("bob").after(&id(&feed, 0))).unwrap();
        let stays = scope.spawn(move || {
            let mut stays = stays;
            follows(&mut stays, 0, usize::MAX)
        });
        publishers.into_iter().for_each(|publisher| publisher.join().unwrap());
        is_over.store(true, Ordering::Relaxed);
        feed.close();
        assert_eq!(stays.join().unwrap(), 3 * EACH, "to the last one");
    });
    assert!(comings.load(Ordering::Relaxed) > 10);
    assert_eq!((places.taken(), feed.status().readers), (0, 0), "every place is given back");
}

#[test]
fn subscriptions_that_are_dropped_while_the_feed_closes_leave_nothing_behind() {
    for _ in 0..50 {
        let places = Places::default();
        let feed = feed(Config::new().places(places.clone()));
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for number in 0..50 {
                        let reader = feed.subscribe(Interest::of("alice"));
                        feed.publish(number);
                        drop(reader);
                    }
                });
            }
            scope.spawn(|| feed.close());
        });
        assert_eq!((places.taken(), feed.status().readers), (0, 0));
    }
}
