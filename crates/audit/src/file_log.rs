//! A log for programs without a database: a file of lines.

use std::{
    fs::{self, File, TryLockError},
    io::{self, BufRead, BufReader, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use palisade_core::{Clock, atomic_file};

use crate::{Actor, Event, Exported, Head, LogId, Person, Record, Report, Verifier, own_file};

/// The most bytes of the file.
const LIMIT: u64 = 256 * 1024 * 1024;

/// A log in a file: a line of JSON for each record, as an export has it, written through to the disk.
///
/// One process has it at a time. When it is opened, all of it is verified, and a line whose end is missing is taken back: it was
/// never acknowledged. A log that is not whole is gone on with, behind its last record: what is wrong stays in it, and
/// [`opening`](Self::opening) tells of it.
#[derive(Debug)]
pub struct FileLog {
    path: PathBuf,
    clock: Clock,
    log: LogId,
    opening: Report,
    taken_back: u64,
    open: Mutex<Open>,
    _lock: File,
}

#[derive(Debug)]
struct Open {
    file: File,
    size: u64,
    head: Head,
}

/// Why a log in a file does not do what it should.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileLogError {
    /// Another process has it.
    #[error("another process has this log")]
    Busy,
    /// What stands there does not begin as a log does, and is left as it is.
    #[error("the file is no log")]
    Foreign,
    /// There is no room: nothing is removed from a log by itself.
    #[error("there is no room for more than {limit} bytes")]
    Full {
        /// The most bytes.
        limit: u64,
    },
    /// The file cannot be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

// === impl FileLog ===

impl FileLog {
    /// Opens the log at `path`, or begins one. Blocks while it is verified: about a second for 100 MB.
    ///
    /// # Errors
    ///
    /// If another process has it, it is no log, or it cannot be read and written.
    pub fn open(path: impl Into<PathBuf>, clock: Clock) -> Result<Self, FileLogError> {
        let path = path.into();
        let lock = lock(&path)?;
        let mut file = own_file::open(&path)?;
        if !begins_as_a_log(&mut file)? {
            return Err(FileLogError::Foreign);
        }
        let (size, taken_back) = heal(&mut file)?;
        file.seek(SeekFrom::Start(0))?;
        let mut verifier = Verifier::new(&[]);
        verifier.take_export(BufReader::new(&file))?;
        let opening = verifier.finish();
        let log = opening.log().unwrap_or_else(LogId::random);
        let head = opening.head().unwrap_or(Head::empty(log));
        let open = Mutex::new(Open { file, size, head });
        Ok(Self { path, clock, log, opening, taken_back, open, _lock: lock })
    }

    /// What was found when it was opened.
    #[must_use]
    pub const fn opening(&self) -> &Report {
        &self.opening
    }

    /// How many bytes of a line without an end were taken back when it was opened: 0 unless a write was interrupted.
    #[must_use]
    pub const fn taken_back(&self) -> u64 {
        self.taken_back
    }

    /// Its name.
    #[must_use]
    pub const fn id(&self) -> LogId {
        self.log
    }

    /// Its end: what a [`Checkpoint`](crate::Checkpoint) is made of.
    #[must_use]
    pub fn head(&self) -> Head {
        self.alone().head
    }

    /// Adds what happened. Blocks until the disk has it.
    ///
    /// # Errors
    ///
    /// If it is not kept: then what it tells of must not happen.
    pub fn append(&self, event: Event) -> Result<Record, FileLogError> {
        let mut open = self.alone();
        let record = open.head.next(event, self.clock.now().wall());
        let line = record.to_line()?;
        let size = open.size.saturating_add(length(&line));
        if size > LIMIT {
            return Err(FileLogError::Full { limit: LIMIT });
        }
        open.write(&line)?;
        open.head = record.head();
        Ok(record)
    }

    /// Erases `person` from all records, and adds one that says so, by `actor`. How many parts were erased; nothing is added where
    /// there are none. Blocks while the file is written anew.
    ///
    /// # Errors
    ///
    /// If it could not be written, or a line of it is no record: then nothing is erased.
    pub fn erase(&self, person: &Person, actor: Actor) -> Result<u64, FileLogError> {
        let mut open = self.alone();
        let (mut content, mut parts) = (Vec::new(), 0_u64);
        for record in self.up_to(open.size)? {
            let mut record = record.map_err(io::Error::other)?;
            parts = parts.saturating_add(record.erase_person(person));
            record.write_line(&mut content)?;
        }
        if parts == 0 {
            return Ok(0);
        }
        let told = open.head.next(Event::erasure(actor, parts), self.clock.now().wall());
        told.write_line(&mut content)?;
        atomic_file::replace(&self.path, &content)?;
        let mut file = own_file::open(&self.path)?;
        file.seek(SeekFrom::End(0))?;
        *open = Open { file, size: length(&content), head: told.head() };
        Ok(parts)
    }

    /// Reads the records, from the first to that which is the last now.
    ///
    /// # Errors
    ///
    /// If the file cannot be read.
    pub fn records(&self) -> io::Result<Exported<impl BufRead + use<>>> {
        self.up_to(self.alone().size)
    }

    /// Reads the records of the first bytes: behind them one may be in the making.
    fn up_to(&self, size: u64) -> io::Result<Exported<impl BufRead + use<>>> {
        Ok(Exported::new(BufReader::new(File::open(&self.path)?.take(size))))
    }

    fn alone(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Open ===

impl Open {
    /// Adds a line, all of it or nothing.
    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        // What an earlier failure may have left goes, and if it does not, nothing is added behind it.
        self.file.set_len(self.size)?;
        self.file.seek(SeekFrom::Start(self.size))?;
        self.file.write_all(line)?;
        self.file.sync_data()?;
        self.size = self.size.saturating_add(length(line));
        Ok(())
    }
}

/// Whether the file is empty, or begins as a record does: whatever else it is, nothing of it may be taken back.
fn begins_as_a_log(file: &mut File) -> io::Result<bool> {
    const BEGINNING: &[u8] = b"{\"sequence\":";
    let mut beginning = Vec::new();
    file.take(length(BEGINNING)).read_to_end(&mut beginning)?;
    Ok(BEGINNING.starts_with(&beginning))
}

/// Takes back a last line without an end. How many bytes are left, and how many are gone.
fn heal(file: &mut File) -> io::Result<(u64, u64)> {
    let size = file.metadata()?.len();
    let mut end = size;
    let mut block = Vec::new();
    while end > 0 {
        let start = end.saturating_sub(64 * 1024);
        block.clear();
        file.seek(SeekFrom::Start(start))?;
        (&mut *file).take(end.saturating_sub(start)).read_to_end(&mut block)?;
        if let Some(at) = block.iter().rposition(|byte| *byte == b'\n') {
            end = start.saturating_add(length(block.get(..=at).unwrap_or_default()));
            break;
        }
        end = start;
    }
    if end < size {
        file.set_len(end)?;
        file.sync_all()?;
    }
    Ok((end, size.saturating_sub(end)))
}

/// The file of the log is another one after an erasure: what is locked is an empty one beside it.
fn lock(path: &Path) -> Result<File, FileLogError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let lock = own_file::open(Path::new(&name))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(FileLogError::Busy),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
