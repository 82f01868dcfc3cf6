//! A log as a file: one JSON object a line, with a member for each column.

use std::io::{self, BufRead, Write};

use crate::{Record, bounded_lines::BoundedLines};

/// The most bytes of a line. The largest record has about half of it.
const LONGEST_LINE: usize = 64 * 1024;

/// The records of an export, in its order. A line that is no record is an error, and the next one goes on behind it.
#[derive(Debug)]
pub struct Exported<R> {
    lines: BoundedLines<R>,
    line: u64,
    is_over: bool,
}

/// Why there is no record.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// A line is none, or longer than 64 KiB.
    #[error("line {line} is no record")]
    Unreadable {
        /// Which, from 1.
        line: u64,
    },
    /// The file cannot be read.
    #[error(transparent)]
    Io(#[from] io::Error),
}

// === impl Exported ===

impl<R: BufRead> Exported<R> {
    /// Reads `file`.
    #[must_use]
    pub const fn new(file: R) -> Self {
        Self { lines: BoundedLines::new(file, LONGEST_LINE), line: 0, is_over: false }
    }
}

impl<R: BufRead> Iterator for Exported<R> {
    type Item = Result<Record, ExportError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        self.line = self.line.saturating_add(1);
        let line = self.lines.next()?;
        self.is_over = line.is_err();
        Some(line.map_err(ExportError::Io).and_then(|line| {
            let read = line.and_then(|line| serde_json::from_slice(&line).ok());
            read.ok_or(ExportError::Unreadable { line: self.line })
        }))
    }
}

impl Record {
    /// Writes the record as a line of an export.
    ///
    /// # Errors
    ///
    /// Those of what is written to.
    pub fn write_line(&self, mut out: impl Write) -> io::Result<()> {
        out.write_all(&self.to_line()?)
    }

    pub(crate) fn to_line(&self) -> io::Result<Vec<u8>> {
        let mut line = serde_json::to_vec(self)?;
        line.push(b'\n');
        Ok(line)
    }
}
