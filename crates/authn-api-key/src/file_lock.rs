//! One process at a time changes the file of keys.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

/// Who has it is alone in changing the file: without it, what another process writes between a look and a replacement is
/// lost.
///
/// It is the operating system's own lock, of a file beside it, `<name>.lock`, for the file itself is another one after each
/// change. It ends with the process that has it, and the empty file stays: whoever removed it would part those who wait for
/// it from those who come.
#[derive(Debug)]
pub(crate) struct FileLock {
    path: PathBuf,
}

/// The lock is held until this is dropped.
#[derive(Debug)]
pub(crate) struct Held {
    _file: File,
}

// === impl FileLock ===

impl FileLock {
    /// The lock of the file at `path`.
    pub(crate) fn of(path: &Path) -> Self {
        let mut name = path.as_os_str().to_owned();
        name.push(".lock");
        Self { path: PathBuf::from(name) }
    }

    /// Waits until nobody else has it, in this process or another one.
    pub(crate) fn wait(&self) -> io::Result<Held> {
        self.held().map_err(|error| {
            io::Error::new(error.kind(), format!("{}: {error}", self.path.display()))
        })
    }

    fn held(&self) -> io::Result<Held> {
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let file = for_its_owner().open(&self.path)?;
        file.lock()?;
        Ok(Held { _file: file })
    }
}

/// Who may open it may hold it up.
fn for_its_owner() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}
