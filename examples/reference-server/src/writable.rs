//! Whether a place can be written to, as the start will, found out without changing anything that is there.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind},
    path::Path,
};

use palisade::core::RequestId;

/// Whether files can be made in `folder`; where it is missing, in the nearest one above: the start makes the rest.
///
/// # Errors
///
/// Those of the file system, with the path in the message.
pub(crate) fn folder(folder: &Path) -> io::Result<()> {
    let is_there = |folder: &&Path| fs::symlink_metadata(folder).is_ok();
    let there = folder.ancestors().map(or_here).find(is_there).unwrap_or(folder);
    // Nothing else tells: what the file system grants is not all in the mode of a folder.
    let probe = there.join(format!(".palisade-{}", RequestId::random()));
    let made = OpenOptions::new().write(true).create_new(true).open(&probe);
    let removed = made.and_then(|_file| fs::remove_file(&probe));
    removed.map_err(|error| with_path(there, &error))
}

/// Whether the file at `path` can be written, or made where there is none, and others beside it.
///
/// # Errors
///
/// As of [`folder`]; and where something is there that is no file.
pub(crate) fn file(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(with_path(path, &error)),
        // A pipe would wait for who reads it.
        Ok(there) if !there.is_file() => {
            let error = io::Error::new(ErrorKind::InvalidInput, "no file, but something else");
            return Err(with_path(path, &error));
        }
        Ok(_) => drop(append(path).map_err(|error| with_path(path, &error))?),
    }
    folder(path.parent().unwrap_or(Path::new("")))
}

/// What is above the first part of a path is the folder in which the server runs.
fn or_here(folder: &Path) -> &Path {
    if folder.as_os_str().is_empty() { Path::new(".") } else { folder }
}

fn append(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).open(path)
}

fn with_path(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
