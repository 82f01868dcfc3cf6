//! What tells two versions of a file apart without reading them.

use std::{fs, path::Path, time::SystemTime};

/// When a file was written, how long it is, and which file it is. Links are followed, so the change of one is seen.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Stamp {
    modified: Option<SystemTime>,
    len: u64,
    place: Place,
}

/// Which file it is, and when the system last saw it change: programs that copy set [`modified`](Stamp::modified) back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Place {
    device: u64,
    inode: u64,
    /// Seconds and nanoseconds.
    changed: (i64, i64),
}

// === impl Stamp ===

impl Stamp {
    /// `None` if there is no file, or none that can be looked at.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        Some(Self {
            modified: metadata.modified().ok(),
            len: metadata.len(),
            place: Place::of(&metadata),
        })
    }

    /// Whether it is the same file, be it as it was or changed.
    pub(crate) fn is_same_file(&self, other: &Self) -> bool {
        // Another file system numbers its files anew.
        (self.place.device, self.place.inode) == (other.place.device, other.place.inode)
    }
}

// === impl Place ===

impl Place {
    #[cfg(unix)]
    fn of(metadata: &fs::Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self {
            device: metadata.dev(),
            inode: metadata.ino(),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }

    #[cfg(not(unix))]
    fn of(_: &fs::Metadata) -> Self {
        Self { device: 0, inode: 0, changed: (0, 0) }
    }
}
