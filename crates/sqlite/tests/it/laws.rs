//! What every store promises.

use palisade_analytics::{Filter, Store};
use palisade_sqlite::{SqliteOptions, SqliteStore};

use crate::contract::{BLOCKED, LIMITED, append, record, store_contract, with};

fn with_store(test: &dyn Fn(&dyn Store)) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("analytics.db");
    test(&SqliteStore::open(path, SqliteOptions::default()).unwrap());
}

store_contract!(with_store);

#[test]
fn what_was_stored_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("some/folder/analytics.db");
    let open = || SqliteStore::open(&path, SqliteOptions::default()).unwrap();
    let refused = |code| with(record(1, "/x"), |record| record.code = Some(code));
    append(&open(), [refused(BLOCKED), refused(LIMITED), record(2, "/y")]);
    let store = open();
    assert_eq!(store.status().records, 3);
    let page = store.page(&Filter::new(), None, 9).unwrap();
    let codes: Vec<_> = page.records.iter().map(|it| it.code.map(|code| code.as_str())).collect();
    assert_eq!(codes, [None, Some("test-limited"), Some("test-refused")]);
    // A cursor of before still counts.
    let next = store.page(&Filter::new(), None, 1).unwrap().next;
    drop(store);
    assert_eq!(open().page(&Filter::new(), next, 9).unwrap().records.len(), 2);
}

#[test]
fn codes_that_were_read_take_no_more_memory_than_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("analytics.db");
    let foreign = |n: usize| {
        let code: &'static str = Box::leak(format!("code-{n}").into());
        palisade_core::Code::new(code, "made up")
    };
    let records = (0..1500).map(|n| with(record(1, "/x"), |it| it.code = Some(foreign(n))));
    append(&SqliteStore::open(&path, SqliteOptions::default()).unwrap(), records);
    let store = SqliteStore::open(&path, SqliteOptions::default()).unwrap();
    let page = store.page(&Filter::new(), None, 2000).unwrap();
    let unknown = page.records.iter().filter(|it| it.code.unwrap().as_str() == "unknown").count();
    assert_eq!((page.records.len(), unknown), (1500, 1500 - 1024));
}
