//! Room on the disk for a large file, given back at the end.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    Failure,
    command::{output, root},
};

/// A folder of its own; it is removed when this is dropped.
pub(super) struct Room {
    folder: PathBuf,
}

// === impl Room ===

impl Room {
    /// In the folder of builds, where there have to be `bytes` to spare.
    pub(super) fn new(bytes: u64) -> Result<Self, Failure> {
        let folder = root().join("target/bench").join(format!("large-{}", std::process::id()));
        fs::create_dir_all(&folder).map_err(|error| said(&folder, &error))?;
        let room = Self { folder };
        let free = free_in(&output("df", &["-Pk", &room.folder.to_string_lossy()])?)
            .ok_or("df does not say how much is free")?;
        if free < bytes {
            let (free, due) = (free >> 20, bytes >> 20);
            let folder = room.folder.display();
            return Err(format!("{due} MiB have to be free at {folder}, and {free} MiB are"));
        }
        Ok(room)
    }

    pub(super) fn path(&self) -> &Path {
        &self.folder
    }

    /// Removes what is in it.
    pub(super) fn clear(&self) -> Result<(), Failure> {
        let cleared = fs::remove_dir_all(&self.folder);
        cleared
            .and_then(|()| fs::create_dir_all(&self.folder))
            .map_err(|error| said(&self.folder, &error))
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            println!("note: {} is left behind: {error}", self.folder.display());
        }
    }
}

/// The bytes that are free, as `df -Pk` writes it.
pub(super) fn free_in(listing: &[u8]) -> Option<u64> {
    let text = String::from_utf8_lossy(listing);
    let kibibytes: u64 = text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
    kibibytes.checked_mul(1024)
}

fn said(folder: &Path, error: &io::Error) -> Failure {
    format!("{}: {error}", folder.display())
}
