//! The body of an answer.

use std::{
    future::{pending, ready},
    time::Duration,
};

use http_body::Body;
use http_body_util::BodyExt;
use palisade_live::{Config, Ending, EventStream, Interest, Places};
use tokio::{sync::oneshot, time::Instant};

use crate::{
    decoder::{Decoder, Dispatched},
    feed, id, publish, subscribe,
};

fn event(name: &str, data: &str, last_event_id: &str) -> Dispatched {
    let [name, data, last_event_id] = [name, data, last_event_id].map(str::to_owned);
    Dispatched { name, data, last_event_id }
}

/// The next piece of a stream.
pub(crate) async fn next(
    body: &mut (impl Body<Data = bytes::Bytes, Error = std::convert::Infallible> + Unpin),
) -> String {
    let frame = body.frame().await.expect("it goes on").unwrap();
    String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn a_stream_says_what_caches_and_proxies_must_know() {
    let feed = feed(Config::new());
    let answer = EventStream::new(subscribe(&feed), pending()).into_response();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert_eq!(answer.headers()["x-accel-buffering"], "no");
}

#[tokio::test]
async fn a_stream_tells_when_to_come_back_then_what_happens_what_is_missing_and_why_it_ends() {
    let feed = feed(Config::new().queue(2));
    let stream = EventStream::new(subscribe(&feed), pending());
    publish(&feed, 1..=5);
    feed.close();
    let read = Decoder::read(&stream.collect().await.unwrap().to_bytes());
    assert!((1000..2000).contains(&read.retry.unwrap()), "{read:?}");
    let expected = [
        event("lagged", "{\"missed\":3}", &id(&feed, 3)),
        event("number", "4", &id(&feed, 4)),
        event("number", "5", &id(&feed, 5)),
        event("end", "{\"reason\":\"closed\"}", &id(&feed, 5)),
    ];
    assert_eq!(read.events, expected, "all of them say behind what a client goes on");
}

#[tokio::test]
async fn who_comes_back_to_another_process_is_told_that_nobody_knows_what_he_missed() {
    let feed = feed(Config::new());
    let interest = Interest::of("alice").after("0000000000000000-3");
    let stream = EventStream::new(feed.subscribe(interest).unwrap(), pending());
    feed.close();
    let read = Decoder::read(&stream.collect().await.unwrap().to_bytes());
    assert_eq!(read.events[0], event("lagged", "{\"missed\":null}", &id(&feed, 0)));
}

#[tokio::test]
async fn e3_what_waits_when_the_guard_ends_a_stream_is_told_no_more() {
    let feed = feed(Config::new());
    let (dismiss, dismissed) = oneshot::channel();
    let guard = async { dismissed.await.unwrap() };
    let mut stream = Box::pin(EventStream::new(subscribe(&feed), guard));
    publish(&feed, 1..=3);
    assert!(next(&mut stream).await.starts_with("retry: "));
    assert!(next(&mut stream).await.contains("data: 1\n"));
    dismiss.send(Ending::new("banned")).unwrap();
    // Behind what he was told: whoever lets him in again tells him the rest.
    let end = format!("id: {}\nevent: end\ndata: {{\"reason\":\"banned\"}}\n\n", id(&feed, 1));
    assert_eq!(next(&mut stream).await, end);
    assert!(stream.frame().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_stream_without_news_says_every_15_seconds_that_it_lives() {
    let feed = feed(Config::new());
    let mut stream = Box::pin(EventStream::new(subscribe(&feed), pending()));
    assert!(next(&mut stream).await.starts_with("retry: "));
    let started = Instant::now();
    for times in 1..=4 {
        assert_eq!(next(&mut stream).await, format!(": \nid: {}\n\n", id(&feed, 0)));
        assert_eq!(started.elapsed().as_secs(), 15 * times);
    }
}

#[tokio::test]
async fn a_stream_whose_end_was_told_has_ended_and_gave_its_place_back() {
    let places = Places::new(1, 1);
    let feed = feed(Config::new().places(places.clone()));
    let mut stream = Box::pin(EventStream::new(subscribe(&feed), ready(Ending::new("expired"))));
    assert!(!stream.is_end_stream());
    assert!(next(&mut stream).await.starts_with("retry: "));
    assert!(next(&mut stream).await.ends_with("event: end\ndata: {\"reason\":\"expired\"}\n\n"));
    assert!(stream.is_end_stream());
    assert_eq!(places.taken(), 0);
    assert!(stream.frame().await.is_none());
}

#[test]
fn e1_a_reason_is_a_plain_word_whatever_was_given() {
    assert_eq!(Ending::new("not-you\"}\n\ndata: Xx 1").to_string(), "not-youdatax1");
}

#[tokio::test]
async fn a_reader_who_was_cut_is_told_so_when_he_reads_on() {
    let clock = palisade_core::ManualClock::new();
    let feed = feed(Config::new().queue(1).clock(clock.clock()));
    let stream = EventStream::new(subscribe(&feed), pending());
    publish(&feed, 1..=2);
    clock.advance(Duration::from_secs(30));
    publish(&feed, [3]);
    let read = Decoder::read(&stream.collect().await.unwrap().to_bytes());
    let told: Vec<_> = read.events.iter().map(|event| event.data.as_str()).collect();
    assert_eq!(told, ["{\"missed\":3}", "{\"reason\":\"slow\"}"]);
}
