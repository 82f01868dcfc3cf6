//! What who streams events, and who reads them, can rely on.

#![allow(
    clippy::allow_attributes,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cognitive_complexity,
    clippy::disallowed_methods,
    clippy::excessive_nesting,
    clippy::expect_used,
    clippy::fn_params_excessive_bools,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::pedantic,
    clippy::string_slice,
    clippy::unreachable,
    clippy::unwrap_used,
    reason = "tests: a wrong setup must fail loudly, and a case must stay one line"
)]

mod bounds;
mod config;
mod decoder;
mod guards;
mod messages;
mod positions;
mod races;
mod reading;
mod resuming;
mod streams;

use std::{
    future::Future,
    task::{Context, Poll, Waker},
};

use palisade_live::{Config, EventId, Feed, Interest, Message, Subscription, Told};

/// A feed of numbers.
fn feed(config: Config) -> Feed<u64> {
    Feed::start(config, |number: &u64| Message::data(number.to_string()).name("number")).unwrap()
}

fn subscribe(feed: &Feed<u64>) -> Subscription<u64> {
    feed.subscribe(Interest::of("alice")).unwrap()
}

/// Publishes these, and waits until they wait for readers.
fn publish(feed: &Feed<u64>, numbers: impl IntoIterator<Item = u64>) {
    numbers.into_iter().for_each(|number| feed.publish(number));
    feed.flush();
}

/// What a reader is told, in short.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Seen {
    Number(u64),
    Missed(u64),
    MissedUnknown,
    End,
}

fn short(told: Option<Told<u64>>) -> Seen {
    match told {
        Some(Told::Event(event)) => Seen::Number(*event.value()),
        Some(Told::Missed(Some(count))) => Seen::Missed(count),
        Some(Told::Missed(None)) => Seen::MissedUnknown,
        Some(_) => panic!("there is nothing else"),
        None => Seen::End,
    }
}

/// All that waits for a reader.
fn waiting(reader: &mut Subscription<u64>) -> Vec<Seen> {
    let cx = Context::from_waker(Waker::noop());
    let mut seen = Vec::new();
    while let Poll::Ready(told) = reader.poll_next(&cx) {
        seen.push(short(told));
        if seen.last() == Some(&Seen::End) {
            break;
        }
    }
    seen
}

fn numbers(numbers: impl IntoIterator<Item = u64>) -> Vec<Seen> {
    numbers.into_iter().map(Seen::Number).collect()
}

/// The name of an event of this feed.
fn id(feed: &Feed<u64>, number: u64) -> String {
    format!("{:016x}-{number}", feed.epoch())
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

#[test]
fn an_event_is_named_by_its_epoch_and_number_and_by_nothing_else() {
    let named: EventId = "00c0ffee00c0ffee-42".parse().unwrap();
    assert_eq!((named.epoch(), named.number()), (0x00c0_ffee_00c0_ffee, 42));
    assert_eq!(named.to_string(), "00c0ffee00c0ffee-42");
    for text in [
        "",
        "42",
        "c0ffee-42",
        "00C0FFEE00C0FFEE-42",
        "00c0ffee00c0ffee-",
        "00c0ffee00c0ffee-042",
        "00c0ffee00c0ffee-+1",
        "00c0ffee00c0ffee--1",
        "+0c0ffee00c0ffee-1",
        "00c0ffee00c0ffee-18446744073709551616",
        "00c0ffee00c0ffee-4\n2",
    ] {
        assert!(text.parse::<EventId>().is_err(), "{text:?}");
    }
}
