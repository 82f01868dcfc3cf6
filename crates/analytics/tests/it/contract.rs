//! What every store of records promises. Each store runs it: `store_contract!(with)`, where `with` hands a new and empty store to
//! a test.

// Named, because another crate takes this file in by its path too.
#[path = "contract_model.rs"]
mod model;

use std::{
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use http::{Method, StatusCode};
use palisade_analytics::{Cursor, Dimension, Filter, Record, Store};
use palisade_core::{Access, Code, Ended, Location, RequestId, Route};
use proptest::test_runner::{Config, TestRunner};

use self::model::{any_filter, any_record, counts, distinct, fits, session, steps, within};

pub(crate) const BLOCKED: Code = Code::new("test-refused", "Refused by the test");
pub(crate) const LIMITED: Code = Code::new("test-limited", "Limited by the test");

/// Hands a new and empty store to a test.
pub(crate) type With = fn(&dyn Fn(&dyn Store));

/// Makes a test of every law.
macro_rules! store_contract {
    ($with:path: $($law:ident)*) => {
        $(
            #[test]
            fn $law() {
                crate::contract::$law($with);
            }
        )*
    };
    ($with:path) => {
        store_contract! { $with:
            every_answer_is_that_of_a_naive_model
            a_record_comes_back_as_it_was_stored
            the_newest_come_first_and_a_cursor_goes_on_where_the_page_ended
            a_cursor_stays_where_it_is_whatever_comes_and_goes
            a_page_that_ends_exactly_at_the_end_has_no_next
            an_empty_store_answers_everything
            what_is_learnt_of_a_place_later_is_written_down
            what_is_deleted_is_gone_and_the_rest_stays
            e8_hostile_text_is_kept_and_found_and_does_nothing
            equals_come_in_the_order_of_their_text
            percentiles_are_by_nearest_rank
        }
    };
}
pub(crate) use store_contract;

/// A record of a plain request, `seconds` after the epoch.
pub(crate) fn record(seconds: u64, path: &str) -> Record {
    let time = UNIX_EPOCH + Duration::from_secs(seconds);
    Record::new(time, RequestId::random(), Method::GET, path)
}

pub(crate) fn with(mut record: Record, change: impl FnOnce(&mut Record)) -> Record {
    change(&mut record);
    record
}

pub(crate) fn append(store: &dyn Store, records: impl IntoIterator<Item = Record>) {
    let records: Vec<_> = records.into_iter().map(Arc::new).collect();
    store.append(&records).unwrap();
}

pub(crate) fn paths(store: &dyn Store, filter: &Filter) -> Vec<String> {
    let page = store.page(filter, None, 10_000).unwrap();
    page.records.iter().map(|record| record.path.to_string()).collect()
}

/// All that a record says, as text.
fn said(record: &Record) -> String {
    let code = record.code.map(Code::as_str);
    let route = record.route.as_ref().map(Route::id);
    format!(
        "{:?} {} {} {:?} {route:?} {:?} {:?} {:?} {:?} {:?} {:?} {code:?} {:?} {} {:?}",
        record.time,
        record.request_id,
        record.method,
        record.path,
        record.address,
        record.location,
        record.user_agent,
        record.session,
        record.user,
        record.status,
        record.response_time,
        record.bytes,
        record.ended
    )
}

fn all_said<'a>(records: impl IntoIterator<Item = &'a Arc<Record>>) -> Vec<String> {
    records.into_iter().map(|record| said(record)).collect()
}

fn check(store: &dyn Store, records: &[Arc<Record>], filter: &Filter, limit: usize) {
    let found: Vec<&Record> =
        records.iter().map(|record| &**record).filter(|record| fits(record, filter)).collect();
    assert_eq!(store.count(filter).unwrap(), found.len() as u64);

    // Page by page, newest first.
    let (mut listed, mut before) = (Vec::new(), None);
    loop {
        let page = store.page(filter, before, limit).unwrap();
        assert!(page.records.len() <= limit);
        listed.extend(all_said(&page.records));
        before = page.next;
        if before.is_none() {
            break;
        }
        assert_eq!(page.records.len(), limit, "a page that is not the last is full");
    }
    let newest_first: Vec<_> = found.iter().rev().map(|record| said(record)).collect();
    assert_eq!(listed, newest_first);

    let summary = store.summary(filter).unwrap();
    assert_eq!(summary.requests, found.len() as u64);
    let counted = |is: fn(&Record) -> bool| found.iter().filter(|it| is(it)).count() as u64;
    assert_eq!(summary.refused, counted(|record| record.code.is_some()));
    assert_eq!(summary.aborted, counted(|record| record.ended != Ended::Whole));
    assert_eq!(summary.bytes, found.iter().map(|record| record.bytes).sum::<u64>());
    assert_eq!(summary.sessions, distinct(found.iter().filter_map(|record| record.session)));
    assert_eq!(summary.users, distinct(found.iter().filter_map(|record| record.user.clone())));
    assert_eq!(summary.addresses, distinct(found.iter().filter_map(|record| record.address)));
    assert_eq!(
        [summary.p50_ms, summary.p90_ms, summary.p99_ms, summary.max_ms],
        [50, 90, 99, 100].map(|percent| within(&found, percent))
    );

    for dimension in Dimension::ALL {
        let mut expected = counts(&found, dimension);
        let all = store.count_by(filter, dimension, 1_000_000).unwrap();
        assert_eq!((&all.rows, all.other), (&expected, 0), "{}", dimension.as_str());
        let some = store.count_by(filter, dimension, limit).unwrap();
        let rest = expected.split_off(limit.min(expected.len()));
        let other = rest.iter().map(|(_, count)| count).sum();
        assert_eq!((some.rows, some.other), (expected, other), "{}", dimension.as_str());
    }

    for seconds in [1, 60, 3600, 86_400] {
        let step = Duration::from_secs(seconds);
        let mut expected = steps(&found, seconds);
        assert_eq!(store.over_time(filter, step, 1_000_000).unwrap(), expected);
        let newest = expected.split_off(expected.len().saturating_sub(limit));
        assert_eq!(store.over_time(filter, step, limit).unwrap(), newest);
    }
}

// === The laws ===

/// Law: whatever is stored and asked, every answer is that of a naive model; and what is deleted is what matched.
pub(crate) fn every_answer_is_that_of_a_naive_model(with_store: With) {
    let cases = Config { failure_persistence: None, ..Config::with_cases(40) };
    let records = proptest::collection::vec(any_record(), 0..50);
    let filters = (any_filter(), any_filter());
    let strategy = (records, filters, 1..9_usize, 1..20_usize);
    let law = |(records, (asked, deleted), limit, batch): (Vec<Record>, _, _, _)| {
        with_store(&|store| {
            let mut kept: Vec<_> = records.iter().cloned().map(Arc::new).collect();
            kept.chunks(batch).for_each(|batch| store.append(batch).unwrap());
            check(store, &kept, &asked, limit);
            let gone = store.delete(&deleted).unwrap();
            let before = kept.len();
            kept.retain(|record| !fits(record, &deleted));
            assert_eq!(gone, (before - kept.len()) as u64);
            check(store, &kept, &asked, limit);
            check(store, &kept, &Filter::new(), limit);
        });
        Ok(())
    };
    TestRunner::new(cases).run(&strategy, law).unwrap();
}

pub(crate) fn a_record_comes_back_as_it_was_stored(with_store: With) {
    with_store(&|store| {
        let stored = with(record(1_767_225_600, "/post/1?"), |record| {
            record.time += Duration::from_nanos(123_456_789);
            record.method = Method::from_bytes(b"PURGE").unwrap();
            record.route = Some(Route::new("/post/:id", Access::Admin));
            record.address = Some("2001:db8::7".parse().unwrap());
            let place =
                Location::new().country("DE".parse().unwrap()).region("Bayern").city("Fürth");
            record.location = Some(Arc::new(place));
            record.user_agent = Some("curl/8 \"x\"".into());
            record.session = Some(session(7));
            record.user = Some("alice".into());
            record.status = Some(StatusCode::FORBIDDEN);
            record.code = Some(BLOCKED);
            record.response_time = Duration::from_nanos(1_234_567_891);
            record.bytes = u64::from(u32::MAX) * 3;
            record.ended = Ended::Cut;
        });
        append(store, [stored.clone(), record(0, "")]);
        let page = store.page(&Filter::new(), None, 9).unwrap();
        assert_eq!(said(&page.records[1]), said(&stored));
        assert_eq!(
            page.records[1].code,
            Some(BLOCKED),
            "with its title, in the program that stored it"
        );
        let bare = &page.records[0];
        assert_eq!((bare.time, &*bare.path, bare.ended), (UNIX_EPOCH, "", Ended::Whole));
        assert!(bare.route.is_none() && bare.status.is_none() && bare.location.is_none());
    });
}

pub(crate) fn the_newest_come_first_and_a_cursor_goes_on_where_the_page_ended(with_store: With) {
    with_store(&|store| {
        // The order is that in which they were answered, whenever they arrived.
        append(store, [5, 3, 9, 1, 7].map(|n| record(n, &format!("/{n}"))));
        assert_eq!(paths(store, &Filter::new()), ["/7", "/1", "/9", "/3", "/5"]);
        let first = store.page(&Filter::new(), None, 2).unwrap();
        let next: Cursor = first.next.unwrap().to_string().parse().unwrap();
        let second = store.page(&Filter::new(), Some(next), 2).unwrap();
        assert_eq!(second.records.iter().map(|it| &*it.path).collect::<Vec<_>>(), ["/9", "/3"]);
        let last = store.page(&Filter::new(), second.next, 2).unwrap();
        assert_eq!((last.records.len(), last.next), (1, None));
    });
}

pub(crate) fn a_cursor_stays_where_it_is_whatever_comes_and_goes(with_store: With) {
    with_store(&|store| {
        append(store, (0..9).map(|n| record(n, &format!("/{n}"))));
        let next = store.page(&Filter::new(), None, 3).unwrap().next;
        // What the page showed last goes, and the newest; others come.
        let of = |n| UNIX_EPOCH + Duration::from_secs(n);
        assert_eq!(store.delete(&Filter::new().since(of(6))).unwrap(), 3);
        assert_eq!(store.delete(&Filter::new().since(of(4)).until(of(5))).unwrap(), 1);
        append(store, (20..29).map(|n| record(n, &format!("/{n}"))));
        let page = store.page(&Filter::new(), next, 3).unwrap();
        assert_eq!(page.records.iter().map(|it| &*it.path).collect::<Vec<_>>(), ["/5", "/3", "/2"]);
        // All goes: whatever comes then is newer than the cursor.
        store.delete(&Filter::new()).unwrap();
        append(store, [record(40, "/new")]);
        assert!(store.page(&Filter::new(), page.next, 3).unwrap().records.is_empty());
    });
}

pub(crate) fn a_page_that_ends_exactly_at_the_end_has_no_next(with_store: With) {
    with_store(&|store| {
        append(store, (0..4).map(|n| record(n, "/x")));
        assert!(store.page(&Filter::new(), None, 4).unwrap().next.is_none());
        assert!(store.page(&Filter::new(), None, 3).unwrap().next.is_some());
        let none = store.page(&Filter::new(), None, 0).unwrap();
        assert_eq!((none.records.len(), none.next), (0, None));
        for number in [0, 1 << 63, u64::MAX] {
            store.page(&Filter::new(), Some(Cursor::new(number)), 9).unwrap();
        }
    });
}

pub(crate) fn an_empty_store_answers_everything(with_store: With) {
    with_store(&|store| {
        check(store, &[], &Filter::new(), 5);
        store.append(&[]).unwrap();
        store.locate(&[]).unwrap();
        assert_eq!(store.prune(UNIX_EPOCH).unwrap(), 0);
        assert_eq!(store.delete(&Filter::new()).unwrap(), 0);
        let ends =
            [UNIX_EPOCH - Duration::from_secs(1 << 40), UNIX_EPOCH + Duration::from_secs(1 << 40)];
        for [since, until] in [ends, [ends[1], ends[0]]] {
            assert_eq!(store.count(&Filter::new().since(since).until(until)).unwrap(), 0);
        }
        for step in [Duration::ZERO, Duration::from_millis(1), Duration::MAX] {
            assert!(store.over_time(&Filter::new(), step, 9).unwrap().is_empty());
        }
    });
}

pub(crate) fn what_is_learnt_of_a_place_later_is_written_down(with_store: With) {
    with_store(&|store| {
        let (here, there) = (record(1, "/here"), record(2, "/there"));
        let place = Arc::new(Location::new().country("FR".parse().unwrap()).city("Lyon"));
        let located = [(there.request_id, Arc::clone(&place)), (RequestId::random(), place)];
        append(store, [here, there]);
        store.locate(&located).unwrap();
        let page = store.page(&Filter::new(), None, 9).unwrap();
        let city = |n: usize| page.records[n].location.as_ref().and_then(|it| it.city.clone());
        assert_eq!((city(0).as_deref(), city(1)), (Some("Lyon"), None));
        assert_eq!(paths(store, &Filter::new().country("FR".parse().unwrap())), ["/there"]);
        let counts = store.count_by(&Filter::new(), Dimension::Country, 9).unwrap();
        assert_eq!((counts.rows, counts.other), (vec![("FR".to_owned(), 1)], 0));
    });
}

pub(crate) fn what_is_deleted_is_gone_and_the_rest_stays(with_store: With) {
    with_store(&|store| {
        let of = |user: &str, n| {
            with(record(n, &format!("/{user}/{n}")), |it| it.user = Some(user.into()))
        };
        append(store, (0..10).flat_map(|n| [of("alice", n), of("bob", n)]));
        assert_eq!(store.delete(&Filter::new().user("alice")).unwrap(), 10);
        assert_eq!(store.delete(&Filter::new().user("alice")).unwrap(), 0);
        assert_eq!(store.delete(&Filter::new().user("nobody")).unwrap(), 0);
        assert!(paths(store, &Filter::new()).iter().all(|path| path.starts_with("/bob/")));
        assert_eq!(store.count(&Filter::new()).unwrap(), 10);
        assert_eq!(store.delete(&Filter::new()).unwrap(), 10);
        assert_eq!(store.count(&Filter::new()).unwrap(), 0);
        append(store, [record(1, "/again")]);
        assert_eq!(paths(store, &Filter::new()), ["/again"]);
    });
}

pub(crate) fn e8_hostile_text_is_kept_and_found_and_does_nothing(with_store: With) {
    let hostile = [
        "'; DROP TABLE requests; --",
        "\" OR 1=1 --",
        "x' OR 'a'='a",
        "%",
        "_",
        "?1",
        ":user",
        "a\0b",
        "\u{202e}\u{feff}\u{1f600}",
        "NULL",
        "0",
        "",
    ];
    with_store(&|store| {
        let of = |text: &str| {
            with(record(1, text), |record| {
                record.user = Some(text.into());
                record.user_agent = Some(text.into());
                record.route = Some(Route::new(text, Access::default()));
                let place = Location::new().region(text).city(text);
                record.location = Some(Arc::new(place));
            })
        };
        append(store, hostile.map(of));
        for text in hostile {
            for filter in [Filter::new().user(text), Filter::new().route(text)] {
                assert_eq!(paths(store, &filter), [text], "{text:?}");
            }
        }
        let by_path = store.count_by(&Filter::new(), Dimension::Path, 100).unwrap();
        assert_eq!(by_path.rows.len(), hostile.len());
        for text in hostile {
            assert_eq!(store.delete(&Filter::new().user(text)).unwrap(), 1, "{text:?}");
        }
        assert_eq!(store.count(&Filter::new()).unwrap(), 0);
    });
}

pub(crate) fn equals_come_in_the_order_of_their_text(with_store: With) {
    with_store(&|store| {
        append(store, ["/3", "/1", "/2", "/2", "/1", "/9", "/10"].map(|path| record(1, path)));
        let counts = store.count_by(&Filter::new(), Dimension::Path, 4).unwrap();
        let rows: Vec<_> = counts.rows.iter().map(|(key, count)| (&**key, *count)).collect();
        assert_eq!(rows, [("/1", 2), ("/2", 2), ("/10", 1), ("/3", 1)]);
        assert_eq!(counts.other, 1);
    });
}

pub(crate) fn percentiles_are_by_nearest_rank(with_store: With) {
    with_store(&|store| {
        let took =
            |time: u64| with(record(1, "/x"), |it| it.response_time = Duration::from_millis(time));
        append(store, (1..=200).rev().map(took));
        let summary = store.summary(&Filter::new()).unwrap();
        let times = [summary.p50_ms, summary.p90_ms, summary.p99_ms, summary.max_ms];
        assert_eq!(times, [100.0, 180.0, 198.0, 200.0]);
        append(store, [took(3_600_000)]);
        assert_eq!(store.summary(&Filter::new()).unwrap().max_ms, 3_600_000.0);
    });
}
