//! Several processes and one file.

use std::{
    fs::{self, File},
    io::ErrorKind,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use palisade_authn_api_key::{KeyError, KeyId, NewKey};
use tempfile::TempDir;

use crate::Bench;

fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config/api-keys.json");
    (folder, path)
}

fn lock_of(path: &Path) -> PathBuf {
    path.with_extension("json.lock")
}

/// From now on nothing can be written.
fn block(path: &Path) {
    fs::remove_file(lock_of(path)).unwrap();
    fs::create_dir(lock_of(path)).unwrap();
}

fn unblock(path: &Path) {
    fs::remove_dir(lock_of(path)).unwrap();
}

/// Looks again until it is so.
fn wait_for(what: &str, is_so: impl Fn() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(30), "{what}");
        thread::yield_now();
    }
}

#[test]
fn what_several_processes_write_at_once_is_all_kept() {
    let (_folder, path) = place();
    let create_some = || {
        let bench = Bench::on(&path);
        let create = |_| bench.keys.create(NewKey::owned_by("exporter")).unwrap().key.id;
        (0..8).map(create).collect::<Vec<_>>()
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
    let mut names: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
    names.retain(|entry| entry.as_ref().unwrap().path() != lock_of(&path));
    assert_eq!(names.len(), 1, "{names:?}");
}

#[test]
fn a_change_waits_while_another_process_writes_but_what_takes_a_key_away_counts() {
    let (_folder, path) = place();
    let bench = Bench::on(&path);
    let (rotated, disabled) = (bench.issue(), bench.issue());
    let other = File::open(lock_of(&path)).unwrap();
    other.lock().unwrap();
    thread::scope(|scope| {
        let rotation = scope.spawn(|| bench.keys.rotate(rotated.key.id, Duration::ZERO).unwrap());
        let disabling = scope.spawn(|| bench.keys.disable(disabled.key.id).unwrap());
        wait_for("it counts at once", || bench.verdict(disabled.text.expose()) == "disabled");
        assert_eq!(bench.verdict(rotated.text.expose()), "ok");
        assert_eq!(Bench::on(&path).verdict(disabled.text.expose()), "ok");
        assert!(!rotation.is_finished() && !disabling.is_finished());
        other.unlock().unwrap();
    });
    for bench in [&bench, &Bench::on(&path)] {
        assert_ne!(bench.verdict(rotated.text.expose()), "ok");
        assert_eq!(bench.verdict(disabled.text.expose()), "disabled");
    }
}

#[test]
fn a_lock_that_a_crash_left_behind_stops_nobody() {
    let (_folder, path) = place();
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(lock_of(&path), "4711").unwrap();
    let bench = Bench::on(&path);
    let issued = bench.issue();
    assert_eq!(Bench::on(&path).verdict(issued.text.expose()), "ok");
}

#[cfg(unix)]
#[test]
fn the_lock_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, path) = place();
    drop(Bench::on(&path).issue());
    assert_eq!(fs::metadata(lock_of(&path)).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn what_another_process_deleted_is_gone_and_no_mistake() {
    let (_folder, path) = place();
    let (server, tool) = (Bench::on(&path), Bench::on(&path));
    let issued = tool.issue();
    server.keys.reload().unwrap();
    tool.keys.delete(issued.key.id).unwrap();
    assert!(server.keys.disable(issued.key.id).unwrap().disabled.is_some());
    assert_eq!(server.verdict(issued.text.expose()), "unknown");
    assert!(Bench::on(&path).keys.list().is_empty());
}

#[test]
fn a_change_made_over_anothers_is_told_by_the_next_reload() {
    let (_folder, path) = place();
    let (server, tool) = (Bench::on(&path), Bench::on(&path));
    let issued = tool.issue();
    drop(server.issue());
    assert_eq!(server.verdict(issued.text.expose()), "ok");
    assert!(server.keys.reload().unwrap(), "whoever watches the file has to know");
    assert!(!server.keys.reload().unwrap());
}

#[test]
fn j14_a_key_that_was_taken_away_comes_back_with_no_reload() {
    let (_folder, path) = place();
    let (server, tool) = (Bench::on(&path), Bench::on(&path));
    let (disabled, deleted) = (tool.issue(), tool.issue());
    server.keys.reload().unwrap();
    let file = fs::read(&path).unwrap();
    block(&path);
    server.keys.disable(disabled.key.id).unwrap_err();
    server.keys.delete(deleted.key.id).unwrap_err();
    unblock(&path);
    assert_eq!(fs::read(&path).unwrap(), file, "it knows of neither");
    drop(tool.issue());
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

#[test]
fn j14_a_key_that_came_back_while_its_deletion_waited_is_deleted() {
    let (_folder, path) = place();
    let (server, tool) = (Bench::on(&path), Bench::on(&path));
    let deleted = tool.issue();
    let before = fs::read(&path).unwrap();
    let kept = tool.issue();
    let after = fs::read(&path).unwrap();
    fs::write(&path, before).unwrap();
    assert!(server.keys.reload().unwrap());
    let other = File::open(lock_of(&path)).unwrap();
    other.lock().unwrap();
    let verdict = || server.verdict(deleted.text.expose());
    thread::scope(|scope| {
        let deletion = scope.spawn(|| server.keys.delete(deleted.key.id).unwrap());
        wait_for("it counts at once", || verdict() == "unknown");
        // As whoever watches the file does.
        fs::write(&path, after).unwrap();
        assert!(server.keys.reload().unwrap());
        assert_eq!(verdict(), "disabled");
        other.unlock().unwrap();
        assert_eq!(deletion.join().unwrap().id, deleted.key.id);
    });
    assert_eq!(verdict(), "unknown");
    assert_eq!(Bench::on(&path).keys.list(), [kept.key]);
}

#[test]
fn j14_a_key_that_was_not_read_yet_is_taken_away_at_once_as_well() {
    let (_folder, path) = place();
    let (server, tool) = (Bench::on(&path), Bench::on(&path));
    let (disabled, deleted) = (tool.issue(), tool.issue());
    block(&path);
    server.keys.disable(disabled.key.id).unwrap_err();
    server.keys.delete(deleted.key.id).unwrap_err();
    unblock(&path);
    assert!(server.keys.reload().unwrap(), "whoever watches the file has to know");
    assert_eq!(server.verdict(disabled.text.expose()), "disabled");
    assert_eq!(server.verdict(deleted.text.expose()), "unknown");
}

#[test]
fn j14_what_could_not_be_written_is_known_and_written_by_a_flush() {
    let (_folder, path) = place();
    let bench = Bench::on(&path);
    let (disabled, deleted) = (bench.issue(), bench.issue());
    bench.keys.disable(bench.issue().key.id).unwrap();
    assert!(bench.keys.is_written());
    block(&path);
    bench.keys.create(NewKey::owned_by("exporter")).unwrap_err();
    assert!(bench.keys.is_written(), "a key that was not made is owed to nobody");
    bench.keys.disable(disabled.key.id).unwrap_err();
    bench.keys.delete(deleted.key.id).unwrap_err();
    bench.keys.flush().unwrap_err();
    assert!(!bench.keys.is_written());
    assert!(!bench.keys.reload().unwrap());
    assert!(!bench.keys.is_written(), "to read it is not to write it");
    unblock(&path);
    bench.keys.flush().unwrap();
    assert!(bench.keys.is_written());
    let restarted = Bench::on(&path);
    assert_eq!(restarted.verdict(disabled.text.expose()), "disabled");
    assert_eq!(restarted.verdict(deleted.text.expose()), "unknown");
}

/// Takes as long as is waited: there is no other way to see that it ends.
#[test]
fn a_lock_that_its_holder_keeps_is_waited_for_so_long_and_no_longer() {
    let (_folder, path) = place();
    let bench = Bench::on(&path);
    let issued = bench.issue();
    let other = File::open(lock_of(&path)).unwrap();
    other.lock().unwrap();
    let told = bench.keys.create(NewKey::owned_by("exporter")).unwrap_err();
    assert!(told.to_string().contains("api-keys.json.lock"), "{told}");
    assert!(matches!(told, KeyError::File(error) if error.kind() == ErrorKind::TimedOut));

    // Nobody waits again for whoever is known to keep it, and what takes a key away counts.
    let began = Instant::now();
    bench.keys.disable(issued.key.id).unwrap_err();
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    assert_eq!(bench.verdict(issued.text.expose()), "disabled");
    assert_eq!(Bench::on(&path).verdict(issued.text.expose()), "ok");

    other.unlock().unwrap();
    wait_for("it is written", || bench.keys.flush().is_ok());
    assert_eq!(Bench::on(&path).verdict(issued.text.expose()), "disabled");
}
