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
}

// === impl MaxmindError ===

impl MaxmindError {
    pub(crate) fn new(path: &Path, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), message: message.into() }
    }

    pub(crate) fn io(path: &Path, error: &io::Error) -> Self {
        // Some of these messages begin with the path already; it is told once.
        let message = error.to_string();
        let prefix = format!("{}: ", path.display());
        Self::new(path, message.strip_prefix(&prefix).unwrap_or(&message))
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
