//! Files that are replaced as a whole.

use std::{fs, io::ErrorKind};

use palisade_core::{ManualClock, atomic_file};

fn names(folder: &std::path::Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_file_is_replaced_and_nothing_is_left_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/ban.json");
    atomic_file::replace(&path, b"one").unwrap();
    atomic_file::replace(&path, b"two").unwrap();
    assert_eq!(atomic_file::read(&path, 10).unwrap().unwrap(), b"two");
    assert_eq!(names(path.parent().unwrap()), ["ban.json"]);
}

#[test]
fn a_missing_file_is_none_and_a_large_one_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ban.json");
    assert_eq!(atomic_file::read(&path, 10).unwrap(), None);
    fs::write(&path, [b'x'; 11]).unwrap();
    let error = atomic_file::read(&path, 10).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::FileTooLarge);
    assert!(error.to_string().contains("ban.json"), "{error}");
}

#[test]
fn a_replacement_that_fails_leaves_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("taken");
    fs::create_dir(&path).unwrap();
    assert!(atomic_file::replace(&path, b"one").unwrap_err().to_string().contains("taken"));
    assert_eq!(names(folder.path()), ["taken"]);
}

#[cfg(unix)]
#[test]
fn p16_a_symbolic_link_is_replaced_and_what_it_points_at_is_untouched() {
    let folder = tempfile::tempdir().unwrap();
    let (target, path) = (folder.path().join("target"), folder.path().join("ban.json"));
    fs::write(&target, "precious").unwrap();
    std::os::unix::fs::symlink(&target, &path).unwrap();
    atomic_file::replace(&path, b"one").unwrap();
    assert_eq!(fs::read(&target).unwrap(), b"precious");
    assert!(fs::symlink_metadata(&path).unwrap().is_file());
}

#[test]
fn what_is_kept_aside_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ban.json");
    let now = ManualClock::new().now();
    for content in ["one", "two", "three"] {
        fs::write(&path, content).unwrap();
        let aside = atomic_file::keep_aside(&path, now).unwrap();
        assert_eq!(fs::read_to_string(&aside).unwrap(), content);
        assert!(
            aside.file_name().unwrap().to_str().unwrap().starts_with("ban.json.corrupt-1767225600")
        );
    }
    assert_eq!(names(folder.path()).len(), 3);
}
