//! The file that lines are appended to, and the older ones beside it.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use palisade_core::ConfigError;

use crate::Line;

/// A file of less could not take every line.
const LEAST_SIZE: u64 = 64 * 1024;
/// The most files that are kept.
const MOST_FILES: u32 = 1000;
/// Written at once.
const PORTION: usize = 64 * 1024;

/// A file for the security log, and how many older ones are kept beside it.
///
/// The file is `security.log`, say, and the one before it `security.log.1`. It is made readable to its owner alone, and is
/// never one behind a symbolic link. A file that is moved away or deleted is made anew, so that other programs may rotate it
/// instead, without a signal.
#[derive(Clone, Debug)]
pub struct LogFile {
    path: PathBuf,
    max_size: u64,
    files: u32,
}

/// The file while it is written.
#[derive(Debug)]
pub(crate) struct Appender {
    options: LogFile,
    open: Option<Open>,
    portion: String,
}

#[derive(Debug)]
struct Open {
    file: File,
    size: u64,
    /// Whether the last line was cut off and has no end.
    is_torn: bool,
}

// === impl LogFile ===

impl LogFile {
    /// Appends to the file at `path`: 10 MB at most, and five files of it, unless said otherwise.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), max_size: 10 << 20, files: 5 }
    }

    /// The most bytes of one file: 64 KiB at least.
    #[must_use]
    pub fn max_size(self, bytes: u64) -> Self {
        Self { max_size: bytes, ..self }
    }

    /// How many files there are at most, with the one that is written: 1 to 1000.
    #[must_use]
    pub fn files(self, files: u32) -> Self {
        Self { files, ..self }
    }

    /// Opens it: a path that cannot be written to is a mistake in the configuration.
    pub(crate) fn open(self) -> Result<Appender, ConfigError> {
        if self.max_size < LEAST_SIZE {
            let expected = format!("at least {LEAST_SIZE} bytes");
            let error = ConfigError::new("size of a log file", self.max_size.to_string());
            return Err(error.expected(expected));
        }
        if !(1..=MOST_FILES).contains(&self.files) {
            let error = ConfigError::new("number of log files", self.files.to_string());
            return Err(error.expected(format!("1 to {MOST_FILES}")));
        }
        let mut appender = Appender { options: self, open: None, portion: String::new() };
        if let Err(error) = appender.ready() {
            let path = appender.options.path.display().to_string();
            let expected = format!("a file that can be written to ({error})");
            return Err(ConfigError::new("log file", path).expected(expected));
        }
        Ok(appender)
    }
}

// === impl Appender ===

impl Appender {
    /// Appends whole lines. How many of them are in the file, and why not all.
    pub(crate) fn write(&mut self, lines: &[Arc<Line>]) -> (usize, io::Result<()>) {
        let mut written = 0_usize;
        let mut rest = lines;
        while !rest.is_empty() {
            let (lines, result) = self.write_portion(rest);
            written = written.saturating_add(lines);
            if let Err(error) = result {
                return (written, Err(error));
            }
            rest = rest.get(lines..).unwrap_or_default();
        }
        (written, Ok(()))
    }

    /// Appends as many lines as fit into the file, up to a portion.
    fn write_portion(&mut self, lines: &[Arc<Line>]) -> (usize, io::Result<()>) {
        let first = lines.first().map_or(0, |line| as_bytes(line.len()));
        if let Err(error) = self.ready().and_then(|()| self.make_room(first)) {
            return (0, Err(error));
        }
        let Some(open) = &mut self.open else { return (0, Err(io::ErrorKind::NotFound.into())) };
        self.portion.clear();
        if open.is_torn {
            self.portion.push('\n');
        }
        let mut ends = Vec::new();
        for line in lines {
            let size = self.portion.len().saturating_add(line.len());
            let is_full = open.size.saturating_add(as_bytes(size)) > self.options.max_size;
            if !ends.is_empty() && (size > PORTION || is_full) {
                break;
            }
            self.portion.push_str(line.json());
            self.portion.push('\n');
            ends.push(self.portion.len());
        }
        let (bytes, result) = open.append(self.portion.as_bytes());
        let whole = ends.iter().take_while(|end| **end <= bytes).count();
        if result.is_err() {
            let end = whole.checked_sub(1).and_then(|last| ends.get(last)).copied();
            open.take_back(bytes, end.unwrap_or(0));
        }
        (whole, result)
    }

    /// Sees to it that what is open is what stands at the path.
    fn ready(&mut self) -> io::Result<()> {
        let there = match fs::symlink_metadata(&self.options.path) {
            Ok(there) if !there.is_file() => return Err(no_file()),
            Ok(there) => Some(there),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let open = self.open.take();
        if let Some((mut open, there)) = open.zip(there)
            && is_same(&open.file.metadata()?, &there)
        {
            // Others may have written, or emptied it.
            if open.size != there.len() {
                open.size = there.len();
                open.is_torn = false;
            }
            self.open = Some(open);
            return Ok(());
        }
        self.open = Some(Open::at(&self.options.path)?);
        Ok(())
    }

    /// Begins a new file if the next line does not fit into this one.
    fn make_room(&mut self, line: u64) -> io::Result<()> {
        let Some(open) = &self.open else { return Ok(()) };
        let newline = u64::from(open.is_torn);
        let size = open.size.saturating_add(newline).saturating_add(line);
        if open.size == 0 || size <= self.options.max_size {
            return Ok(());
        }
        self.open = None;
        self.rotate()?;
        self.ready()
    }

    /// Each file becomes the one before it; the oldest goes.
    fn rotate(&self) -> io::Result<()> {
        let path = &self.options.path;
        let oldest = self.options.files.saturating_sub(1);
        if oldest == 0 {
            return fs::remove_file(path);
        }
        for number in (1..oldest).rev() {
            match fs::rename(older(path, number), older(path, number.saturating_add(1))) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        fs::rename(path, older(path, 1))
    }
}

// === impl Open ===

impl Open {
    fn at(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.append(true).read(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path)?;
        let metadata = file.metadata()?;
        // Whoever put a link there in the meantime gets nothing written.
        if !metadata.is_file() || !is_same(&metadata, &fs::symlink_metadata(path)?) {
            return Err(no_file());
        }
        let size = metadata.len();
        let is_torn = size > 0 && {
            let mut last = [0];
            file.seek(SeekFrom::End(-1))?;
            file.read_exact(&mut last)?;
            last != *b"\n"
        };
        Ok(Self { file, size, is_torn })
    }

    /// Writes as much as can be written.
    fn append(&mut self, bytes: &[u8]) -> (usize, io::Result<()>) {
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
    fn take_back(&mut self, written: usize, whole: usize) {
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

/// The name of the file that was written `number` files ago.
fn older(path: &Path, number: u32) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(format!(".{number}"));
    name.into()
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

fn no_file() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "what stands there is no plain file")
}

fn as_bytes(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}
