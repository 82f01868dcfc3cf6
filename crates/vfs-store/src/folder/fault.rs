//! What is wrong with something in the folder.

use std::{error::Error, io};

use cap_std::fs::Dir;
use thiserror::Error;

/// What is wrong with something in the folder.
#[derive(Debug, Error)]
pub(crate) enum Fault {
    /// It is not there.
    #[error("it is not there")]
    Missing,
    /// It is there already.
    #[error("it is there already")]
    Taken,
    /// Something else is in its place: a link, a folder, a pipe. It was not followed, and not opened.
    #[error("`{name}` is no {due}")]
    Planted {
        /// Its name in its folder.
        name: String,
        /// What should be there.
        due: Due,
    },
    /// No object is kept at such a path.
    #[error("no object is kept there")]
    Foreign,
    /// The system.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// What should be in a place.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Due {
    File,
    Folder,
}

// === impl Fault ===

impl Fault {
    /// What the error says about `name` in `folder`, where `due` should be.
    pub(super) fn of(error: io::Error, folder: &Dir, name: &str, due: Due) -> Self {
        if error.kind() == io::ErrorKind::NotFound {
            return Self::Missing;
        }
        // Systems have several errors for a link that is not followed, and for what is no folder.
        match folder.symlink_metadata(name) {
            Ok(found) if !due.is(found.file_type()) => Self::planted(name, due),
            _ => Self::Io(error),
        }
    }

    pub(super) fn planted(name: &str, due: Due) -> Self {
        Self::Planted { name: name.to_owned(), due }
    }

    /// As the trait of storages tells it.
    pub(super) fn told(self, path: &object_store::path::Path) -> object_store::Error {
        let (path, source) = (path.to_string(), Box::new(self));
        match *source {
            Self::Missing => object_store::Error::NotFound { path, source },
            Self::Taken => object_store::Error::AlreadyExists { path, source },
            _ => object_store::Error::Generic { store: super::NAME, source },
        }
    }

    /// As the system tells it.
    pub(super) fn into_io(self) -> io::Error {
        match self {
            Self::Io(error) => error,
            fault => io::Error::other(fault),
        }
    }

    /// Whether something else than a file is where an object should be, as the folder told it.
    pub(crate) fn is_planted(error: &object_store::Error) -> bool {
        let mut cause: Option<&(dyn Error + 'static)> = Some(error);
        while let Some(error) = cause {
            if matches!(error.downcast_ref(), Some(Self::Planted { .. })) {
                return true;
            }
            cause = error.source();
        }
        false
    }
}

// === impl Due ===

impl Due {
    pub(super) fn is(self, found: cap_std::fs::FileType) -> bool {
        match self {
            Self::File => found.is_file(),
            Self::Folder => found.is_dir(),
        }
    }
}

impl std::fmt::Display for Due {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::File => "file",
            Self::Folder => "folder",
        })
    }
}
