//! What the machine takes for the same bytes without a server: one file, written and read by this program.

use std::{
    fs::File,
    io::{BufRead, BufReader, Write},
    path::Path,
};

use crate::{Failure, bench::measure::large::content::Content};

/// So much is read at a time.
const BUFFER: usize = 1 << 20;

/// Writes `length` bytes to the file at `path`; they are on the disk when this returns.
pub(super) fn write(path: &Path, content: &Content, length: u64) -> Result<(), Failure> {
    let written = || {
        let mut file = File::create(path)?;
        content.pieces(0..length).try_for_each(|piece| file.write_all(piece))?;
        file.sync_all()
    };
    written().map_err(|error| format!("{}: {error}", path.display()))
}

/// Reads them again.
pub(super) fn read(path: &Path, content: &Content, length: u64) -> Result<(), Failure> {
    let said = |error: std::io::Error| format!("{}: {error}", path.display());
    let mut file = BufReader::with_capacity(BUFFER, File::open(path).map_err(said)?);
    let mut comparison = content.compare(0..length);
    loop {
        let some = file.fill_buf().map_err(said)?;
        let length = some.len();
        if length == 0 {
            return comparison.finish();
        }
        comparison.take(some)?;
        file.consume(length);
    }
}
