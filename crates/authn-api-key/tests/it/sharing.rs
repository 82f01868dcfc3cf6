//! Several processes and one file.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::SystemTime,
};

use palisade_authn_api_key::{ApiKeys, KeyError, KeyId, NewKey};
use tempfile::TempDir;

use crate::{Bench, HOUR};

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config/api-keys.json");
    (folder, path)
}

fn lock_of(path: &Path) -> PathBuf {
    path.with_extension("json.lock")
}

/// Makes a key, however often somebody else is faster.
fn create(keys: &ApiKeys) -> KeyId {
    loop {
        match keys.create(NewKey::owned_by("exporter")) {
            Ok(issued) => return issued.key.id,
            Err(KeyError::Changed) => {
                keys.reload().unwrap();
                thread::yield_now();
            }
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn what_several_processes_write_at_once_is_all_kept() {
    let (_folder, path) = place();
    let create_some = || {
        let bench = Bench::on(&path);
        (0..8).map(|_| create(&bench.keys)).collect::<Vec<_>>()
    };
    let mut made: Vec<KeyId> = thread::scope(|scope| {
        let threads = [(); 3].map(|()| scope.spawn(create_some));
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let kept = Bench::on(&path).keys.list();
    let mut kept: Vec<KeyId> = kept.into_iter().map(|key| key.id).collect();
    made.sort();
    kept.sort();
    assert_eq!(kept, made);
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no lock is left");
}

#[test]
fn a_change_while_another_process_writes_is_refused_but_what_takes_a_key_away_counts() {
    let (_folder, path) = place();
    let bench = Bench::on(&path);
    let issued = bench.issue();
    fs::write(lock_of(&path), "").unwrap();
    assert!(matches!(bench.keys.rotate(issued.key.id, HOUR), Err(KeyError::Changed)));
    assert_eq!(bench.verdict(issued.text.expose()), "ok");
    assert!(matches!(bench.keys.disable(issued.key.id), Err(KeyError::Changed)));
    assert_eq!(bench.verdict(issued.text.expose()), "disabled");
    assert_eq!(Bench::on(&path).verdict(issued.text.expose()), "ok");
    fs::remove_file(lock_of(&path)).unwrap();
    bench.keys.flush().unwrap();
    assert_eq!(Bench::on(&path).verdict(issued.text.expose()), "disabled");
}

#[test]
fn a_lock_that_a_crash_left_behind_stops_nobody() {
    let (_folder, path) = place();
    let bench = Bench::on(&path);
    drop(bench.issue());
    let now = fs::metadata(&path).unwrap().modified().unwrap();
    for time in [SystemTime::UNIX_EPOCH, now - HOUR, now + HOUR] {
        let lock = fs::File::create_new(lock_of(&path)).unwrap();
        lock.set_modified(time).unwrap();
        drop(bench.issue());
        assert!(!lock_of(&path).exists(), "{time:?}");
    }
}

#[test]
fn j14_a_key_that_was_taken_away_comes_back_with_no_reload() {
    let (_folder, path) = place();
    let (server, tool) = (Bench::on(&path), Bench::on(&path));
    let (disabled, deleted) = (tool.issue(), tool.issue());
    server.keys.reload().unwrap();
    drop(tool.issue());
    assert!(matches!(server.keys.disable(disabled.key.id), Err(KeyError::Changed)));
    assert!(matches!(server.keys.delete(deleted.key.id), Err(KeyError::Changed)));
    // The file knows of neither.
    assert!(server.keys.reload().unwrap());
    for issued in [&disabled, &deleted] {
        assert_eq!(server.verdict(issued.text.expose()), "disabled");
    }
    server.keys.delete(deleted.key.id).unwrap();
    assert!(tool.keys.reload().unwrap());
    assert_eq!(tool.verdict(disabled.text.expose()), "disabled");
    assert_eq!(tool.verdict(deleted.text.expose()), "unknown");
    // Now it does, and what it says counts again.
    tool.keys.enable(disabled.key.id).unwrap();
    assert!(server.keys.reload().unwrap());
    assert_eq!(server.verdict(disabled.text.expose()), "ok");
}
