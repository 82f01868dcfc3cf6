//! How long it takes, of a build that is not optimised: bars that only a change of its order breaks, and figures for who looks.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use palisade_analytics::{Dimension, Filter, Record, Store};
use palisade_core::{Access, Route};
use palisade_sqlite::{SqliteOptions, SqliteStore};

use crate::contract::{record, with};

fn realistic(n: u64) -> Record {
    with(record(1_767_225_600 + n / 10, &format!("/post/{}", n % 1000)), |record| {
        record.route = Some(Route::new("/post/:id", Access::Public));
        let address = format!("203.0.{}.{}", n % 64, n % 199);
        record.address = Some(address.parse().unwrap());
        record.user_agent = Some("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36".into());
        record.session = format!("{:032x}", n % 4001).parse().ok();
        record.response_time = Duration::from_micros(n * 7919 % 50_000);
        record.status = Some(http::StatusCode::OK);
    })
}

fn timed<T>(what: &str, most: Duration, act: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let done = act();
    let took = begun.elapsed();
    assert!(took < most, "{what} took {took:?}");
    done
}

#[test]
fn a_hundred_thousand_records_are_added_and_asked_about_in_no_time() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("a.db"), SqliteOptions::default()).unwrap();
    let records: Vec<_> = (0..101_000).map(realistic).map(Arc::new).collect();
    let (many, more) = records.split_at(100_000);
    timed("add 100 000 in batches of 1000", Duration::from_secs(60), || {
        many.chunks(1000).for_each(|batch| store.append(batch).unwrap());
    });
    timed("add 1000", Duration::from_secs(2), || store.append(more).unwrap());
    let all = Filter::new();
    let patience = Duration::from_secs(5);
    timed("summary", patience, || store.summary(&all).unwrap());
    timed("count", patience, || store.count(&all).unwrap());
    timed("most frequent paths", patience, || store.count_by(&all, Dimension::Path, 10).unwrap());
    timed("steps", patience, || store.over_time(&all, Duration::from_secs(3600), 100).unwrap());
    timed("page", patience, || store.page(&all, None, 100).unwrap());
    let session = Filter::new().session(records[17].session.unwrap());
    timed("delete a session", Duration::from_secs(30), || store.delete(&session).unwrap());
    println!("{:?}", store.status());
}
