//! A save is in force within a second, however the file is saved. Every wait here ends with the load it waits for.

use std::{fs, path::Path, time::Duration};

use palisade_blocklist::{BlocklistFile, BlocklistStatus};
use palisade_core::Clock;

use crate::reload::place;

/// Far more than it takes, so that a busy machine fails no test.
const DEADLINE: Duration = Duration::from_secs(30);

/// Saves, and waits until the list has `entries` addresses.
fn saved(file: &BlocklistFile, entries: usize, save: impl FnOnce(&Path)) -> BlocklistStatus {
    let shared = file.shared();
    let mut status = shared.status();
    save(file.path());
    while status.entries.addresses != entries {
        let seen = status.loads;
        status = shared.wait_for_load(seen, DEADLINE);
        assert!(status.loads > seen, "the save was not seen: {status:?}");
    }
    status
}

fn listing(entries: usize) -> String {
    let entries: Vec<_> = (0..entries).map(|last| format!("\"203.0.113.{last}\"")).collect();
    format!("{{\"blockedIPs\": [{}]}}", entries.join(", "))
}

#[test]
fn a_save_in_place_and_a_rename_over_it_are_both_seen() {
    let (folder, path) = place();
    fs::write(&path, listing(1)).unwrap();
    let file = BlocklistFile::open(&path, Clock::system()).unwrap();
    let watch = file.watch().unwrap();
    saved(&file, 2, |path| fs::write(path, listing(2)).unwrap());
    // Editors and `palisade_core::atomic_file` write beside and rename: another file has the name now.
    for entries in 3..6 {
        saved(&file, entries, |path| {
            let beside = folder.path().join("beside");
            fs::write(&beside, listing(entries)).unwrap();
            fs::rename(&beside, path).unwrap();
        });
    }
    saved(&file, 1, |path| fs::write(path, listing(1)).unwrap());
    drop(watch);
}

#[test]
fn a_bad_save_is_seen_and_a_good_one_after_it_too() {
    let (_folder, path) = place();
    fs::write(&path, listing(1)).unwrap();
    let file = BlocklistFile::open(&path, Clock::system()).unwrap();
    let _watch = file.watch().unwrap();
    let shared = file.shared();
    let seen = shared.status().loads;
    fs::write(&path, "{ \"blockedIPs\": [\"nonsense\"] }").unwrap();
    let mut status = shared.wait_for_load(seen, DEADLINE);
    // The file may be seen while it is empty; the mistake that stays is the last one.
    while !status.error.as_ref().is_some_and(|error| error.message.contains("nonsense")) {
        let seen = status.loads;
        status = shared.wait_for_load(seen, DEADLINE);
        assert!(status.loads > seen, "{status:?}");
    }
    assert_eq!(status.entries.addresses, 1, "the last good list stays in force");
    assert!(saved(&file, 3, |path| fs::write(path, listing(3)).unwrap()).is_current());
}

#[test]
fn a_file_and_its_folder_that_are_made_later_are_seen() {
    let (folder, _) = place();
    let path = folder.path().join("config").join("blocklist.json");
    let file = BlocklistFile::open(&path, Clock::system()).unwrap();
    let _watch = file.watch().unwrap();
    saved(&file, 1, |path| {
        fs::create_dir(path.parent().unwrap()).unwrap();
        fs::write(path, listing(1)).unwrap();
    });
}

#[cfg(unix)]
#[test]
fn a_link_that_is_turned_is_seen() {
    // As Kubernetes mounts a ConfigMap: the file is a link through a link, and the inner one is replaced.
    let (folder, path) = place();
    let turn = |version: &str, entries: usize| {
        let data = folder.path().join(version);
        fs::create_dir(&data).unwrap();
        fs::write(data.join("blocklist.json"), listing(entries)).unwrap();
        let beside = folder.path().join("..data_tmp");
        std::os::unix::fs::symlink(version, &beside).unwrap();
        fs::rename(&beside, folder.path().join("..data")).unwrap();
    };
    turn("v1", 1);
    std::os::unix::fs::symlink("..data/blocklist.json", &path).unwrap();
    let file = BlocklistFile::open(&path, Clock::system()).unwrap();
    let _watch = file.watch().unwrap();
    saved(&file, 2, |_| turn("v2", 2));
}

#[test]
fn nothing_is_seen_once_the_watch_is_dropped_and_dropping_does_not_hang() {
    let (_folder, path) = place();
    fs::write(&path, listing(1)).unwrap();
    let file = BlocklistFile::open(&path, Clock::system()).unwrap();
    drop(file.watch().unwrap());
    fs::write(&path, listing(2)).unwrap();
    assert_eq!(file.shared().status().entries.addresses, 1);
    file.reload().unwrap();
    assert_eq!(file.shared().status().entries.addresses, 2);
}
