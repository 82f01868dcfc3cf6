//! Files that are replaced as a whole: a reader sees the old one or the new one, also after a crash.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use crate::{Moment, RequestId};

/// Replaces the file at `path` by `content`: written beside it, synced, renamed over it, and the folder synced.
///
/// Missing folders are made. Symbolic links at `path` are replaced, not followed. Blocks: call it off the request path.
///
/// # Errors
///
/// Those of the file system, with the path in the message; the old file is then untouched, unless the new one is there and
/// the folder alone could not be synced.
pub fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let folder = folder_of(path);
    let write = || {
        fs::create_dir_all(folder)?;
        // Before anything is changed: a folder may be there to write into and not to read.
        let entries = File::open(folder)?;
        let beside = beside(path, &format!("tmp-{}", RequestId::random()))?;
        let written = write_synced(&beside, content).and_then(|()| fs::rename(&beside, path));
        if written.is_err() {
            // The error that matters is the first one; a leftover with a random name harms nobody.
            drop(fs::remove_file(&beside));
        }
        written?;
        // Without this the rename itself may be lost with the power.
        entries.sync_all()
    };
    write().map_err(|error| with_path(path, &error))
}

/// Reads the file at `path`, if there is one.
///
/// # Errors
///
/// Those of the file system, and [`io::ErrorKind::FileTooLarge`] over `limit` bytes, with the path in the message.
pub fn read(path: &Path, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let read = || {
        let mut content = Vec::new();
        File::open(path)?.take(limit.saturating_add(1)).read_to_end(&mut content)?;
        if u64::try_from(content.len()).is_ok_and(|len| len <= limit) {
            Ok(content)
        } else {
            Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("larger than {limit} bytes")))
        }
    };
    match read() {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(with_path(path, &error)),
    }
}

/// Moves a file that cannot be used out of the way, to `<name>.corrupt-<seconds>`, and returns where it is now.
///
/// # Errors
///
/// Those of the file system, with the path in the message.
pub fn keep_aside(path: &Path, now: Moment) -> io::Result<PathBuf> {
    let keep = || {
        let mut aside = beside(path, &format!("corrupt-{}", now.unix_seconds()))?;
        if aside.exists() {
            // A second one within the same second must not replace the first: it may hold what the first lost.
            aside =
                beside(path, &format!("corrupt-{}-{}", now.unix_seconds(), RequestId::random()))?;
        }
        fs::rename(path, &aside)?;
        Ok(aside)
    };
    keep().map_err(|error: io::Error| with_path(path, &error))
}

fn write_synced(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // What these files hold (addresses, user ids) is nobody else's business.
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn beside(path: &Path, suffix: &str) -> io::Result<PathBuf> {
    let name = path
        .file_name()
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "not the name of a file"))?;
    let mut name = name.to_os_string();
    name.push(".");
    name.push(suffix);
    Ok(path.with_file_name(name))
}

fn with_path(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
