//! Plain lists that a file includes.

use std::{fs, path::Path};

use palisade_blocklist::{Blocklist, BlocklistFile, BlocklistPolicy};
use palisade_core::Rejection;
use palisade_test_support::Ask;
use tempfile::TempDir;

use crate::{clock, context, from, is_blocked, reload::place};

/// A file that includes `lists`, which are there.
fn with_lists(lists: &[(&str, &str)]) -> (TempDir, BlocklistFile) {
    let (folder, path) = place();
    for (name, text) in lists {
        let list = folder.path().join(name);
        fs::create_dir_all(list.parent().unwrap()).unwrap();
        fs::write(list, text).unwrap();
    }
    let names: Vec<_> = lists.iter().map(|(name, _)| *name).collect();
    let json = serde_json::json!({"blockedIPs": ["203.0.113.50"], "includes": names});
    fs::write(&path, json.to_string()).unwrap();
    let file = BlocklistFile::open(&path, clock()).unwrap();
    (folder, file)
}

fn blocks(file: &BlocklistFile, addr: &str) -> bool {
    is_blocked(&from(addr, &file.shared()))
}

fn open_error(json: &str) -> String {
    let (_folder, path) = place();
    fs::write(&path, json).unwrap();
    BlocklistFile::open(&path, clock()).unwrap_err().to_string()
}

#[test]
fn the_log_says_which_list_blocked() {
    let lists = [("ipsum.txt", "198.51.100.7\t9\n"), ("lists/drop.txt", "192.0.2.0/24 ; SBL1")];
    let (_folder, file) = with_lists(&lists);
    for (addr, reason) in [
        ("203.0.113.50", "address: 203.0.113.50"),
        ("198.51.100.7", "address: 198.51.100.7 (ipsum.txt)"),
        ("192.0.2.9", "address: 192.0.2.0/24 (lists/drop.txt)"),
    ] {
        let policy = BlocklistPolicy::new(file.shared());
        let answer = Ask::get("/").context(&context(addr)).policies(policy);
        let rejection = answer.extensions().get::<Rejection>().unwrap();
        assert_eq!(rejection.private_reason(), Some(reason));
    }
    assert!(!blocks(&file, "198.51.100.8"));
}

#[test]
fn a_changed_list_is_in_force_after_a_reload_and_an_unchanged_one_is_no_load() {
    let (folder, file) = with_lists(&[("a.txt", "192.0.2.1\n"), ("b.txt", "192.0.2.2\n")]);
    file.reload().unwrap();
    assert_eq!(file.shared().status().loads, 1, "nothing changed");
    fs::write(folder.path().join("b.txt"), "192.0.2.3\n").unwrap();
    file.reload().unwrap();
    assert_eq!(file.shared().status().loads, 2);
    assert!(
        blocks(&file, "192.0.2.1") && blocks(&file, "192.0.2.3") && !blocks(&file, "192.0.2.2")
    );
}

#[test]
fn a_mistake_in_a_list_names_it_and_keeps_the_last_good_lists() {
    let (folder, file) = with_lists(&[("a.txt", "192.0.2.1\n"), ("b.txt", "192.0.2.2\n")]);
    let list = folder.path().join("b.txt");
    for (text, told) in [
        ("192.0.2.2\n 192.0.2.5/24\n", "b.txt:2:2: `192.0.2.5/24`"),
        ("192.0.2.2\n64.0.0.0/7\n", "b.txt:2:1: `64.0.0.0/7`"),
        ("", "b.txt: the list is empty"),
    ] {
        fs::write(&list, text).unwrap();
        let error = file.reload().unwrap_err();
        assert!(error.to_string().contains(told), "{error}");
        assert_eq!(file.reload().unwrap_err(), error, "it stays wrong");
        let status = file.shared().status();
        assert_eq!(status.error.unwrap().line, error.line());
        assert!(blocks(&file, "192.0.2.1") && blocks(&file, "192.0.2.2"));
    }
    let loads = file.shared().status().loads;
    file.reload().unwrap_err();
    assert_eq!(file.shared().status().loads, loads, "it is told once");
    fs::remove_file(&list).unwrap();
    assert!(file.reload().unwrap_err().to_string().contains("b.txt: there is no such file"));
    assert!(blocks(&file, "192.0.2.2"), "a list that is gone unblocks nobody");
    fs::write(&list, "192.0.2.3\n").unwrap();
    file.reload().unwrap();
    assert!(blocks(&file, "192.0.2.3") && file.shared().status().is_current());
}

#[test]
fn a_list_behind_a_bad_one_is_seen_when_it_changes() {
    let (folder, file) = with_lists(&[("a.txt", "192.0.2.1\n"), ("b.txt", "192.0.2.2\n")]);
    fs::write(folder.path().join("a.txt"), "x").unwrap();
    fs::write(folder.path().join("b.txt"), "y").unwrap();
    assert!(file.reload().unwrap_err().to_string().contains("a.txt:1:1"));
    fs::write(folder.path().join("a.txt"), "192.0.2.1\n").unwrap();
    assert!(file.reload().unwrap_err().to_string().contains("b.txt:1:1"));
    fs::write(folder.path().join("b.txt"), "192.0.2.9\n").unwrap();
    file.reload().unwrap();
    assert!(blocks(&file, "192.0.2.9"));
}

#[test]
fn a_missing_list_at_the_start_is_an_error() {
    let told = open_error(r#"{"includes": ["missing.txt"]}"#);
    assert!(
        told.contains("missing.txt: there is no such file") && told.contains("blocklist.json"),
        "{told}"
    );
}

#[test]
fn only_files_in_the_folder_can_be_included() {
    for name in [
        "/etc/passwd",
        "../list.txt",
        "a/../../list.txt",
        "./list.txt",
        "a//b.txt",
        "a/",
        "",
        "a\\\\b",
    ] {
        let told = open_error(&format!("{{\n\"includes\": [\"{name}\"]}}"));
        assert!(told.contains("blocklist.json:2:"), "{told}");
        assert!(told.contains("the path of a file in the folder of this one"), "{told}");
    }
    for (json, part) in [
        (r#"{"includes": ["a.txt", "a.txt"]}"#, "each list once"),
        (r#"{"includes": "a.txt"}"#, "expected a list of paths"),
        (r#"{"includes": [7]}"#, "expected a string"),
        (r#"{"includes": [], "includes": []}"#, "twice"),
        (r#"{"include": []}"#, "did you mean `includes`?"),
    ] {
        assert!(open_error(json).contains(part), "{json}: {}", open_error(json));
    }
    let told = Blocklist::parse(r#"{"includes": []}"#, "x").unwrap_err().to_string();
    assert!(told.contains("this is no file"), "{told}");
}

#[test]
fn a_file_includes_64_lists_at_most_and_64_mib_together() {
    let names: Vec<_> = (0..65).map(|n| format!("\"{n}.txt\"")).collect();
    let told = open_error(&format!("{{\"includes\": [{}]}}", names.join(",")));
    assert!(told.contains("64 lists at most"), "{told}");

    let (folder, path) = place();
    fs::write(&path, r#"{"includes": ["a.txt", "b.txt"]}"#).unwrap();
    for name in ["a.txt", "b.txt"] {
        // Blanks behind a comment.
        let mut text = b"# big\n".to_vec();
        text.resize(33 * 1024 * 1024, b' ');
        fs::write(folder.path().join(name), text).unwrap();
    }
    let told = BlocklistFile::open(&path, clock()).unwrap_err().to_string();
    assert!(told.contains("b.txt: larger than"), "{told}");
}

#[cfg(unix)]
#[test]
fn a_link_within_the_folder_is_followed_and_one_out_of_it_is_not() {
    use std::os::unix::fs::symlink;
    let (folder, path) = place();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("list.txt"), "192.0.2.1\n").unwrap();
    fs::write(folder.path().join("real.txt"), "192.0.2.2\n").unwrap();
    let link = |to: &Path, name: &str| symlink(to, folder.path().join(name)).unwrap();
    link(Path::new("real.txt"), "inside.txt");
    link(&outside.path().join("list.txt"), "outside.txt");
    link(outside.path(), "folder");
    fs::write(&path, r#"{"includes": ["inside.txt"]}"#).unwrap();
    let file = BlocklistFile::open(&path, clock()).unwrap();
    assert!(blocks(&file, "192.0.2.2"));
    for name in ["outside.txt", "folder/list.txt"] {
        fs::write(&path, format!("{{\"includes\": [\"{name}\"]}}")).unwrap();
        let told = file.reload().unwrap_err().to_string();
        assert!(told.contains("a link out of the folder"), "{told}");
    }
    assert!(blocks(&file, "192.0.2.2") && !blocks(&file, "192.0.2.1"));
}
