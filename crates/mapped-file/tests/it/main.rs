//! What this crate promises.

#![allow(
    clippy::allow_attributes,
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::pedantic,
    clippy::unwrap_used,
    reason = "tests: a wrong setup must fail loudly, and a case must stay one line"
)]

use std::{
    fs::{self, OpenOptions},
    io::{ErrorKind, Write},
    path::PathBuf,
};

use palisade_mapped_file::MappedFile;
use tempfile::TempDir;

const LIMIT: u64 = 64 << 20;

/// A folder, and a file in it with these bytes.
fn place(bytes: &[u8]) -> (TempDir, PathBuf) {
    // Beside the build, because the folder for temporary files may be memory.
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = folder.path().join("original");
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

#[test]
fn e7_what_becomes_of_the_original_changes_nothing() {
    let bytes: Vec<u8> = (0..=255).cycle().take(1 << 20).collect();
    let (folder, path) = place(&bytes);
    let mapped = MappedFile::copy_of(&path, folder.path(), LIMIT).unwrap();
    // In place, the same inode: a mapping of it would show this.
    OpenOptions::new().write(true).open(&path).unwrap().write_all(b"overwritten").unwrap();
    assert_eq!(mapped.as_ref(), bytes);
    // A read behind the end of a mapped file is SIGBUS, which ends the process.
    OpenOptions::new().write(true).open(&path).unwrap().set_len(0).unwrap();
    assert_eq!(mapped.as_ref(), bytes);
    fs::remove_file(&path).unwrap();
    assert_eq!(mapped.as_ref(), bytes);
}

#[test]
fn the_copy_has_no_name() {
    let (folder, path) = place(b"bytes");
    let mapped = MappedFile::copy_of(&path, folder.path(), LIMIT).unwrap();
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().path()).collect();
    assert_eq!(names, [path]);
    assert_eq!(mapped.as_ref(), b"bytes");
}

#[test]
fn an_empty_file_is_empty() {
    let (folder, path) = place(b"");
    let mapped = MappedFile::copy_of(&path, folder.path(), LIMIT).unwrap();
    assert!(mapped.is_empty() && mapped.as_ref().is_empty());
    assert_eq!(format!("{mapped:?}"), "MappedFile { len: 0 }");
}

#[test]
fn what_cannot_be_copied_is_an_error_with_its_path() {
    let (folder, path) = place(b"four");
    assert_eq!(MappedFile::copy_of(&path, folder.path(), 4).unwrap().len(), 4);
    let error = MappedFile::copy_of(&path, folder.path(), 3).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::FileTooLarge);
    assert!(error.to_string().contains("original: larger than 3 bytes"), "{error}");
    let error = MappedFile::copy_of(folder.path(), folder.path(), 3).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let error = MappedFile::copy_of(&folder.path().join("gone"), folder.path(), 3).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    let nowhere = folder.path().join("no-folder");
    let error = || MappedFile::copy_of(&path, &nowhere, 4).unwrap_err();
    assert_eq!(error().kind(), ErrorKind::NotFound);
    let told = error().to_string();
    assert!(told.starts_with(&format!("{}: ", nowhere.display())), "the folder is: {told}");
    assert_eq!(told, error().to_string(), "each time the same");
}

/// The folder of the original, for the process that may not write much.
#[cfg(unix)]
const BOUNDED: &str = "PALISADE_BOUNDED_FOLDER";

#[cfg(unix)]
#[test]
fn where_there_is_no_room_for_the_copy_the_folder_is_named() {
    use std::{env, path::Path, process::Command};
    let Some(folder) = env::var_os(BOUNDED) else {
        let (folder, path) = place(&vec![7; 1 << 20]);
        MappedFile::copy_of(&path, folder.path(), LIMIT).unwrap();
        // The same test, by a process that may write files of 32 KiB at the most.
        let bounded = r#"trap "" XFSZ; ulimit -f 64; exec "$0" "$@""#;
        let fine = Command::new("sh")
            .args(["-c", bounded])
            .arg(env::current_exe().unwrap())
            .args(["--exact", "where_there_is_no_room_for_the_copy_the_folder_is_named"])
            .env(BOUNDED, folder.path())
            .status();
        return assert!(fine.unwrap().success());
    };
    let (folder, path) = (Path::new(&folder), Path::new(&folder).join("original"));
    let error = MappedFile::copy_of(&path, folder, LIMIT).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StorageFull, "{error}");
    assert!(error.to_string().starts_with(&format!("{}: ", folder.display())), "{error}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_mapped_file_takes_no_memory_of_its_own() {
    // One process per test with nextest; with others beside it the bound still leaves room.
    let own = || {
        let status = fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).unwrap();
        line.split_whitespace().next().unwrap().parse::<u64>().unwrap()
    };
    let (folder, path) = place(&vec![7; 64 << 20]);
    let before = own();
    let mapped = MappedFile::copy_of(&path, folder.path(), LIMIT).unwrap();
    assert!(mapped.as_ref().iter().all(|byte| *byte == 7));
    let grown = own().saturating_sub(before);
    assert!(grown < 8 << 10, "{grown} KiB, though every byte was asked for");
    let read = fs::read(&path).unwrap();
    let grown = own().saturating_sub(before);
    assert!(read.len() == mapped.len() && grown > 60 << 10, "{grown} KiB");
}
