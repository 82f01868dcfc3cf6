//! One process at a time changes the file of keys.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use palisade_core::Clock;

/// The file is written within milliseconds: a lock that is older was left behind by a process that died.
const ABANDONED: Duration = Duration::from_secs(10);

/// Held while the file is looked at and replaced: without it, what another process writes between the two is lost. A file
/// beside it, `<name>.lock`, which one process alone can make.
///
/// The operating system's own lock ends with its process, but `File::lock` came with Rust 1.89, and this builds with 1.88.
#[derive(Debug)]
pub(crate) struct FileLock {
    path: PathBuf,
}

// === impl FileLock ===

impl FileLock {
    /// Takes the lock of the file at `path`, unless somebody has it. Two who find it abandoned in the same moment may both
    /// take it: that is as if there were none.
    pub(crate) fn take(path: &Path) -> io::Result<Option<Self>> {
        let mut name = path.as_os_str().to_owned();
        name.push(".lock");
        let lock = PathBuf::from(name);
        let with_path =
            |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", lock.display()));
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(with_path)?;
        }
        let mut made = File::create_new(&lock);
        if is_taken(&made) && is_abandoned(&lock) {
            // Whether somebody else was faster shows next.
            drop(fs::remove_file(&lock));
            made = File::create_new(&lock);
        }
        if is_taken(&made) {
            return Ok(None);
        }
        made.map_err(with_path)?;
        Ok(Some(Self { path: lock }))
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // One that stays is abandoned in a while.
        drop(fs::remove_file(&self.path));
    }
}

fn is_taken(made: &io::Result<File>) -> bool {
    made.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::AlreadyExists)
}

fn is_abandoned(lock: &Path) -> bool {
    let modified = fs::symlink_metadata(lock).and_then(|metadata| metadata.modified());
    let now = Clock::system().now().wall();
    modified.is_ok_and(|modified| {
        // In the future, too: a clock that was set back must not keep the lock for ever.
        let age = now.duration_since(modified).unwrap_or_else(|error| error.duration());
        age > ABANDONED
    })
}
