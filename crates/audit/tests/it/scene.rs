//! A log in memory, and what happens in it.

#![allow(dead_code, reason = "what every store promises needs less of it")]

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use palisade_audit::{
    Action, Actor, ActorKind, Checkpoint, Details, Event, Fault, Head, LogId, Outcome, Person,
    Record, Target, verify,
};
use palisade_core::{Code, RequestId};

pub(crate) const LIFTED: Action = Action::new("ban.lifted");
pub(crate) const BANNED: Code = Code::new("test-banned", "Banned by the test");

/// `seconds` after 2026 began.
pub(crate) fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_767_225_600 + seconds)
}

pub(crate) fn person(name: &str) -> Person {
    Person::new(name).issued_by("https://id.example")
}

pub(crate) fn actor(name: &str) -> Actor {
    Actor::new(ActorKind::User)
        .person(person(name))
        .address([203, 0, 113, 7].into())
        .user_agent("curl/8")
}

/// Alice does something to Bob, in Carol's name, with everything that can be said of it.
pub(crate) fn full_event() -> Event {
    Event::new(LIFTED, actor("alice"), Outcome::Refused(BANNED))
        .on_behalf_of(person("carol"))
        .target(Target::person(person("bob")))
        .request(RequestId::random())
        .reason("asked by mail")
        .details(Details::new().text("role", "admin").number("days", 3).list("roles", ["a", "b"]))
}

pub(crate) fn event(name: &str) -> Event {
    Event::new(LIFTED, actor(name), Outcome::Done).target(Target::new("address", "192.0.2.1"))
}

/// A log of `count` records, by Alice and Bob in turns, a second apart.
pub(crate) fn log_of(count: u64) -> (LogId, Vec<Record>) {
    let log = LogId::random();
    (log, chain(Head::empty(log), count))
}

/// `count` records behind `head`.
pub(crate) fn chain(mut head: Head, count: u64) -> Vec<Record> {
    let mut records = Vec::new();
    for _ in 0..count {
        let sequence = head.sequence();
        let event = match sequence % 3 {
            0 => full_event(),
            1 => event("bob"),
            _ => Event::new(LIFTED, Actor::system(), Outcome::Failed(BANNED))
                .reason("its time was up"),
        };
        let record = head.next(event, at(sequence));
        head = record.head();
        records.push(record);
    }
    records
}

pub(crate) fn checkpoint(log: LogId, record: &Record) -> Checkpoint {
    Checkpoint::new(log, record.head(), at(record.sequence))
}

/// What is wrong with `records`.
pub(crate) fn faults(records: &[Record], checkpoints: &[Checkpoint]) -> Vec<Fault> {
    verify(records, checkpoints).faults().to_vec()
}
