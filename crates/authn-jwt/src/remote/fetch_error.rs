//! Why a fetch failed.

use std::{
    error::Error,
    fmt::{self, Write as _},
};

use palisade_core::ConfigError;

/// Why a fetch failed: a line for the log and the status.
#[derive(Clone, Debug)]
pub(crate) struct FetchError(Box<str>);

// === impl FetchError ===

impl FetchError {
    pub(crate) fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// An error and all that caused it: the last cause is the one that helps.
    pub(crate) fn of(error: &(dyn Error + 'static)) -> Self {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            // To write into a string cannot fail.
            let _ = write!(text, ": {error}");
            cause = error.source();
        }
        Self(text.into())
    }

    pub(crate) fn into_text(self) -> Box<str> {
        self.0
    }
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<ConfigError> for FetchError {
    fn from(error: ConfigError) -> Self {
        Self::of(&error)
    }
}
