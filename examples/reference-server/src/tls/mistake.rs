//! What is wrong with a file that TLS needs.

use std::{
    fmt,
    path::{Path, PathBuf},
};

/// What is wrong with a file: which setting names it, where it is, what is wrong and how to mend it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TlsMistake {
    setting: &'static str,
    path: PathBuf,
    text: String,
}

// === impl TlsMistake ===

impl TlsMistake {
    /// Says that the file at `path`, which `setting` names, is wrong. Never give it what is in a key.
    pub(super) fn new(setting: &'static str, path: &Path, text: impl Into<String>) -> Self {
        Self { setting, path: path.to_owned(), text: text.into() }
    }

    /// The setting that names the file. It says nothing that a stranger may not know.
    pub fn setting(&self) -> &'static str {
        self.setting
    }
}

impl fmt::Display for TlsMistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}=`{}`: {}", self.setting, self.path.display(), self.text)
    }
}

impl std::error::Error for TlsMistake {}
