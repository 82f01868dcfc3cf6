//! Files that cannot be moved, were moved by somebody else, or were left behind.
#![cfg(unix)]

use std::{
    fs,
    io::{self, ErrorKind},
    os::unix::fs::{PermissionsExt as _, symlink},
    path::{Path, PathBuf},
};

use palisade_core::SECURITY_TARGET;
use palisade_security_log::LogFile;

use crate::heard::Heard;

/// The very source: no other way leads to a call that fails.
#[allow(dead_code, unreachable_pub, reason = "what is tested is a part of it")]
#[path = "../../src/open.rs"]
mod open;
#[allow(dead_code, unreachable_pub, reason = "what is tested is a part of it")]
#[path = "../../src/rotation.rs"]
mod source;

use source::Rotation;

fn name(path: &Path, number: u32) -> PathBuf {
    PathBuf::from(format!("{}.{number}", path.display()))
}

/// Files `.1` to `.3`, and the one that is written, each with its number in it.
fn filled(folder: &Path) -> Rotation {
    let path = folder.join("x.log");
    fs::write(&path, "0").unwrap();
    (1..4).for_each(|number| fs::write(name(&path, number), number.to_string()).unwrap());
    Rotation { path, files: 4 }
}

fn contents(rotation: &Rotation) -> Vec<String> {
    let older = (0..6).map(|number| name(&rotation.path, number));
    let all = [rotation.path.clone()].into_iter().chain(older);
    all.map(|path| fs::read_to_string(path).unwrap_or_else(|_| "-".to_owned())).collect()
}

fn fails(kind: ErrorKind, from: PathBuf) -> impl FnMut(&Path, &Path) -> io::Result<()> {
    move |one, other| if one == from { Err(kind.into()) } else { fs::rename(one, other) }
}

#[test]
fn a_file_that_cannot_be_moved_costs_no_older_one() {
    let folder = tempfile::tempdir().unwrap();
    let rotation = filled(folder.path());
    for _ in 0..5 {
        let denied = fails(ErrorKind::PermissionDenied, rotation.path.clone());
        assert!(rotation.turn(denied).is_err());
    }
    assert_eq!(contents(&rotation), ["0", "-", "1", "2", "3", "-", "-"]);
}

#[test]
fn a_file_that_somebody_else_moved_meanwhile_is_no_failure_and_costs_no_older_one() {
    let folder = tempfile::tempdir().unwrap();
    let rotation = filled(folder.path());
    fs::remove_file(&rotation.path).unwrap();
    rotation.turn(|from, to| fs::rename(from, to)).unwrap();
    assert_eq!(contents(&rotation), ["-", "-", "1", "2", "3", "-", "-"]);
}

#[test]
fn a_file_that_can_never_be_moved_is_emptied() {
    let folder = tempfile::tempdir().unwrap();
    let rotation = filled(folder.path());
    rotation.turn(fails(ErrorKind::ResourceBusy, rotation.path.clone())).unwrap();
    assert_eq!(contents(&rotation), ["", "-", "1", "2", "3", "-", "-"]);
}

#[test]
fn an_older_file_that_cannot_be_moved_leaves_all_that_are_younger_where_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let rotation = filled(folder.path());
    for _ in 0..5 {
        let stuck = fails(ErrorKind::ResourceBusy, name(&rotation.path, 1));
        assert!(rotation.turn(stuck).is_err());
    }
    assert_eq!(contents(&rotation), ["0", "-", "1", "-", "2", "-", "-"], "the oldest was due");
    rotation.turn(|from, to| fs::rename(from, to)).unwrap();
    assert_eq!(contents(&rotation), ["-", "-", "0", "1", "2", "-", "-"]);
}

#[test]
fn a_file_that_was_on_its_way_when_the_process_was_killed_gets_its_number() {
    let folder = tempfile::tempdir().unwrap();
    let rotation = filled(folder.path());
    fs::rename(&rotation.path, name(&rotation.path, 0)).unwrap();
    rotation.tidy().unwrap();
    assert_eq!(contents(&rotation), ["-", "-", "0", "1", "2", "-", "-"]);
}

#[test]
fn files_beyond_the_number_that_is_kept_go_at_the_start_up_to_the_first_that_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let rotation = filled(folder.path());
    fs::write(name(&rotation.path, 5), "somebody else's").unwrap();
    drop(Heard::with(|builder| builder.file(LogFile::new(&rotation.path).files(2))).end());
    assert_eq!(contents(&rotation), ["0", "-", "1", "-", "-", "-", "somebody else's"]);
}

#[test]
fn a_file_that_others_could_read_is_its_owners_alone_from_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("security.log");
    fs::write(&path, "").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let heard = Heard::with(|builder| builder.file(LogFile::new(&path)));
    heard.while_it(|| tracing::info!(target: SECURITY_TARGET, event = "admin.action", "said"));
    drop(heard.end());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_link_that_comes_between_the_look_and_the_opening_makes_no_file_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let (path, victim) = (folder.path().join("security.log"), folder.path().join("victim"));
    symlink(&victim, &path).unwrap();
    assert!(open::Open::at(&path).is_err());
    assert!(!victim.exists());
    fs::write(&victim, "its own").unwrap();
    fs::set_permissions(&victim, fs::Permissions::from_mode(0o640)).unwrap();
    assert!(open::Open::at(&path).is_err());
    assert_eq!(fs::metadata(&victim).unwrap().permissions().mode() & 0o777, 0o640);
}
