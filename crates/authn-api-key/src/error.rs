//! Why a key was not made or changed.

use std::{fmt, io};

use palisade_core::ConfigError;

/// Why a key was not made or changed. Its text may be shown to the admin who asked: it never holds a key.
#[derive(Debug)]
#[non_exhaustive]
pub enum KeyError {
    /// What was asked for makes no sense.
    Value(ConfigError),
    /// There is no key of this id.
    Unknown,
    /// There are as many keys as there is room for. Delete some, or raise the bound.
    NoRoom,
    /// Somebody else changed the key meanwhile.
    Changed,
    /// The file cannot be read, used or written.
    File(io::Error),
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(error) => error.fmt(f),
            Self::Unknown => f.write_str("there is no key of this id"),
            Self::NoRoom => f.write_str("there are as many keys as there is room for"),
            Self::Changed => f.write_str("the key was changed meanwhile"),
            Self::File(error) => write!(f, "the file of keys is not written: {error}"),
        }
    }
}

impl std::error::Error for KeyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Value(error) => Some(error),
            Self::File(error) => Some(error),
            Self::Unknown | Self::NoRoom | Self::Changed => None,
        }
    }
}

impl From<ConfigError> for KeyError {
    fn from(error: ConfigError) -> Self {
        Self::Value(error)
    }
}

impl From<io::Error> for KeyError {
    fn from(error: io::Error) -> Self {
        Self::File(error)
    }
}
