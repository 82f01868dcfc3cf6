//! The file that is open: what stands at its path, and how far it is written.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::Path,
};

/// An open file.
#[derive(Debug)]
pub(crate) struct Open {
    file: File,
    pub(crate) size: u64,
    /// Whether the last line was cut off and has no end.
    pub(crate) is_torn: bool,
}

// === impl Open ===

impl Open {
    /// Opens the file at `path`, or makes it.
    pub(crate) fn at(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.append(true).read(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = match options.open(path) {
            // A file that is made is never made behind a link: then there is something at the path already.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                options.create_new(true).open(path)?
            }
            opened => opened?,
        };
        let metadata = file.metadata()?;
        // Whoever put a link there in the meantime gets nothing written.
        if !metadata.is_file() || !is_same(&metadata, &fs::symlink_metadata(path)?) {
            return Err(no_file());
        }
        #[cfg(unix)]
        own(&file, &metadata)?;
        let size = metadata.len();
        let is_torn = size > 0 && {
            let mut last = [0];
            file.seek(SeekFrom::End(-1))?;
            file.read_exact(&mut last)?;
            last != *b"\n"
        };
        Ok(Self { file, size, is_torn })
    }

    /// Whether it is what stands `there` at the path.
    pub(crate) fn is_still(&mut self, there: &fs::Metadata) -> io::Result<bool> {
        if !is_same(&self.file.metadata()?, there) {
            return Ok(false);
        }
        // Others may have written, or emptied it.
        if self.size != there.len() {
            self.size = there.len();
            self.is_torn = false;
        }
        Ok(true)
    }

    /// Writes as much as can be written.
    pub(crate) fn append(&mut self, bytes: &[u8]) -> (usize, io::Result<()>) {
        let mut written = 0_usize;
        while let Some(rest) = bytes.get(written..).filter(|rest| !rest.is_empty()) {
            match self.file.write(rest) {
                Ok(0) => return (written, Err(io::ErrorKind::WriteZero.into())),
                Ok(more) => written = written.saturating_add(more),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return (written, Err(error)),
            }
        }
        self.size = self.size.saturating_add(as_bytes(written));
        self.is_torn = false;
        (written, Ok(()))
    }

    /// Takes back the part of a line that was written behind `whole` bytes; where that cannot be, the next line begins with a
    /// line break.
    pub(crate) fn take_back(&mut self, written: usize, whole: usize) {
        let was = self.size;
        let Ok(metadata) = self.file.metadata() else { return };
        self.size = metadata.len();
        // Nobody else wrote meanwhile: what stands at the end is ours.
        let is_ours = self.size == was.saturating_add(as_bytes(written));
        let end = was.saturating_add(as_bytes(whole));
        if is_ours && (written == whole || self.file.set_len(end).is_ok()) {
            self.size = end;
            self.is_torn &= whole == 0;
        } else {
            self.is_torn |= written > whole;
        }
    }
}

/// Sees to it that nobody else can read it, if others made it.
#[cfg(unix)]
fn own(file: &File, metadata: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut permissions = metadata.permissions();
    if permissions.mode() & 0o777 == 0o600 {
        return Ok(());
    }
    permissions.set_mode(0o600);
    file.set_permissions(permissions)
}

#[cfg(unix)]
fn is_same(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (one.dev(), one.ino()) == (other.dev(), other.ino()) && other.is_file()
}

/// Nothing names a file there: what is open is what is written.
#[cfg(not(unix))]
fn is_same(_: &fs::Metadata, other: &fs::Metadata) -> bool {
    other.is_file()
}

/// What stands at the path is no file.
pub(crate) fn no_file() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "what stands there is no plain file")
}

/// A length in bytes of a file.
pub(crate) fn as_bytes(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
