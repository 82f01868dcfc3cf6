//! What commands print: an output that nobody reads, or that is full, is no crash.

use std::{
    fmt,
    io::{self, ErrorKind, Write},
};

use crate::app::StartError;

/// Prints `text` and ends the line. Who stopped reading, as `head` does, has what he wanted.
///
/// # Errors
///
/// Any other reason why it cannot be written: a disk that is full.
pub(crate) fn line(text: impl fmt::Display) -> Result<(), StartError> {
    match write(text) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(|error| failure(&error)),
    }
}

/// Prints what is shown once and never again.
///
/// # Errors
///
/// Any reason why nobody can have read it.
pub(crate) fn once(text: impl fmt::Display) -> Result<(), StartError> {
    write(text).map_err(|error| failure(&error))
}

fn write(text: impl fmt::Display) -> io::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "{text}")?;
    output.flush()
}

fn failure(error: &io::Error) -> StartError {
    format!("nothing can be written to the standard output: {error}").into()
}
