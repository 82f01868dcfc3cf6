//! The files of a database: nobody else's business, and kept aside if they are damaged.

use std::{
    ffi::OsString,
    fs::{self, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use palisade_core::{Moment, atomic_file};

/// What a database is made of: itself, what is written ahead, and what its readers share.
#[derive(Clone, Debug)]
pub(crate) struct DatabaseFile {
    path: PathBuf,
}

/// What stands behind the name of the file that is written ahead, and of the one that readers share.
const WAL: &str = "-wal";
const SHARED: &str = "-shm";

// === impl DatabaseFile ===

impl DatabaseFile {
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the folder and an empty file, if they are not there. `SQLite` makes the others as this one is.
    pub(crate) fn prepare(&self) -> io::Result<()> {
        if let Some(folder) = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder)?;
        }
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
            // Addresses, users and what they read: who runs the server may know.
            options.mode(0o600);
            drop(options.open(&self.path)?);
            for path in [self.path.clone(), self.beside(WAL), self.beside(SHARED)] {
                match fs::set_permissions(path, fs::Permissions::from_mode(0o600)) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
            }
        }
        #[cfg(not(unix))]
        drop(options.open(&self.path)?);
        Ok(())
    }

    /// Moves all of it out of the way, and says where it is now.
    pub(crate) fn keep_aside(&self, now: Moment) -> io::Result<PathBuf> {
        let aside = atomic_file::keep_aside(&self.path, now)?;
        for (end, to) in [(WAL, Some(named(&aside, WAL))), (SHARED, None)] {
            let moved = match to {
                Some(to) => fs::rename(self.beside(end), to),
                None => fs::remove_file(self.beside(end)),
            };
            match moved {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(aside)
    }

    /// How many bytes it takes on disk.
    pub(crate) fn bytes(&self) -> u64 {
        let of = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
        of(&self.path).saturating_add(of(&self.beside(WAL)))
    }

    fn beside(&self, end: &str) -> PathBuf {
        named(&self.path, end)
    }
}

fn named(path: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(path.as_os_str());
    name.push(end);
    PathBuf::from(name)
}
