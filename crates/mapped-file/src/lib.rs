//! Maps a private copy of a file into memory, so that nobody can pull it away from under the process.
//!
//! A large file that is only read (a database of addresses) is better mapped than read: the pages that nobody asks for take no
//! memory, the system may drop and fetch again those that somebody did, and processes that are forked share them. But a
//! mapping of a file that somebody else may write to is undefined behaviour in Rust, and one that somebody truncates ends the
//! process with SIGBUS. So this crate never maps the file itself.
//!
//! # Rules
//!
//! 1. The file is copied into a new file without a name, in a folder that is given. Nobody else can open that one, so nobody can
//!    write to it or truncate it. Where the file system can, the copy shares the blocks of the original.
//! 2. A file over the limit that is given is an error, and so is a path that is no regular file: a pipe would never end.
//! 3. The copy is mapped read-only, and its descriptor is closed. Its space on the disk is given back when the mapping goes, also
//!    when the process is killed.
//! 4. What happens to the original afterwards changes nothing: it may be overwritten, truncated or removed.
//!
//! # Place in the stack
//!
//! None: it is what `palisade-geo` reads a database with.
//!
//! # Deployment caveat
//!
//! The folder needs room for the copy, and is on a file system of this machine, not of a network. On a file system in memory (tmpfs) the
//! copy is memory, and nothing is gained over reading. A disk that fails under a mapping ends the process, as one that fails under the program's own text does.
//!
//! # What it buys
//!
//! This is the one crate of Palisade with an `unsafe` block. `cargo run -p palisade-mapped-file --example mapped_or_read` opens a file
//! of 64 MiB that is in the system's cache (ext4, 2 cores), and asks for one page in 64: read into memory it takes 65 544 KiB of the
//! process's own and 82 ms to open, as a mapped copy 0 KiB and 35 ms.
//!
//! The test `a_mapped_file_takes_no_memory_of_its_own` asserts the memory side on Linux.
//!
//! # Example
//!
//! ```
//! use palisade_mapped_file::MappedFile;
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("some.mmdb");
//! # std::fs::write(&path, b"some bytes")?;
//! let mapped = MappedFile::copy_of(&path, folder.path(), 1 << 30)?;
//! std::fs::write(&path, b"")?; // Whoever truncates it now harms nobody.
//! assert_eq!(mapped.as_ref(), b"some bytes");
//! # Ok::<_, std::io::Error>(())
//! ```
//!
//! # Not done here
//!
//! - Mapping a file in place: no advisory lock keeps others from truncating it.
//! - Writing: [`palisade_core::atomic_file`](https://docs.rs/palisade-core) replaces files.

#![cfg_attr(docsrs, feature(doc_cfg))]

use std::{
    fmt,
    fs::{self, File},
    io::{self, Read},
    path::Path,
};

use memmap2::Mmap;

/// A private copy of a file, mapped into memory. See the [crate docs](crate).
pub struct MappedFile {
    map: Mmap,
}

// === impl MappedFile ===

impl MappedFile {
    /// Copies the file at `path`, which has at most `limit` bytes, into a nameless file in `folder`, and maps that one. Blocks for
    /// as long as the copy takes.
    ///
    /// # Errors
    ///
    /// Those of the file system, [`io::ErrorKind::FileTooLarge`] over `limit`, and [`io::ErrorKind::InvalidInput`] for what is no
    /// regular file; with the path in the message, or that of the folder where the folder is at fault. That there is no room in it is
    /// [`io::ErrorKind::StorageFull`] or [`io::ErrorKind::QuotaExceeded`].
    pub fn copy_of(path: &Path, folder: &Path, limit: u64) -> io::Result<Self> {
        let copied = copy(path, folder, limit)?;
        map(&copied).map(|map| Self { map }).map_err(|error| with_path(path, &error))
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.map.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.map.is_empty()
    }
}

impl AsRef<[u8]> for MappedFile {
    fn as_ref(&self) -> &[u8] {
        &self.map
    }
}

impl fmt::Debug for MappedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the bytes.
        f.debug_struct("MappedFile").field("len", &self.len()).finish()
    }
}

/// A copy that has no name: nobody but this process has ever had a descriptor of it.
fn copy(path: &Path, folder: &Path, limit: u64) -> io::Result<File> {
    let of_file = |error: io::Error| with_path(path, &error);
    // Before it is opened: to open a pipe waits for who writes into it.
    if !fs::metadata(path).map_err(of_file)?.is_file() {
        let error = io::Error::new(io::ErrorKind::InvalidInput, "not a regular file");
        return Err(of_file(error));
    }
    let original = File::open(path).map_err(of_file)?;
    let made = tempfile::tempfile_in(folder);
    let mut copied = made.map_err(|error| with_path(folder, &without_a_name(&error)))?;
    let len = io::copy(&mut original.take(limit.saturating_add(1)), &mut copied);
    if len.map_err(|error| of_room(folder, &error).unwrap_or_else(|| of_file(error)))? > limit {
        let message = format!("larger than {limit} bytes");
        return Err(of_file(io::Error::new(io::ErrorKind::FileTooLarge, message)));
    }
    Ok(copied)
}

/// What is wrong with the folder, if it is: a full disk, a quota, or the most that the system lets this process write.
fn of_room(folder: &Path, error: &io::Error) -> Option<io::Error> {
    use io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
    match error.kind() {
        StorageFull | QuotaExceeded => Some(with_path(folder, error)),
        // To the caller, `FileTooLarge` says that the original is.
        FileTooLarge => Some(with_path(folder, &io::Error::new(StorageFull, error.to_string()))),
        _ => None,
    }
}

/// Without the random name that was tried: another one each time, and it says nothing.
fn without_a_name(error: &io::Error) -> io::Error {
    let message = error.to_string();
    let told = message.split(" at path ").next().unwrap_or(&message);
    io::Error::new(error.kind(), told)
}

#[expect(unsafe_code, reason = "to map a file is unsafe, unless nobody else can reach it")]
fn map(private: &File) -> io::Result<Mmap> {
    // SAFETY: the bytes of a mapping must not change while it is there, and the file must not become shorter. `private` was made
    // by `copy`: it has no name (on file systems without such files a random one for an instant, readable by this user alone), its
    // descriptor was given to nobody, nothing here writes to it any more, and it is closed as soon
    // as it is mapped. That holds on file systems of this machine: on one of a network, the server may change or lose what lies
    // there, so the folder must be local. (A debugger or root could reach it by /proc, as they could reach any memory of the process.)
    unsafe { Mmap::map(private) }
}

fn with_path(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
