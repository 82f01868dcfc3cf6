//! What takes long is done in turns, and what has nothing to do does nothing.

use std::{
    fs,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

use palisade_analytics::{Filter, Store};
use palisade_sqlite::{SqliteOptions, SqliteStore};
use rusqlite::Connection;

use crate::contract::{append, record, with};

#[test]
fn records_are_added_while_many_old_ones_go() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    {
        let roomy = SqliteStore::open(&path, SqliteOptions::default().keep_at_any_age()).unwrap();
        for round in 0..10 {
            append(&roomy, (0..10_000).map(|n| record(round * 10_000 + n, "/old")));
        }
    }
    let options = SqliteOptions::default().keep_for(Duration::from_secs(1));
    let store = SqliteStore::open(&path, options).unwrap();
    let now = record(1 << 20, "").time;
    let (is_over, added, turns) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            loop {
                store.prune(now).unwrap();
                turns.fetch_add(1, Ordering::SeqCst);
                if !store.has_more_to_prune() {
                    break is_over.store(true, Ordering::SeqCst);
                }
                // As the analytics do: whoever waits has his turn.
                let before = added.load(Ordering::SeqCst);
                while added.load(Ordering::SeqCst) == before {
                    std::thread::yield_now();
                }
            }
        });
        while !is_over.load(Ordering::SeqCst) {
            append(&store, [record(1 << 20, "/new")]);
            added.fetch_add(1, Ordering::SeqCst);
        }
    });
    assert!(turns.load(Ordering::SeqCst) >= 5, "{turns:?}");
    assert!(added.load(Ordering::SeqCst) >= 4, "{added:?}");
    assert_eq!(store.count(&Filter::new()).unwrap(), added.load(Ordering::SeqCst));
    assert!(fs::metadata(&path).unwrap().len() < 4 << 20, "it shrank");
}

/// How often the file was written anew, or changed at all.
fn changes(path: &std::path::Path) -> i64 {
    let connection = Connection::open(path).unwrap();
    connection.pragma_query_value(None, "schema_version", |row| row.get(0)).unwrap()
}

#[test]
fn a_deletion_that_finds_nothing_writes_nothing_anew_unless_one_is_owed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let store = SqliteStore::open(&path, SqliteOptions::default()).unwrap();
    let of = |user: &str| with(record(1, "/x"), |it| it.user = Some(user.into()));
    append(&store, [of("alice"), of("bob"), of("carol")]);
    let bob = Filter::new().user("bob");
    let before = changes(&path);
    assert_eq!(store.delete(&Filter::new().user("nobody")).unwrap(), 0);
    assert_eq!(changes(&path), before);
    // A reader holds on to what is deleted: it is owed, also by the next process.
    let reader = Connection::open(&path).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM requests").unwrap();
    assert!(store.delete(&bob).is_err());
    reader.execute_batch("ROLLBACK").unwrap();
    drop(store);
    let store = SqliteStore::open(&path, SqliteOptions::default()).unwrap();
    let before = changes(&path);
    assert_eq!(store.delete(&bob).unwrap(), 0);
    assert!(changes(&path) > before, "it was written anew");
    let before = changes(&path);
    assert_eq!(store.delete(&bob).unwrap(), 0);
    assert_eq!(changes(&path), before, "and nothing is owed any more");
}
