//! A list in a file: at the start, and read again.

use std::{fs, path::PathBuf, sync::Arc};

use palisade_blocklist::{Blocklist, BlocklistFile, SharedBlocklist};
use palisade_core::ManualClock;
use tempfile::TempDir;

use crate::{clock, from, is_blocked, now};

const ONE: &str = r#"{"blockedIPs": ["203.0.113.50"]}"#;

/// A folder and a path in it.
pub(crate) fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("blocklist.json");
    (folder, path)
}

fn blocks(list: &SharedBlocklist) -> bool {
    is_blocked(&from("203.0.113.50", list))
}

#[test]
fn a_missing_file_at_the_start_is_an_empty_list() {
    let (_folder, path) = place();
    let file = BlocklistFile::open(&path, clock()).unwrap();
    assert!(!blocks(&file.shared()) && file.shared().status().is_current());
    fs::write(&path, ONE).unwrap();
    file.reload().unwrap();
    assert!(blocks(&file.shared()));
}

#[test]
fn a_bad_file_at_the_start_is_an_error_with_its_place() {
    let (_folder, path) = place();
    fs::write(&path, "{\n  \"blockedIps\": []\n}").unwrap();
    let error = BlocklistFile::open(&path, clock()).unwrap_err();
    assert_eq!(error.line(), Some(2));
    assert!(error.to_string().contains("blocklist.json:2:"), "{error}");
}

#[test]
fn a_folder_or_a_huge_file_is_an_error() {
    let (folder, path) = place();
    let error = BlocklistFile::open(folder.path(), clock()).unwrap_err();
    assert!(error.to_string().contains("not a regular file"), "{error}");
    fs::File::create(&path).unwrap().set_len(64 * 1024 * 1024 + 1).unwrap();
    let error = BlocklistFile::open(&path, clock()).unwrap_err();
    assert!(error.to_string().contains("larger than 67108864 bytes"), "{error}");
    assert_eq!(error.to_string().matches("blocklist.json").count(), 1, "{error}");
}

#[test]
fn a_bad_file_at_a_reload_keeps_the_last_good_list_and_shows_until_it_is_mended() {
    let (_folder, path) = place();
    fs::write(&path, ONE).unwrap();
    let file = BlocklistFile::open(&path, clock()).unwrap();
    fs::write(&path, "{\n  \"blockedIPs\": [\"203.0.113.5/24\"]\n}").unwrap();
    let error = file.reload().unwrap_err();
    assert_eq!(file.reload().unwrap_err(), error, "it stays wrong, and is logged once");
    assert!(blocks(&file.shared()));
    let status = file.shared().status();
    assert_eq!((status.loads, status.loaded, status.is_current()), (2, Some(now()), false));
    assert_eq!(file.shared().failure(), status.error, "for who needs no more than that");
    let failure = status.error.unwrap();
    assert_eq!((failure.line, failure.at), (Some(2), now()));
    fs::write(&path, "{}").unwrap();
    file.reload().unwrap();
    assert!(!blocks(&file.shared()) && file.shared().status().is_current());
    assert_eq!(file.shared().failure(), None);
}

#[cfg(unix)]
#[test]
fn a_pipe_is_an_error_and_never_waited_for() {
    let (folder, path) = place();
    let pipe = |path: &std::path::Path| {
        assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
    };
    pipe(&path);
    let error = BlocklistFile::open(&path, clock()).unwrap_err();
    assert!(error.to_string().contains("blocklist.json: not a regular file"), "{error}");
    fs::remove_file(&path).unwrap();
    pipe(&folder.path().join("list.txt"));
    fs::write(&path, r#"{"includes": ["list.txt"]}"#).unwrap();
    let error = BlocklistFile::open(&path, clock()).unwrap_err();
    assert!(error.to_string().contains("list.txt: not a regular file"), "{error}");
}

#[test]
fn a_list_that_is_read_is_kept_although_others_are_replaced() {
    let shared = SharedBlocklist::default();
    let held = shared.list();
    let first = Arc::downgrade(&held);
    let mut others = Vec::new();
    for _ in 0..4 {
        shared.replace(Blocklist::default());
        others.push(shared.list());
    }
    // The first and three others were replaced while they were read; three are not read any more.
    drop(others);
    shared.replace(Blocklist::default());
    drop(held);
    assert!(first.upgrade().is_some(), "who read it did not free it");
    shared.sweep(ManualClock::new().now());
    assert!(first.upgrade().is_none(), "the sweep did");
}

#[test]
fn a_file_that_is_gone_at_a_reload_unblocks_nobody() {
    let (_folder, path) = place();
    fs::write(&path, ONE).unwrap();
    let file = BlocklistFile::open(&path, clock()).unwrap();
    fs::remove_file(&path).unwrap();
    assert!(file.reload().unwrap_err().message().contains("gone"));
    assert!(blocks(&file.shared()) && !file.shared().status().is_current());
    fs::write(&path, ONE).unwrap();
    file.reload().unwrap();
    assert!(file.shared().status().is_current());
}

#[test]
fn the_status_is_json_in_camel_case() {
    let (_folder, path) = place();
    fs::write(&path, ONE).unwrap();
    let file = BlocklistFile::open(&path, clock()).unwrap();
    fs::write(&path, "{").unwrap();
    file.reload().unwrap_err();
    let json = serde_json::to_value(file.shared().status()).unwrap();
    assert_eq!(json["loaded"], "2026-01-01T00:00:00Z");
    assert_eq!(json["entries"]["safeAddresses"], 0);
    assert_eq!(json["entries"]["addresses"], 1);
    assert_eq!(json["error"]["line"], 1);
    assert_eq!(json["error"]["at"], "2026-01-01T00:00:00Z");
}
