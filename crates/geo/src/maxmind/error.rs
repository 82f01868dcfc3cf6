//! Why a database cannot be used.

use std::{
    fmt, io,
    path::{Path, PathBuf},
};

/// Why a database cannot be used: which, and what is wrong with it, on one line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MaxmindError {
    path: PathBuf,
    message: String,
    /// Whether the same file may be fine a little later.
    passing: bool,
}

// === impl MaxmindError ===

impl MaxmindError {
    pub(crate) fn new(path: &Path, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), message: message.into(), passing: false }
    }

    pub(crate) fn io(path: &Path, error: &io::Error) -> Self {
        // Some of these messages begin with the path already; it is told once.
        let message = error.to_string();
        let prefix = format!("{}: ", path.display());
        let message = message.strip_prefix(&prefix).unwrap_or(&message).to_owned();
        let is_the_file =
            matches!(error.kind(), io::ErrorKind::FileTooLarge | io::ErrorKind::InvalidInput);
        Self { path: path.to_owned(), message, passing: !is_the_file }
    }

    /// Whether it is no fault of the file: a full disk, a folder for copies that is gone.
    pub(crate) fn is_passing(&self) -> bool {
        self.passing
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What is wrong, without the path.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for MaxmindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.message)
    }
}

impl std::error::Error for MaxmindError {}
