//! A save is in force within a second, however the file is saved. Every wait here ends with the load it waits for.

use std::{fs, path::Path, sync::Arc, time::Duration};

use palisade_blocklist::{Blocklist, BlocklistFile, BlocklistStatus};
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

#[test]
fn a_folder_that_is_removed_and_made_again_is_watched_again() {
    let (outer, _) = place();
    let path = outer.path().join("config").join("blocklist.json");
    fs::create_dir(path.parent().unwrap()).unwrap();
    fs::write(&path, listing(1)).unwrap();
    let file = BlocklistFile::open(&path, Clock::system()).unwrap();
    let _watch = file.watch().unwrap();
    for entries in [2, 3] {
        let gone = file.shared().status().loads;
        fs::remove_dir_all(path.parent().unwrap()).unwrap();
        assert!(!file.shared().wait_for_load(gone, DEADLINE).is_current(), "it is gone");
        assert_eq!(file.shared().status().entries.addresses, entries - 1, "and unblocks nobody");
        saved(&file, entries, |path| {
            fs::create_dir(path.parent().unwrap()).unwrap();
            fs::write(path, listing(entries)).unwrap();
        });
    }
}

#[test]
fn two_writes_in_a_row_end_with_the_second() {
    let (_folder, path) = place();
    fs::write(&path, listing(1)).unwrap();
    let file = BlocklistFile::open(&path, Clock::system()).unwrap();
    let _watch = file.watch().unwrap();
    for entries in 2..6 {
        saved(&file, entries, |path| {
            // Truncated and written again, as long as before: some editors do.
            fs::write(path, listing(entries).replace("203.0.113", "198.51.10")).unwrap();
            fs::write(path, listing(entries)).unwrap();
        });
        // Whichever of the two was read, it is the second one in the end.
        let listed = "203.0.113.0".parse().unwrap();
        while file.shared().list().blocked_ip(listed, crate::now()).is_none() {
            let seen = file.shared().status().loads;
            assert!(file.shared().wait_for_load(seen, DEADLINE).loads > seen);
        }
    }
}

#[test]
fn events_alone_show_a_save_a_rename_and_a_list_beside_the_file() {
    // The next look by itself is an hour away.
    let (folder, path) = place();
    fs::write(folder.path().join("list.txt"), "192.0.2.1\n").unwrap();
    let with_list = |entries| listing(entries).replace('{', "{\"includes\": [\"list.txt\"], ");
    fs::write(&path, with_list(1)).unwrap();
    let file = BlocklistFile::open(&path, Clock::system()).unwrap();
    let _watch = file.watch_every(Duration::from_secs(3600)).unwrap();
    watched(&file, folder.path());
    let entries = file.shared().status().entries.addresses;
    saved(&file, entries + 3, |_| {
        fs::write(folder.path().join("list.txt"), "192.0.2.1\n192.0.2.2\n192.0.2.3\n192.0.2.4")
            .unwrap();
    });
    saved(&file, 7 + 4, |path| fs::write(path, with_list(7)).unwrap());
    saved(&file, 8 + 4, |path| {
        let beside = folder.path().join("beside");
        fs::write(&beside, with_list(8)).unwrap();
        fs::rename(&beside, path).unwrap();
    });
}

/// Waits until the watch has begun: what happens before is seen by no event.
fn watched(file: &BlocklistFile, folder: &Path) {
    let json = fs::read_to_string(file.path()).unwrap();
    for round in 1.. {
        let seen = file.shared().status().loads;
        let beside = folder.join("beside");
        fs::write(&beside, format!("{json}{}", " ".repeat(round))).unwrap();
        fs::rename(&beside, file.path()).unwrap();
        if file.shared().wait_for_load(seen, Duration::from_millis(100)).loads > seen {
            return;
        }
        assert!(round < 300, "no event comes");
    }
}

#[cfg(unix)]
mod links {
    use std::{fs, path::Path, time::Duration};

    use palisade_blocklist::BlocklistFile;
    use palisade_core::Clock;

    use super::{DEADLINE, listing, saved};
    use crate::reload::place;

    fn link(to: impl AsRef<Path>, from: impl AsRef<Path>) {
        std::os::unix::fs::symlink(to, from).unwrap();
    }

    #[test]
    fn a_link_that_is_turned_is_seen_and_the_lists_behind_it_too() {
        // As Kubernetes mounts a ConfigMap: files are links through a link, and the inner one is replaced.
        let (folder, path) = place();
        let turn = |version: &str, entries: usize| {
            let data = folder.path().join(version);
            fs::create_dir(&data).unwrap();
            let json = listing(entries).replace('{', "{\"includes\": [\"list.txt\"], ");
            fs::write(data.join("blocklist.json"), json).unwrap();
            fs::write(data.join("list.txt"), format!("192.0.2.{entries}\n192.0.2.100\n")).unwrap();
            let beside = folder.path().join("..data_tmp");
            link(version, &beside);
            fs::rename(&beside, folder.path().join("..data")).unwrap();
        };
        turn("v1", 1);
        link("..data/blocklist.json", &path);
        link("..data/list.txt", folder.path().join("list.txt"));
        let file = BlocklistFile::open(&path, Clock::system()).unwrap();
        let _watch = file.watch().unwrap();
        for entries in 2..5 {
            saved(&file, entries + 2, |_| {
                turn(&format!("v{entries}"), entries);
                fs::remove_dir_all(folder.path().join(format!("v{}", entries - 1))).unwrap();
            });
            let listed = format!("192.0.2.{entries}").parse().unwrap();
            assert!(file.shared().list().blocked_ip(listed, crate::now()).is_some());
        }
    }

    #[test]
    fn a_list_that_could_not_be_read_is_tried_again_although_nothing_about_it_changes() {
        let (outer, _) = place();
        let (folder, outside) = (outer.path().join("config"), outer.path().join("outside"));
        fs::create_dir(&folder).unwrap();
        fs::create_dir(&outside).unwrap();
        fs::write(outside.join("list.txt"), "192.0.2.1\n").unwrap();
        let path = folder.join("blocklist.json");
        fs::write(&path, listing(1)).unwrap();
        let file = BlocklistFile::open(&path, Clock::system()).unwrap();
        link(&outside, folder.join("x"));
        let included = listing(1).replace('{', "{\"includes\": [\"x/list.txt\"], ");
        fs::write(&path, included).unwrap();
        file.reload().unwrap_err();
        assert!(file.shared().failure().unwrap().message.contains("a link out of the folder"));
        let _watch = file.watch_every(Duration::from_millis(1)).unwrap();
        quiet(&file);
        // The same file in the same state has the name now, and it may be read.
        saved(&file, 2, |_| {
            fs::remove_file(folder.join("x")).unwrap();
            fs::rename(&outside, folder.join("x")).unwrap();
        });
        assert_eq!(file.shared().failure(), None);
    }

    #[test]
    fn a_list_of_the_same_length_and_time_is_seen_by_looks_alone() {
        // As programs that copy leave it.
        let (folder, path) = place();
        let below = folder.path().join("below");
        fs::create_dir(&below).unwrap();
        let list = below.join("list.txt");
        fs::write(&list, "192.0.2.1\n").unwrap();
        let time = fs::metadata(&list).unwrap().modified().unwrap();
        fs::write(&path, r#"{"includes": ["below/list.txt"]}"#).unwrap();
        let file = BlocklistFile::open(&path, Clock::system()).unwrap();
        let _watch = file.watch_every(Duration::from_millis(1)).unwrap();
        quiet(&file);
        let seen = file.shared().status().loads;
        let mut open = fs::OpenOptions::new().write(true).open(&list).unwrap();
        std::io::Write::write_all(&mut open, b"192.0.2.2\n").unwrap();
        open.set_modified(time).unwrap();
        drop(open);
        let mut loads = seen;
        while file.shared().list().blocked_ip("192.0.2.2".parse().unwrap(), crate::now()).is_none()
        {
            let status = file.shared().wait_for_load(loads, DEADLINE);
            assert!(status.loads > loads, "it was not seen");
            loads = status.loads;
        }
    }

    /// Lets the looks go by that read a file again although it looks unchanged.
    fn quiet(file: &BlocklistFile) {
        let loads = file.shared().status().loads;
        let status = file.shared().wait_for_load(loads, Duration::from_millis(300));
        assert_eq!(status.loads, loads, "nothing changes, and it is told once");
    }

    #[test]
    fn looks_alone_show_a_save_a_rename_and_a_list_where_no_event_comes() {
        // The file and its list lie behind links, where nobody watches.
        let (folder, path) = place();
        let elsewhere = folder.path().join("elsewhere");
        fs::create_dir(&elsewhere).unwrap();
        let real = elsewhere.join("real.json");
        let with_list =
            |entries| listing(entries).replace('{', "{\"includes\": [\"elsewhere/list.txt\"], ");
        fs::write(&real, with_list(1)).unwrap();
        fs::write(elsewhere.join("list.txt"), "192.0.2.1\n").unwrap();
        link("elsewhere/real.json", &path);
        let file = BlocklistFile::open(&path, Clock::system()).unwrap();
        let _watch = file.watch().unwrap();
        saved(&file, 3, |_| fs::write(&real, with_list(2)).unwrap());
        saved(&file, 4, |_| {
            fs::write(elsewhere.join("beside"), with_list(3)).unwrap();
            fs::rename(elsewhere.join("beside"), &real).unwrap();
        });
        saved(&file, 5, |_| fs::write(elsewhere.join("list.txt"), "192.0.2.1\n192.0.2.2").unwrap());
    }
}

#[test]
fn lists_that_nobody_reads_are_freed_however_seldom_the_watch_looks() {
    let (_folder, path) = place();
    fs::write(&path, listing(1)).unwrap();
    let file = BlocklistFile::open(&path, Clock::system()).unwrap();
    let _watch = file.watch_every(Duration::from_secs(3600)).unwrap();
    let shared = file.shared();
    let held = shared.list();
    shared.replace(Blocklist::default());
    let replaced = Arc::downgrade(&held);
    drop(held);
    for _ in 0..300 {
        if replaced.upgrade().is_none() {
            return;
        }
        // Nothing is loaded: it is only to let time go by.
        drop(shared.wait_for_load(u64::MAX, Duration::from_millis(100)));
    }
    panic!("it is not freed");
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
