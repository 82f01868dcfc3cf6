//! What is kept for how long, and how large the file gets.

use std::{fs, path::Path, time::Duration};

use palisade_analytics::{Filter, Record, Store};
use palisade_sqlite::{SqliteOptions, SqliteStore};
use proptest::prelude::*;

use crate::contract::{append, paths, record, with};

fn size(path: &Path) -> u64 {
    fs::metadata(path).unwrap().len()
}

fn large(n: u64) -> Record {
    with(record(n, &format!("/{n}")), |record| record.user_agent = Some("x".repeat(256).into()))
}

/// Prunes in as many turns as it takes, and says how many records that cost.
pub(crate) fn pruned(store: &SqliteStore, seconds: u64) -> u64 {
    let mut gone = 0;
    loop {
        gone += store.prune(record(seconds, "").time).unwrap();
        if !store.has_more_to_prune() {
            return gone;
        }
    }
}

#[test]
fn what_is_older_than_it_may_be_goes_to_the_nanosecond() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions::default().keep_for(Duration::from_secs(60));
    let store = SqliteStore::open(folder.path().join("a.db"), options).unwrap();
    append(&store, [39, 40, 41, 100].map(|n| record(n, &format!("/{n}"))));
    let just = with(record(39, "/just"), |it| it.time += Duration::from_nanos(999_999_999));
    append(&store, [just]);
    assert_eq!(pruned(&store, 100), 2);
    assert_eq!(paths(&store, &Filter::new()), ["/100", "/41", "/40"]);
    assert_eq!(pruned(&store, 100), 0);
    assert_eq!(store.status().records, 3);
}

#[test]
fn records_of_any_age_are_kept_if_that_was_said() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions::default().keep_at_any_age();
    let store = SqliteStore::open(folder.path().join("a.db"), options).unwrap();
    append(&store, [record(0, "/x")]);
    assert_eq!(pruned(&store, 1 << 33), 0);
}

#[test]
fn the_file_never_outgrows_its_bound_and_the_oldest_go_first() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let options = SqliteOptions::default().max_bytes(1 << 20);
    let store = SqliteStore::open(&path, options).unwrap();
    let batch = 250;
    for round in 0..60 {
        append(&store, (0..batch).map(|n| large(round * batch + n)));
        // What one batch takes comes on top, before the oldest go.
        assert!(size(&path) <= (1 << 20) + 200_000, "{}", size(&path));
        assert!(store.status().bytes <= (1 << 20) + 200_000 + (4 << 20), "{:?}", store.status());
    }
    pruned(&store, 0);
    assert!(size(&path) <= (1 << 20) + 200_000, "{}", size(&path));
    let left = paths(&store, &Filter::new());
    let newest_first: Vec<_> =
        (0..60 * batch).rev().take(left.len()).map(|n| format!("/{n}")).collect();
    assert_eq!(left, newest_first, "the newest are left, without a hole");
    assert!(left.len() > 1500, "{}", left.len());
    assert_eq!(store.status().records, left.len() as u64);
}

#[test]
fn the_file_shrinks_when_much_of_it_is_free() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let options = SqliteOptions::default().keep_for(Duration::from_secs(100));
    let store = SqliteStore::open(&path, options).unwrap();
    append(&store, (0..20_000).map(large));
    pruned(&store, 0);
    let full = size(&path);
    assert!(full > 6_000_000, "{full}");
    assert_eq!(pruned(&store, 19_100), 19_000);
    assert!(size(&path) < full / 10, "{} of {full}", size(&path));
    assert_eq!(store.count(&Filter::new()).unwrap(), 1000);
}

#[test]
fn a_bound_that_holds_nothing_is_an_error_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions::default().max_bytes(4096);
    let error = SqliteStore::open(folder.path().join("a.db"), options).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`4096` is not a valid size of the database: expected 1048576 bytes or more"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(12) })]

    /// Law: whatever was deleted in between, after a call to `prune` the pages in use are within the bound, and what is left is
    /// the newest of what was there.
    #[test]
    fn the_bound_holds_and_the_newest_stay(holes in prop::collection::vec((0..6000_u64, 1..2000_u64), 0..6)) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        {
            let roomy = SqliteStore::open(&path, SqliteOptions::default()).unwrap();
            append(&roomy, (0..6000).map(large));
            for (from, length) in &holes {
                let filter = Filter::new().since(record(*from, "").time).until(record(from + length, "").time);
                roomy.delete(&filter).unwrap();
            }
        }
        let all = paths(&SqliteStore::open(&path, SqliteOptions::default()).unwrap(), &Filter::new());
        let options = SqliteOptions::default().max_bytes(1 << 20).keep_at_any_age();
        let store = SqliteStore::open(&path, options).unwrap();
        pruned(&store, 6000);
        let left = paths(&store, &Filter::new());
        prop_assert_eq!(&left[..], &all[..left.len()]);
        prop_assert!(size(&path) <= (1 << 20) + (1 << 17), "{}", size(&path));
        prop_assert!(left.len() == all.len() || left.len() > 1500, "{} of {}", left.len(), all.len());
    }
}
