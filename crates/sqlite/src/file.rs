//! The files of a database: nobody else's business, and kept aside if they are damaged.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Read},
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use palisade_core::{Moment, RequestId};

/// What a database is made of: itself, what is written ahead, and what its readers share.
#[derive(Clone, Debug)]
pub(crate) struct DatabaseFile {
    path: PathBuf,
}

/// Which file it is, whatever its name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Identity {
    #[cfg(unix)]
    device: u64,
    #[cfg(unix)]
    inode: u64,
}

/// What stands behind the name of the file that is written ahead, and of the one that readers share.
const WAL: &str = "-wal";
const SHARED: &str = "-shm";
/// What stands behind the name of one that was damaged, before the second of that.
const CORRUPT: &str = ".corrupt-";
/// Locked by who keeps a file aside.
const LOCK: &str = ".lock";
/// The most damaged files that are kept.
const MOST_KEPT: usize = 3;
/// What a database of `SQLite` begins with.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

// === impl DatabaseFile ===

impl DatabaseFile {
    pub(crate) fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether there is something else than a database, as far as its first bytes tell. To be asked before a connection is open:
    /// who closes a file gives up the locks that the process has on it.
    pub(crate) fn is_foreign(&self) -> io::Result<bool> {
        let file = match File::open(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            file => file?,
        };
        if file.metadata()?.is_dir() {
            return Ok(false);
        }
        let mut begin = Vec::with_capacity(MAGIC.len());
        file.take(16).read_to_end(&mut begin)?;
        Ok(!begin.is_empty() && begin != MAGIC)
    }

    /// Makes the folder and an empty file, if they are not there. `SQLite` makes the others as this one is.
    pub(crate) fn prepare(&self) -> io::Result<()> {
        if let Some(folder) = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder)?;
        }
        match private().create_new(true).open(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        }
    }

    /// Takes the files from everybody else: addresses, users and what they read, who runs the server may know.
    pub(crate) fn make_private(&self) -> io::Result<()> {
        #[cfg(unix)]
        for path in [self.path.clone(), self.beside(WAL), self.beside(SHARED)] {
            use std::os::unix::fs::PermissionsExt;
            match fs::set_permissions(path, fs::Permissions::from_mode(0o600)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Which file stands there; none, if none does.
    pub(crate) fn identity(&self) -> io::Result<Option<Identity>> {
        match fs::metadata(&self.path) {
            #[cfg(unix)]
            Ok(metadata) => {
                use std::os::unix::fs::MetadataExt;
                Ok(Some(Identity { device: metadata.dev(), inode: metadata.ino() }))
            }
            #[cfg(not(unix))]
            Ok(_) => Ok(Some(Identity {})),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Keeps others from keeping it aside, until what is returned is dropped.
    pub(crate) fn lock(&self, patience: Duration) -> io::Result<File> {
        let file = private().create(true).open(self.beside(LOCK))?;
        let (tell, told) = mpsc::sync_channel(0);
        // Locks know no patience. Whoever waits too long is told nothing, and lets go again.
        thread::Builder::new().name("palisade-lock".to_owned()).spawn(move || {
            let locked = file.lock().map(|()| file);
            drop(tell.send(locked));
        })?;
        told.recv_timeout(patience).unwrap_or_else(|_| {
            let busy = "another process is about to keep it aside";
            Err(io::Error::new(io::ErrorKind::WouldBlock, busy))
        })
    }

    /// Moves all of it out of the way, and says where it is now. What is written ahead goes first: it must not be taken for that of
    /// the next file.
    pub(crate) fn keep_aside(&self, now: Moment) -> io::Result<PathBuf> {
        let mut aside = self.beside(&format!("{CORRUPT}{}", now.unix_seconds()));
        if aside.exists() {
            // A second one within the same second must not replace the first: it may hold what the first lost.
            aside = named(&aside, &format!("-{}", RequestId::random()));
        }
        for moved in
            [fs::rename(self.beside(WAL), named(&aside, WAL)), fs::remove_file(self.beside(SHARED))]
        {
            match moved {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        fs::rename(&self.path, &aside)?;
        Ok(aside)
    }

    /// Removes what was kept aside before `oldest`, and all but the latest few.
    pub(crate) fn forget_kept_aside(&self, oldest: Option<SystemTime>) -> io::Result<()> {
        let oldest = oldest.and_then(|oldest| oldest.duration_since(UNIX_EPOCH).ok());
        let oldest = oldest.map_or(0, |oldest| oldest.as_secs());
        let mut kept = self.kept_aside()?;
        kept.sort_unstable_by(|one, other| other.cmp(one));
        let gone = kept
            .iter()
            .enumerate()
            .filter(|(place, (seconds, _))| *place >= MOST_KEPT || *seconds < oldest);
        for (_, (_, path)) in gone {
            // The database last: as long as it is there, the next call finds it.
            for path in [named(path, SHARED), named(path, WAL), path.clone()] {
                match fs::remove_file(path) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// Those that were kept aside, with the second of that.
    fn kept_aside(&self) -> io::Result<Vec<(u64, PathBuf)>> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let begin = self.beside(CORRUPT);
        let Some(begin) = begin.file_name().and_then(|name| name.to_str()) else {
            return Ok(Vec::new());
        };
        let mut kept = Vec::new();
        for entry in fs::read_dir(folder.unwrap_or(Path::new(".")))? {
            let entry = entry?;
            let name = entry.file_name();
            let Some(rest) = name.to_str().and_then(|name| name.strip_prefix(begin)) else {
                continue;
            };
            if rest.ends_with(WAL) || rest.ends_with(SHARED) {
                continue;
            }
            let seconds = rest.split('-').next().unwrap_or_default();
            if let Ok(seconds) = seconds.parse() {
                kept.push((seconds, entry.path()));
            }
        }
        Ok(kept)
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

/// A file that is its owner's alone, if it is made.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options
}

fn named(path: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(path.as_os_str());
    name.push(end);
    PathBuf::from(name)
}
