//! A ring in a file.

use std::{
    fs,
    path::{Path, PathBuf},
};

use palisade_vault::{KeyProvider as _, KeyRing};
use tempfile::TempDir;

use crate::stage::key_text;

fn file(content: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys");
    fs::write(&path, content).unwrap();
    mode(&path, 0o600);
    (folder, path)
}

fn mode(path: &Path, mode: u32) {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    #[cfg(not(unix))]
    let _ = (path, mode);
}

fn refused(path: &Path) -> String {
    KeyRing::read(path).expect_err("a ring").to_string()
}

#[test]
fn a_file_holds_a_key_a_line_and_comments() {
    let (_folder, path) = file(&format!("# since May\n2:{}\n1:{} # old\n", key_text(), key_text()));
    assert_eq!(KeyRing::read(&path).unwrap().primary().number(), 2);
    mode(&path, 0o440);
    assert!(KeyRing::read(&path).is_ok(), "the group of a mounted secret may read it");
}

#[test]
#[cfg(unix)]
fn a_file_that_others_can_read_or_write_is_refused() {
    let key = key_text();
    let (_folder, path) = file(&format!("1:{key}"));
    for open in [0o604, 0o602, 0o620, 0o644, 0o666] {
        mode(&path, open);
        let error = refused(&path);
        assert!(error.ends_with(&format!("(`chmod 600`); its mode is {open:o}")), "{error}");
    }
}

#[test]
fn what_is_no_file_of_keys_is_refused_with_its_path() {
    let key = key_text();
    let (folder, path) = file(&format!("1:{key}\n2:{key}x"));
    let error = refused(&path);
    assert!(error.starts_with("`entry 2` is not a valid") && !error.contains(&key), "{error}");

    fs::write(&path, b"1:\xff").unwrap();
    assert!(refused(&path).ends_with("keys` is not a valid file of vault keys: expected UTF-8"));
    fs::write(&path, "#".repeat(70_000)).unwrap();
    assert!(refused(&path).ends_with("at most 65536 bytes"));
    assert!(refused(folder.path()).ends_with("expected a regular file"));
    let missing = folder.path().join("missing");
    assert!(refused(&missing).contains("missing` is not a valid file of vault keys"));
}

#[test]
#[cfg(unix)]
fn a_link_is_followed_as_secrets_are_mounted() {
    let (folder, path) = file(&format!("1:{}", key_text()));
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    assert!(KeyRing::read(&link).is_ok());
}
