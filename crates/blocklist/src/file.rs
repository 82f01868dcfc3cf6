//! The list in a file: read at the start, read again when it changes.

use std::{
    fs,
    hash::{DefaultHasher, Hasher},
    io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use palisade_core::{Clock, SECURITY_TARGET, atomic_file};

use crate::{Blocklist, BlocklistError, BlocklistWatch, SharedBlocklist, stamp::Stamp};

/// The most bytes a file may have.
const LIMIT: u64 = 64 * 1024 * 1024;

/// How often the file is read again after a load although it looks unchanged: a second save within the clock tick of the
/// file system leaves the same time and maybe the same size.
const SECOND_LOOKS: u8 = 4;

/// A blocklist in a file. Clones share it.
///
/// At the start a missing file is an empty list and a bad file is an error. Later a bad file, a missing one included,
/// changes nothing but the [status](SharedBlocklist::status): the last good list stays in force. To empty the list,
/// write `{}`.
#[derive(Clone, Debug)]
pub struct BlocklistFile {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    clock: Clock,
    shared: SharedBlocklist,
    /// Held while loading, so that an older version never replaces a newer one.
    seen: Mutex<Seen>,
}

/// What the last load saw.
#[derive(Debug)]
struct Seen {
    stamp: Option<Stamp>,
    content: Content,
    error: Option<BlocklistError>,
    second_looks: u8,
}

#[derive(Debug, Eq, PartialEq)]
enum Content {
    Missing,
    Bytes { hash: u64, len: usize },
    Unreadable(BlocklistError),
}

// === impl BlocklistFile ===

impl BlocklistFile {
    /// Reads the list at `path`. `clock` tells when it was loaded.
    ///
    /// # Errors
    ///
    /// A file that is there but cannot be used: it is no regular file, cannot be read, has more than 64 MiB, or holds a
    /// mistake. A server must not start then: it would start with nobody blocked.
    pub fn open(path: impl Into<PathBuf>, clock: Clock) -> Result<Self, BlocklistError> {
        let (path, shared) = (path.into(), SharedBlocklist::default());
        let stamp = Stamp::of(&path);
        let (content, bytes) = read(&path);
        let list = match (&content, bytes) {
            (Content::Unreadable(error), _) => return Err(error.clone()),
            (_, Some(bytes)) => Blocklist::parse(bytes, &path.to_string_lossy())?,
            (_, None) => Blocklist::default(),
        };
        shared.loaded(list, Some(clock.now()));
        let seen = Seen { stamp, content, error: None, second_looks: SECOND_LOOKS };
        let file = Self { inner: Arc::new(Inner { path, clock, shared, seen: Mutex::new(seen) }) };
        file.log_loaded();
        Ok(file)
    }

    /// The list in force, for policies and status.
    #[must_use]
    pub fn shared(&self) -> SharedBlocklist {
        self.inner.shared.clone()
    }

    /// The path it is read from.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Reads the file again, and puts it in force if it changed and is good. Blocks.
    ///
    /// # Errors
    ///
    /// Why the file as it is now cannot be used; the last good list stays in force.
    pub fn reload(&self) -> Result<(), BlocklistError> {
        let mut seen = self.inner.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.stamp = Stamp::of(&self.inner.path);
        let (content, bytes) = read(&self.inner.path);
        if content == seen.content {
            return seen.error.clone().map_or(Ok(()), Err);
        }
        seen.second_looks = SECOND_LOOKS;
        seen.content = content;
        let source = self.inner.path.to_string_lossy();
        let parsed = match (&seen.content, bytes) {
            (Content::Unreadable(error), _) => Err(error.clone()),
            (_, Some(bytes)) => Blocklist::parse(bytes, &source),
            // Many programs save by removing and writing anew: nobody is to slip through in between.
            (_, None) => Err(BlocklistError::new(
                &source,
                "the file is gone; the last good list stays in force, write `{}` to empty it",
            )),
        };
        seen.error = match parsed {
            Ok(list) => {
                self.inner.shared.loaded(list, Some(self.inner.clock.now()));
                self.log_loaded();
                None
            }
            Err(error) => {
                self.inner.shared.failed(&error, self.inner.clock.now());
                self.log_failed(&error);
                Some(error)
            }
        };
        seen.error.clone().map_or(Ok(()), Err)
    }

    /// Watches the file in a thread of its own: a save is in force within a second, also one that replaces the file by a
    /// rename, and also where the system tells of no changes.
    ///
    /// # Errors
    ///
    /// If the thread cannot be started.
    pub fn watch(&self) -> Result<BlocklistWatch, BlocklistError> {
        BlocklistWatch::start(self.clone())
            .map_err(|error| BlocklistError::io(&self.inner.path.to_string_lossy(), &error))
    }

    /// Whether the file looks different from when it was last read, or was read too recently to tell.
    pub(crate) fn may_have_changed(&self) -> bool {
        let mut seen = self.inner.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.second_looks > 0 {
            seen.second_looks = seen.second_looks.saturating_sub(1);
            return true;
        }
        seen.stamp != Stamp::of(&self.inner.path)
    }

    fn log_loaded(&self) {
        let entries = self.inner.shared.status().entries;
        tracing::info!(
            target: SECURITY_TARGET,
            event = "blocklist.loaded",
            path = %self.inner.path.display(),
            addresses = entries.addresses,
            users = entries.users,
            tokens = entries.tokens,
            countries = entries.countries,
            safe_addresses = entries.safe_addresses,
            "blocklist loaded"
        );
    }

    fn log_failed(&self, error: &BlocklistError) {
        tracing::error!(
            target: SECURITY_TARGET,
            event = "blocklist.refused",
            path = %self.inner.path.display(),
            line = error.line(),
            column = error.column(),
            error = %error,
            "blocklist cannot be used; the last good one stays in force"
        );
    }
}

/// Reads the file, and tells what to compare the next reading with.
fn read(path: &Path) -> (Content, Option<Vec<u8>>) {
    let read = || match fs::metadata(path) {
        // Opening a pipe would wait for its writer for ever.
        Ok(metadata) if !metadata.is_file() => Err(io::Error::other("not a regular file")),
        _ => atomic_file::read(path, LIMIT),
    };
    match read() {
        Ok(Some(bytes)) => {
            let mut hasher = DefaultHasher::new();
            hasher.write(&bytes);
            (Content::Bytes { hash: hasher.finish(), len: bytes.len() }, Some(bytes))
        }
        Ok(None) => (Content::Missing, None),
        Err(error) => {
            (Content::Unreadable(BlocklistError::io(&path.to_string_lossy(), &error)), None)
        }
    }
}
