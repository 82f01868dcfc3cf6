//! The file that lines are appended to, and the older ones beside it.

use std::{ffi::OsString, fs, io, path::PathBuf, sync::Arc};

use palisade_core::ConfigError;

use crate::{
    Line,
    open::{Open, as_bytes, no_file},
    rotation::Rotation,
};

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
/// instead, without a signal; but at the start, numbers that are too high for what is kept are deleted.
///
/// Beside it stands `security-kept.log`, as large and with as many older ones: a copy of what is never folded (errors, `admin.`
/// and `ban.`), so that nobody rotates it away by causing other lines.
#[derive(Clone, Debug)]
pub struct LogFile {
    place: Rotation,
    max_size: u64,
}

/// The file while it is written.
#[derive(Debug)]
pub(crate) struct Appender {
    options: LogFile,
    open: Option<Open>,
    portion: String,
}

// === impl LogFile ===

impl LogFile {
    /// Appends to the file at `path`: 10 MB at most, and five files of it, unless said otherwise.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { place: Rotation { path: path.into(), files: 5 }, max_size: 10 << 20 }
    }

    /// The most bytes of one file: 64 KiB at least.
    #[must_use]
    pub fn max_size(self, bytes: u64) -> Self {
        Self { max_size: bytes, ..self }
    }

    /// How many files there are at most, with the one that is written: 1 to 1000.
    #[must_use]
    pub fn files(self, files: u32) -> Self {
        Self { place: Rotation { files, ..self.place }, ..self }
    }

    /// The file for what is never folded: `security-kept.log` beside `security.log`.
    pub(crate) fn kept(&self) -> Self {
        let path = &self.place.path;
        let mut name = OsString::from(path.file_stem().unwrap_or_default());
        name.push("-kept");
        if let Some(ending) = path.extension() {
            name.push(".");
            name.push(ending);
        }
        let path = path.with_file_name(name);
        Self { place: Rotation { path, ..self.place }, ..*self }
    }

    /// Opens it: a path that cannot be written to is a mistake in the configuration.
    pub(crate) fn open(self) -> Result<Appender, ConfigError> {
        if self.max_size < LEAST_SIZE {
            let expected = format!("at least {LEAST_SIZE} bytes");
            let error = ConfigError::new("size of a log file", self.max_size.to_string());
            return Err(error.expected(expected));
        }
        if !(1..=MOST_FILES).contains(&self.place.files) {
            let error = ConfigError::new("number of log files", self.place.files.to_string());
            return Err(error.expected(format!("1 to {MOST_FILES}")));
        }
        let mut appender = Appender { options: self, open: None, portion: String::new() };
        let place = &appender.options.place;
        if let Err(error) = place.tidy().and_then(|()| appender.ready()) {
            let path = appender.options.place.path.display().to_string();
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
        let there = match fs::symlink_metadata(&self.options.place.path) {
            Ok(there) if !there.is_file() => return Err(no_file()),
            Ok(there) => Some(there),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let open = self.open.take();
        if let Some((mut open, there)) = open.zip(there)
            && open.is_still(&there)?
        {
            self.open = Some(open);
            return Ok(());
        }
        self.open = Some(Open::at(&self.options.place.path)?);
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
        self.options.place.turn(|from, to| fs::rename(from, to))?;
        self.ready()
    }
}
