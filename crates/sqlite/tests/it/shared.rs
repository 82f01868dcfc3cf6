//! Several at one file: nothing is lost, nothing breaks.

use std::{fs, path::Path, time::Duration};

use palisade_analytics::{Dimension, Filter, Store};
use palisade_core::ManualClock;
use palisade_sqlite::{SqliteOptions, SqliteStore};
use rusqlite::Connection;

use crate::{
    contract::{append, paths, record, with},
    outages::damage,
    retention::pruned,
};

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

fn kept_aside(folder: &Path) -> usize {
    let names = fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name());
    let is_database = |name: &str| name.contains(".corrupt-") && !name.ends_with("-wal");
    names.filter(|name| is_database(name.to_str().unwrap())).count()
}

#[test]
fn stores_that_share_a_file_keep_a_damaged_one_aside_once_and_meet_in_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let open = || SqliteStore::open(&path, SqliteOptions::default()).unwrap();
    let (one, other) = (open(), open());
    append(&one, (0..3000).map(|n| record(n, "/old")));
    pruned(&one, 0);
    damage(&path);
    for store in [&one, &other] {
        assert!(store.summary(&Filter::new()).is_err());
    }
    for round in 0..3 {
        append(&one, [record(round, "/one")]);
        append(&other, [record(round, "/other")]);
    }
    assert_eq!(kept_aside(folder.path()), 1);
    let newest_first = ["/other", "/one", "/other", "/one", "/other", "/one"];
    assert_eq!(paths(&one, &Filter::new()), newest_first);
    assert_eq!(paths(&other, &Filter::new()), newest_first);
    assert_eq!(one.status().kept_aside + other.status().kept_aside, 1);
}

#[test]
fn a_file_that_is_removed_or_moved_while_it_is_open_is_begun_anew() {
    let clock = ManualClock::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let options = SqliteOptions::default().clock(clock.clock());
    let store = SqliteStore::open(&path, options).unwrap();
    append(&store, [record(1, "/old")]);
    for round in 0..2 {
        for end in ["", "-wal", "-shm"] {
            let name = folder.path().join(format!("a.db{end}"));
            match round {
                0 => fs::remove_file(name).unwrap(),
                _ => fs::rename(&name, folder.path().join(format!("b.db{end}"))).unwrap(),
            }
        }
        clock.advance(Duration::from_secs(1));
        append(&store, [record(2, "/new")]);
        assert_eq!(paths(&store, &Filter::new()), ["/new"]);
        assert_eq!((store.status().records, kept_aside(folder.path())), (1, 0));
        let other = SqliteStore::open(&path, SqliteOptions::default()).unwrap();
        assert_eq!(paths(&other, &Filter::new()), ["/new"], "it is in the file");
    }
}
