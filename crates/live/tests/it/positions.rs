//! Where a client goes on who comes back.

use std::{
    future::{Future, pending},
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
    time::Duration,
};

use http_body::Body;
use http_body_util::BodyExt;
use palisade_core::ManualClock;
use palisade_live::{Config, Ending, EventStream, Interest};
use proptest::prelude::*;

use crate::{decoder::Decoder, feed, id, numbers, publish, streams::next, subscribe, waiting};

/// What a client reads until there is nothing, `most` pieces at most.
fn read(stream: &mut EventStream<u64>, most: usize) -> Decoder {
    let cx = &mut Context::from_waker(Waker::noop());
    let mut text = Vec::new();
    for _ in 0..most {
        let Poll::Ready(Some(frame)) = Pin::new(&mut *stream).poll_frame(cx) else { break };
        text.extend(frame.unwrap().into_data().unwrap());
    }
    Decoder::read(&text)
}

/// How many events were told, and how many are said to be missing.
fn sum(read: &Decoder) -> u64 {
    let worth = |told: &crate::decoder::Dispatched| match &*told.name {
        "lagged" => told.data["{\"missed\":".len()..].trim_end_matches('}').parse().unwrap(),
        "number" => 1,
        _ => 0,
    };
    read.events.iter().map(worth).sum()
}

#[tokio::test(start_paused = true)]
async fn who_wants_few_events_of_many_is_not_told_that_he_missed_the_others() {
    let feed = feed(Config::new().ring(1000));
    let interest = || Interest::of("alice").matching(|number: &u64| *number == 1);
    let stream = EventStream::new(feed.subscribe(interest()).unwrap(), pending());
    let mut stream = Box::pin(stream);
    publish(&feed, 1..=1501);
    assert!(next(&mut stream).await.starts_with("retry: "));
    assert!(next(&mut stream).await.contains("data: 1\n"));
    // What it is told every 15 s: a comment, and an id without data, which no page sees.
    let lives = next(&mut stream).await;
    assert_eq!(lives, format!(": \nid: {}\n\n", id(&feed, 1501)));
    let read = Decoder::read(lives.as_bytes());
    assert!(read.events.is_empty());
    let back = interest().after(&read.last_event_id);
    assert_eq!(waiting(&mut feed.subscribe(back).unwrap()), []);
}

#[tokio::test]
async fn who_is_cut_and_comes_back_is_told_of_each_loss_once() {
    let clock = ManualClock::new();
    let feed = feed(Config::new().queue(1).clock(clock.clock()));
    let stream = EventStream::new(subscribe(&feed), pending());
    publish(&feed, 1..=2);
    clock.advance(Duration::from_secs(30));
    publish(&feed, [3]);
    // Not offered to him any more.
    publish(&feed, [4]);
    let read = Decoder::read(&stream.collect().await.unwrap().to_bytes());
    assert_eq!((sum(&read), &*read.last_event_id), (3, &*id(&feed, 3)));
    let back = Interest::of("alice").after(&read.last_event_id);
    assert_eq!(waiting(&mut feed.subscribe(back).unwrap()), numbers([4]));
}

#[tokio::test]
async fn nobody_is_given_a_place_before_he_was_told_that_nobody_knows_it() {
    let feed = feed(Config::new());
    publish(&feed, 1..=3);
    let open = |guard: Pin<Box<dyn Future<Output = Ending> + Send>>| {
        let foreign = Interest::of("alice").after("0000000000000000-3");
        EventStream::new(feed.subscribe(foreign).unwrap(), guard)
    };
    let ended = open(Box::pin(async { Ending::new("expired") }));
    let read_by_ended = Decoder::read(&ended.collect().await.unwrap().to_bytes());
    assert_eq!((read_by_ended.events.len(), &*read_by_ended.last_event_id), (1, ""));
    let mut open = open(Box::pin(pending()));
    assert_eq!(read(&mut open, 2).last_event_id, id(&feed, 0), "then all there is");
    assert_eq!(read(&mut open, 9).last_event_id, id(&feed, 3));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// However a client reads, is cut, dismissed or goes away, and comes back: what it is told and what it is said to have lost add
    /// up to what was published for it.
    #[test]
    fn what_is_told_and_what_is_lost_add_up_over_all_that_a_client_opens(
        queue in 1_usize..6,
        visits in prop::collection::vec((0_u64..9, 0_usize..7, 0_u64..9, 0..3_u8), 1..12),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let _inside = runtime.enter();
        let clock = ManualClock::new();
        let feed = feed(Config::new().queue(queue).clock(clock.clock()));
        let (mut published, mut told, mut last) = (0, 0, id(&feed, 0));
        for (before, reads, after, end) in visits {
            let interest = Interest::of("alice").after(&last);
            let (dismiss, dismissed) = tokio::sync::oneshot::channel();
            let guard = async { dismissed.await.unwrap_or(Ending::CLOSED) };
            let mut stream = EventStream::new(feed.subscribe(interest).unwrap(), guard);
            let mut visit = |most: usize, last: &mut String| {
                let read = read(&mut stream, most);
                if !read.last_event_id.is_empty() {
                    last.clone_from(&read.last_event_id);
                }
                told += sum(&read);
            };
            publish(&feed, published + 1..=published + before);
            published += before;
            visit(reads, &mut last);
            publish(&feed, published + 1..=published + after);
            published += after;
            match end {
                0 => {
                    clock.advance(Duration::from_secs(31));
                    published += 1;
                    publish(&feed, [published]);
                    visit(3, &mut last);
                }
                1 => {
                    dismiss.send(Ending::new("banned")).unwrap();
                    visit(3, &mut last);
                }
                _ => {}
            }
        }
        let mut stream =
            EventStream::new(feed.subscribe(Interest::of("alice").after(&last)).unwrap(), pending());
        prop_assert_eq!(told + sum(&read(&mut stream, 999)), published);
    }
}

/// An event that is dropped before it has a number is one that everybody missed, and counts for where they go on.
#[test]
fn what_the_feed_lost_is_behind_who_was_told_so() {
    let feed = feed(Config::new().inbox(1));
    let (enter, entered) = std::sync::mpsc::channel();
    let (leave, left) = std::sync::mpsc::channel::<()>();
    let left = std::sync::Mutex::new(left);
    let interest = Interest::of("alice").matching(move |number: &u64| {
        if *number == 1 {
            enter.send(()).unwrap();
            left.lock().unwrap().recv().unwrap();
        }
        true
    });
    let mut stream = EventStream::new(feed.subscribe(interest).unwrap(), pending());
    feed.publish(1);
    entered.recv().unwrap();
    // One waits, three are lost.
    (2..=5).for_each(|number| feed.publish(number));
    leave.send(()).unwrap();
    feed.flush();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let read = runtime.block_on(async { pin!(async { read(&mut stream, 9) }).await });
    assert_eq!((sum(&read), &*read.last_event_id), (5, &*id(&feed, 5)));
}
