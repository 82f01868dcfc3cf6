//! What is deleted is in no file any more.

use std::{fs, path::Path, sync::Arc, time::Duration};

use palisade_analytics::{Filter, Record, Store};
use palisade_core::Location;
use palisade_sqlite::{SqliteOptions, SqliteStore};

use crate::{
    contract::{append, record, with},
    retention::pruned,
};

/// How often the text stands in the files of a folder.
fn occurrences(folder: &Path, text: &str) -> usize {
    let files = fs::read_dir(folder).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap());
    files.map(|file| file.windows(text.len()).filter(|it| *it == text.as_bytes()).count()).sum()
}

fn of(user: &str, n: u64) -> Record {
    with(record(n, &format!("/of/{user}/{n}")), |record| {
        record.user = Some(user.into());
        record.user_agent =
            Some(format!("{user}'s browser {}", "x".repeat((n % 97) as usize)).into());
    })
}

/// Many users, one after the other and in between, places that are learnt later: pages are divided and joined.
fn crowd(store: &SqliteStore) {
    for round in 0..40 {
        let records: Vec<_> = (0..100)
            .map(|n| {
                of(
                    ["zebedee", "yolanda", "xanthippe"][((n * n + round) % 3) as usize],
                    round * 100 + n,
                )
            })
            .map(Arc::new)
            .collect();
        store.append(&records).unwrap();
        let place = Arc::new(Location::new().region("Region ".repeat(9)).city("City ".repeat(9)));
        let located: Vec<_> =
            records.iter().step_by(3).map(|it| (it.request_id, Arc::clone(&place))).collect();
        store.locate(&located).unwrap();
    }
}

#[test]
fn e8_nothing_of_a_user_is_in_the_files_when_he_was_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("analytics.db");
    let store = SqliteStore::open(&path, SqliteOptions::default()).unwrap();
    crowd(&store);
    // Somebody read it meanwhile, so there are readers.
    assert!(store.count(&Filter::new().user("zebedee")).unwrap() > 1000);
    assert!(occurrences(folder.path(), "zebedee") > 1000);
    // One after the other: what is left by the first must not hold copies of the second.
    for user in ["zebedee", "yolanda"] {
        assert!(store.delete(&Filter::new().user(user)).unwrap() > 1000);
        assert_eq!(occurrences(folder.path(), user), 0, "{user}");
    }
    assert!(occurrences(folder.path(), "xanthippe") > 1000, "others stay");
    assert!(store.delete(&Filter::new()).unwrap() > 1000);
    assert_eq!(occurrences(folder.path(), "xanthippe"), 0);
    assert!(store.status().bytes < 100_000, "{:?}", store.status());
}

#[test]
fn what_grew_too_old_is_in_the_files_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("analytics.db");
    let options = SqliteOptions::default().keep_for(Duration::from_secs(1000));
    let store = SqliteStore::open(&path, options).unwrap();
    append(&store, (0..2000).map(|n| of("zebedee", n)));
    append(&store, (2000..2100).map(|n| of("yolanda", n)));
    assert_eq!(pruned(&store, 3000), 2000);
    assert_eq!(occurrences(folder.path(), "zebedee"), 0);
    assert_eq!(store.count(&Filter::new()).unwrap(), 100);
}
