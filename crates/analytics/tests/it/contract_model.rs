//! Records and filters at random, and the naive model that the laws of stores compare with.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use http::{Method, StatusCode};
use palisade_analytics::{Dimension, Filter, Record, RecordedAddress, SessionId, Step};
use palisade_core::{Access, Ended, Location, RequestId, Route};
use proptest::prelude::*;

use super::{BLOCKED, LIMITED};

// === What is asked at random ===

pub(super) fn session(n: u8) -> SessionId {
    format!("{n:032x}").parse().unwrap()
}

pub(super) fn address() -> impl Strategy<Value = RecordedAddress> {
    let text = prop_oneof![
        Just("192.0.2.1"),
        Just("192.0.2.10"),
        Just("2001:db8::1"),
        Just("~0123456789abcdef0123456789abcdef"),
    ];
    text.prop_map(|text| text.parse().unwrap())
}

/// Around the epoch, and some days around another time; to the nanosecond.
pub(super) fn time() -> impl Strategy<Value = SystemTime> {
    let of = |seconds: i64, nanoseconds: u32| {
        let rest = Duration::from_nanos(nanoseconds.into());
        let whole = Duration::from_secs(seconds.unsigned_abs());
        if seconds < 0 { UNIX_EPOCH - whole - rest } else { UNIX_EPOCH + whole + rest }
    };
    let seconds = prop_oneof![
        1 => -90_000..90_000_i64,
        4 => 1_767_225_600..1_767_484_800_i64,
    ];
    (seconds, 0..1_000_000_000_u32).prop_map(move |(s, n)| of(s, n))
}

pub(super) fn any_record() -> impl Strategy<Value = Record> {
    let who = (
        prop::option::of(address()),
        prop::option::of(prop_oneof![
            Just("alice"),
            Just("bob"),
            Just("b'); DROP TABLE requests; --")
        ]),
        prop::option::of(0..3_u8),
        prop::option::of(prop_oneof![Just("DE"), Just("FR")]),
    );
    let what = (
        prop_oneof![Just(Method::GET), Just(Method::POST)],
        prop_oneof![Just("/"), Just("/a"), Just("/\u{1f600}\0\n")],
        prop::option::of(prop_oneof![Just("/a"), Just("post/:id")]),
    );
    let came_to = (
        prop::option::of(prop_oneof![Just(200_u16), Just(403), Just(429)]),
        prop::option::of(prop_oneof![Just(BLOCKED), Just(LIMITED)]),
        0..5_000_000_000_u64,
        0..1_000_000_u64,
        prop_oneof![Just(Ended::Whole), Just(Ended::Cut), Just(Ended::Unanswered)],
    );
    (time(), who, what, came_to).prop_map(|(time, who, (method, path, route), came_to)| {
        let mut record = Record::new(time, RequestId::random(), method, path);
        record.address = who.0;
        record.user = who.1.map(Box::from);
        record.session = who.2.map(session);
        record.location =
            who.3.map(|country| Arc::new(Location::new().country(country.parse().unwrap())));
        record.route = route.map(|id| Route::new(id, Access::default()));
        record.status = came_to.0.map(|status| StatusCode::from_u16(status).unwrap());
        record.code = came_to.1;
        record.response_time = Duration::from_nanos(came_to.2);
        record.bytes = came_to.3;
        record.ended = came_to.4;
        record
    })
}

pub(super) fn any_filter() -> impl Strategy<Value = Filter> {
    let seldom = prop::bool::weighted(0.2);
    let on = (seldom, seldom, seldom, seldom, seldom, seldom, seldom, seldom);
    (on, any_record(), time()).prop_map(|(on, like, until)| {
        let mut filter = Filter::new();
        filter.since = on.0.then_some(like.time);
        filter.until = on.1.then_some(until);
        filter.route = like.route.as_ref().map(|route| Box::from(route.id())).filter(|_| on.2);
        filter.status = like.status.filter(|_| on.3);
        filter.user = like.user.filter(|_| on.4);
        filter.address = like.address.filter(|_| on.5);
        filter.country = like.location.as_ref().and_then(|place| place.country).filter(|_| on.6);
        filter.session = like.session.filter(|_| on.7);
        filter
    })
}

// === The naive model ===

/// Whether a record is looked for, said another way than the crate says it.
pub(super) fn fits(record: &Record, filter: &Filter) -> bool {
    let text = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
    let route = record.route.as_ref().map(|route| route.id().to_owned());
    let country = record.location.as_ref().and_then(|place| place.country);
    let misses = [
        filter.since.is_some_and(|since| record.time < since),
        filter.until.is_some_and(|until| record.time >= until),
        filter.route.is_some() && route != text(&filter.route),
        filter.status.is_some() && record.status != filter.status,
        filter.user.is_some() && record.user != filter.user,
        filter.address.is_some() && record.address != filter.address,
        filter.country.is_some() && country != filter.country,
        filter.session.is_some() && record.session != filter.session,
    ];
    !misses.contains(&true)
}

pub(super) fn key(record: &Record, dimension: Dimension) -> Option<String> {
    match dimension.as_str() {
        "address" => record.address.map(|address| address.to_string()),
        "route" => record.route.as_ref().map(|route| route.id().to_owned()),
        "status" => record.status.map(|status| status.as_str().to_owned()),
        "user" => record.user.as_deref().map(str::to_owned),
        "method" => Some(record.method.to_string()),
        "country" => {
            record.location.as_ref().and_then(|place| place.country).map(|it| it.to_string())
        }
        "code" => record.code.map(|code| code.as_str().to_owned()),
        "path" => Some(record.path.to_string()),
        "session" => record.session.map(|session| session.to_string()),
        "ended" => Some(record.ended.as_str().to_owned()),
        other => panic!("a dimension that the model does not know: {other}"),
    }
}

pub(super) fn counts(found: &[&Record], dimension: Dimension) -> Vec<(String, u64)> {
    let mut counts = BTreeMap::<String, u64>::new();
    for key in found.iter().filter_map(|record| key(record, dimension)) {
        *counts.entry(key).or_default() += 1;
    }
    let mut rows: Vec<_> = counts.into_iter().collect();
    rows.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    rows
}

pub(super) fn distinct<T: ToString>(values: impl Iterator<Item = T>) -> u64 {
    values.map(|value| value.to_string()).collect::<BTreeSet<_>>().len() as u64
}

/// The shortest time within which so many percent were answered.
pub(super) fn within(found: &[&Record], percent: usize) -> f64 {
    let times = || found.iter().map(|record| record.response_time);
    let enough = |time: &Duration| {
        times().filter(|other| other <= time).count() * 100 >= percent * found.len()
    };
    let time = times().filter(enough).min().unwrap_or_default();
    time.as_micros() as f64 / 1000.0
}

pub(super) fn steps(found: &[&Record], seconds: u64) -> Vec<Step> {
    let mut steps = BTreeMap::<u64, Vec<&Record>>::new();
    for record in found {
        let second = record.time.duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
        steps.entry(second / seconds).or_default().push(record);
    }
    let step = |(number, records): (u64, Vec<&Record>)| {
        let mut step = Step::at(UNIX_EPOCH + Duration::from_secs(number * seconds));
        step.requests = records.len() as u64;
        step.refused = records.iter().filter(|record| record.code.is_some()).count() as u64;
        step.sessions = distinct(records.iter().filter_map(|record| record.session));
        step
    };
    steps.into_iter().map(step).collect()
}
