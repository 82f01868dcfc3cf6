//! Why a database is not opened.

use std::path::PathBuf;

use palisade_core::ConfigError;
use thiserror::Error;

/// Why a database is not opened. One that is damaged is none of these: it is kept aside.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// A setting is out of its range.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A later version wrote it, and this one would lose what it does not know.
    #[error(
        "{} was written by a later version (its schema is {found}, this version knows {known}): update, or name another file",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The version of its schema.
        found: i64,
        /// The version that is known.
        known: i64,
    },
    /// It is the database of another program.
    #[error("{} is the database of another program: name another file", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// It may not be written.
    #[error("{} may not be written", path.display())]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// The file system or another process is in the way.
    #[error("{}: {reason}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is in the way.
        reason: Box<dyn std::error::Error + Send + Sync>,
    },
}
