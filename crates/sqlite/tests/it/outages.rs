//! What happens when the file does not do what is asked of it: errors, no panic, and it goes on by itself.

use std::{fs, path::Path, time::Duration};

use palisade_analytics::{Cursor, Dimension, Filter, Store};
use palisade_core::ManualClock;
use palisade_sqlite::{SqliteOptions, SqliteStore};
use rusqlite::Connection;

use crate::{
    contract::{append, paths, record},
    retention::pruned,
};

fn open(path: &Path, options: SqliteOptions) -> SqliteStore {
    SqliteStore::open(path, options.lock_patience(Duration::from_millis(50))).unwrap()
}

fn add(store: &SqliteStore, path: &str) -> Result<(), String> {
    store.append(&[record(1, path).into()]).map_err(|error| error.to_string())
}

/// Under the feet of all connections, but for the first page.
pub(crate) fn damage(path: &Path) {
    use std::io::Write;
    let mut bytes = fs::read(path).unwrap();
    bytes[4096..].fill(0xa5);
    let mut file = fs::File::options().write(true).open(path).unwrap();
    file.write_all(&bytes).unwrap();
}

#[test]
fn while_another_process_holds_the_file_changes_are_errors_and_questions_are_answered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let store = open(&path, SqliteOptions::default());
    add(&store, "/before").unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = store.append(&[record(1, "/meanwhile").into()]).unwrap_err();
    assert!(error.is_passing() && error.to_string().contains("locked"), "{error}");
    assert_eq!(store.status().appends, 2, "also those that failed");
    assert!(store.delete(&Filter::new()).is_err());
    assert!(store.prune(record(1 << 33, "").time).is_err());
    assert_eq!(store.count(&Filter::new()).unwrap(), 1);
    assert_eq!(store.status().failures, 3);
    other.execute_batch("ROLLBACK").unwrap();
    add(&store, "/after").unwrap();
    assert_eq!(paths(&store, &Filter::new()), ["/after", "/before"]);
}

#[test]
fn records_that_cannot_be_added_are_added_all_or_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let store = open(&path, SqliteOptions::default());
    // What the disk does when it is full, for the third of five.
    let other = Connection::open(&path).unwrap();
    other
        .execute_batch(
            "CREATE TRIGGER full BEFORE INSERT ON requests WHEN new.path = '/2' \
             BEGIN SELECT raise(ROLLBACK, 'database or disk is full'); END",
        )
        .unwrap();
    let five = (0..5).map(|n| record(n, &format!("/{n}")).into()).collect::<Vec<_>>();
    let error = store.append(&five).unwrap_err();
    assert!(!error.is_passing() && error.to_string().contains("disk is full"), "{error}");
    assert_eq!(store.count(&Filter::new()).unwrap(), 0);
    other.execute_batch("DROP TRIGGER full").unwrap();
    store.append(&five).unwrap();
    assert_eq!(store.count(&Filter::new()).unwrap(), 5);
    assert_eq!((store.status().failures, store.status().records), (1, 5));
}

#[test]
fn a_question_that_takes_too_long_ends_and_the_next_is_answered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let store = open(&path, SqliteOptions::default().patience(Duration::ZERO));
    append(&store, (0..20_000).map(|n| record(n, &format!("/{}", n % 7919))));
    let short = Filter::new().since(record(19_999, "").time);
    for _ in 0..9 {
        let error = store.count_by(&Filter::new(), Dimension::Path, 9).unwrap_err().to_string();
        assert_eq!(error, "the question was not answered within 0ns");
        assert!(store.summary(&Filter::new()).is_err());
        // One that is short is over before anyone looks at the clock.
        assert_eq!(store.count(&short).unwrap(), 1);
    }
    let patient = open(&path, SqliteOptions::default());
    assert_eq!(patient.count_by(&Filter::new(), Dimension::Path, 9).unwrap().rows.len(), 9);
}

#[test]
fn more_questions_than_readers_wait_for_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("a.db"), SqliteOptions::default().readers(2));
    append(&store, (0..2000).map(|n| record(n, "/x")));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..20 {
                    assert_eq!(store.summary(&Filter::new()).unwrap().requests, 2000);
                }
            });
        }
    });
}

#[test]
fn a_file_that_is_damaged_while_it_is_open_is_kept_aside_as_soon_as_it_shows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let store = open(&path, SqliteOptions::default());
    append(&store, (0..3000).map(|n| record(n, "/x")));
    pruned(&store, 0);
    damage(&path);
    assert!(store.summary(&Filter::new()).is_err());
    add(&store, "/after").unwrap();
    assert_eq!(store.status().kept_aside, 1);
    assert_eq!(paths(&store, &Filter::new()), ["/after"]);
    let asides = fs::read_dir(folder.path())
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_str().unwrap().contains("corrupt-"));
    assert!(asides.count() >= 1);
}

#[test]
fn e8_a_deletion_that_finds_the_file_damaged_is_no_success() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let store = open(&path, SqliteOptions::default());
    append(&store, (0..3000).map(|n| record(n, "/x")));
    pruned(&store, 0);
    damage(&path);
    assert!(store.summary(&Filter::new()).is_err());
    let error = store.delete(&Filter::new().user("bob")).unwrap_err().to_string();
    assert!(error.contains("kept aside"), "{error}");
    assert_eq!(store.status().kept_aside, 1);
    assert_eq!(store.delete(&Filter::new().user("bob")).unwrap(), 0, "the next asks a sound one");
}

/// Where the page begins in which a text stands, and where the text does.
fn place_of(bytes: &[u8], text: &str) -> (usize, usize) {
    let place = bytes.windows(text.len()).position(|part| part == text.as_bytes()).unwrap();
    (place / 4096 * 4096, place)
}

/// Makes the row that holds `text` one that cannot be read, in a page that fits its neighbours: its columns begin behind its end.
fn spoil_row(path: &Path, text: &str) {
    let mut bytes = fs::read(path).unwrap();
    let (page, place) = place_of(&bytes, text);
    assert_eq!(bytes[page], 13, "a leaf of a table");
    let count = u16::from_be_bytes([bytes[page + 3], bytes[page + 4]]);
    let cells = (0..usize::from(count)).map(|n| {
        let pointer = page + 8 + 2 * n;
        page + usize::from(u16::from_be_bytes([bytes[pointer], bytes[pointer + 1]]))
    });
    let mut head = cells.filter(|cell| *cell < place).max().unwrap();
    // The length of the row, and its number.
    for _ in 0..2 {
        while bytes[head] >= 0x80 {
            head += 1;
        }
        head += 1;
    }
    bytes[head] = 0x7f;
    let mut file = fs::File::options().write(true).open(path).unwrap();
    std::io::Write::write_all(&mut file, &bytes).unwrap();
}

/// Makes garbage of the page that holds `text`.
fn spoil_page(path: &Path, text: &str) {
    let mut bytes = fs::read(path).unwrap();
    let (page, _) = place_of(&bytes, text);
    bytes[page..page + 4096].fill(0xa5);
    let mut file = fs::File::options().write(true).open(path).unwrap();
    std::io::Write::write_all(&mut file, &bytes).unwrap();
}

#[test]
fn damage_that_was_looked_for_in_vain_is_looked_for_again_after_an_hour() {
    let clock = ManualClock::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    append(
        &open(&path, SqliteOptions::default()),
        (0..20_000).map(|n| record(n, &format!("/row-{n}."))),
    );
    let options = SqliteOptions::default().patience(Duration::ZERO).clock(clock.clock());
    let store = open(&path, options);
    let finds_damage = |number: u64| {
        let error = store.page(&Filter::new(), Some(Cursor::new(number + 2)), 1).unwrap_err();
        assert!(error.to_string().contains("malformed"), "{error}");
    };
    // There is no time to look as far as this one.
    spoil_row(&path, "/row-19000.");
    finds_damage(19_000);
    add(&store, "/1").unwrap();
    assert_eq!(store.status().kept_aside, 0);
    // This would be found at once.
    spoil_page(&path, "/row-9000.");
    for _ in 0..3 {
        clock.advance(Duration::from_secs(1199));
        finds_damage(9000);
        add(&store, "/2").unwrap();
        assert_eq!(store.status().kept_aside, 0);
    }
    clock.advance(Duration::from_secs(3));
    finds_damage(9000);
    add(&store, "/3").unwrap();
    assert_eq!(store.status().kept_aside, 1);
    assert_eq!(paths(&open(&path, SqliteOptions::default()), &Filter::new()), ["/3"]);
}
