//! What the file is at the start: whose it is, of which version, damaged or not.

use std::{fs, io::Write, path::Path};

use palisade_analytics::{Filter, Store};
use palisade_sqlite::{OpenError, SqliteOptions, SqliteStore};
use rusqlite::Connection;

use crate::{
    contract::{append, paths, record},
    retention::pruned,
};

fn open(path: &Path) -> Result<SqliteStore, OpenError> {
    SqliteStore::open(path, SqliteOptions::default())
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[cfg(unix)]
#[test]
fn the_files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let modes = || {
        let mode = |name: &String| {
            fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777
        };
        names(folder.path()).iter().map(mode).collect::<Vec<_>>()
    };
    let store = open(&path).unwrap();
    append(&store, [record(1, "/x")]);
    assert_eq!(modes(), [0o600; 3], "{:?}", names(folder.path()));
    drop(store);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let _store = open(&path).unwrap();
    assert_eq!(modes()[0], 0o600);
}

#[test]
fn a_file_of_a_later_version_is_refused_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    append(&open(&path).unwrap(), [record(1, "/x")]);
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 7).unwrap();
    let before = fs::read(&path).unwrap();
    let error = open(&path).unwrap_err();
    assert!(matches!(error, OpenError::Newer { found: 7, known: 2, .. }));
    assert_eq!(
        error.to_string(),
        format!(
            "{} was written by a later version (its schema is 7, this version knows 2): update, or name another file",
            path.display()
        )
    );
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn the_database_of_another_program_is_refused_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE requests (mine TEXT)").unwrap();
    let before = fs::read(&path).unwrap();
    let error = open(&path).unwrap_err();
    assert!(error.to_string().ends_with("is the database of another program: name another file"));
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_place_that_cannot_be_written_is_an_error_with_its_path() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    for path in [folder.path().join("file/a.db"), folder.path().to_owned()] {
        let error = open(&path).unwrap_err().to_string();
        assert!(error.starts_with(&path.display().to_string()), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_is_no_database_is_refused_and_stays_as_it_is() {
    use std::os::unix::fs::PermissionsExt;
    for content in ["x", "{\"mine\": true}", &"no database, but long enough ".repeat(100)] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("other.json");
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(open(&path).unwrap_err(), OpenError::Foreign { .. }));
        assert_eq!(fs::read_to_string(&path).unwrap(), content);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(names(folder.path()), ["other.json"]);
    }
}

#[cfg(unix)]
#[test]
fn the_database_of_another_program_keeps_its_mode() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE mine (it TEXT)").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o664)).unwrap();
    assert!(matches!(open(&path).unwrap_err(), OpenError::Foreign { .. }));
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o664);
}

#[test]
fn a_database_that_is_garbage_behind_its_first_bytes_is_kept_aside_and_a_fresh_one_is_begun() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let garbage = format!("SQLite format 3\0{}", "and then garbage ".repeat(300));
    fs::write(&path, &garbage).unwrap();
    let store = open(&path).unwrap();
    append(&store, [record(1, "/x")]);
    assert_eq!(paths(&store, &Filter::new()), ["/x"]);
    assert_eq!(store.status().kept_aside, 1);
    let aside =
        names(folder.path()).into_iter().find(|it| it.starts_with("a.db.corrupt-")).unwrap();
    assert_eq!(fs::read_to_string(folder.path().join(aside)).unwrap(), garbage);
    drop(store);
    assert_eq!(open(&path).unwrap().status().kept_aside, 0, "the fresh one is fine");
}

#[test]
fn e8_what_was_kept_aside_is_bounded_in_number_and_age() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let store = open(&path).unwrap();
    for name in
        ["corrupt-100", "corrupt-9000000-abc", "corrupt-9000001", "corrupt-9000001-wal", "other"]
    {
        fs::write(folder.path().join(format!("a.db.{name}")), "").unwrap();
    }
    let left = |seconds: u64| {
        pruned(&store, seconds);
        names(folder.path()).into_iter().filter(|it| !it.starts_with("a.db-")).collect::<Vec<_>>()
    };
    assert_eq!(
        left(9_000_002),
        [
            "a.db",
            "a.db.corrupt-9000000-abc",
            "a.db.corrupt-9000001",
            "a.db.corrupt-9000001-wal",
            "a.db.other"
        ]
    );
    for n in 2..9 {
        fs::write(folder.path().join(format!("a.db.corrupt-900000{n}")), "").unwrap();
    }
    assert_eq!(
        left(9_000_010),
        [
            "a.db",
            "a.db.corrupt-9000006",
            "a.db.corrupt-9000007",
            "a.db.corrupt-9000008",
            "a.db.other"
        ]
    );
}

#[test]
fn a_file_with_damaged_pages_is_kept_aside() {
    for first in [1, 2] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        append(&open(&path).unwrap(), (0..4000).map(|n| record(n, "/x")));
        let mut bytes = fs::read(&path).unwrap();
        assert!(bytes.len() > 100_000);
        let pages = bytes.chunks_mut(4096);
        pages.skip(first).step_by(3).for_each(|page| page.fill(0xa5));
        fs::write(&path, &bytes).unwrap();
        let store = open(&path).unwrap();
        assert_eq!(store.status().kept_aside, 1);
        assert_eq!(store.count(&Filter::new()).unwrap(), 0);
        append(&store, [record(1, "/x")]);
    }
}

#[test]
fn a_file_that_was_cut_off_anywhere_never_ends_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole.db");
    append(&open(&whole).unwrap(), (0..500).map(|n| record(n, "/x")));
    let bytes = fs::read(&whole).unwrap();
    for n in 0..24 {
        let path = folder.path().join(format!("{n}.db"));
        let length = bytes.len() * n / 24;
        fs::File::create(&path).unwrap().write_all(&bytes[..length]).unwrap();
        let store = open(&path).unwrap();
        append(&store, [record(1, "/new")]);
        assert_eq!(paths(&store, &Filter::new())[0], "/new");
    }
}
