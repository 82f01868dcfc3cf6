//! Several at one file: nothing is lost, nothing breaks.

use palisade_analytics::{Dimension, Filter, Store};
use palisade_sqlite::{SqliteOptions, SqliteStore};
use rusqlite::Connection;

use crate::contract::{append, record, with};

#[test]
fn stores_that_share_a_file_lose_nothing_and_the_file_stays_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    std::thread::scope(|scope| {
        for user in ["alice", "bob", "carol"] {
            let path = &path;
            scope.spawn(move || {
                // All of them make it, at the same time.
                let store = SqliteStore::open(path, SqliteOptions::default()).unwrap();
                for round in 0..20 {
                    let of = |n| with(record(n, "/x"), |it| it.user = Some(user.into()));
                    append(&store, (0..25).map(|n| of(round * 25 + n)));
                    assert!(store.count(&Filter::new().user(user)).unwrap() >= 25);
                    if round % 10 == 9 {
                        store.prune(record(0, "").time).unwrap();
                    }
                }
            });
        }
    });
    let store = SqliteStore::open(&path, SqliteOptions::default()).unwrap();
    let counts = store.count_by(&Filter::new(), Dimension::User, 9).unwrap();
    let all = ["alice", "bob", "carol"].map(|user| (user.to_owned(), 500));
    assert_eq!(counts.rows, all);
    let other = Connection::open(&path).unwrap();
    let check: String = other.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok");
}
