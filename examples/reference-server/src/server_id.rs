//! The name of this server, made at its first start: it says whose orders are whose where several share a database.

use std::{
    fmt,
    io::{Error, ErrorKind, Result},
    path::{Path, PathBuf},
};

use palisade::core::{RequestId, atomic_file};

use crate::writable;

/// More than a name has.
const LONGEST: u64 = 64;

/// The name of this server: 128 random bits, in a file of its own. Two servers never share a folder, nor a copy of the file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct ServerId(RequestId);

// === impl ServerId ===

impl ServerId {
    /// The name in `folder`; made if there is none yet. The file is readable by its owner alone.
    ///
    /// # Errors
    ///
    /// Those of the file system, and a file that does not hold what was put there.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let path = path_in(folder);
        if let Some(id) = read(&path)? {
            return Ok(id);
        }
        let id = Self(RequestId::random());
        atomic_file::replace(&path, id.to_string().as_bytes()).map_err(|error| about(&error))?;
        Ok(id)
    }
}

impl fmt::Display for ServerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether the name in `folder` can be used, or made where there is none. Makes none.
///
/// # Errors
///
/// Those of [`ServerId::open`].
pub(crate) fn check(folder: &Path) -> Result<()> {
    match read(&path_in(folder))? {
        Some(_) => Ok(()),
        None => writable::folder(folder).map_err(|error| about(&error)),
    }
}

fn path_in(folder: &Path) -> PathBuf {
    folder.join("server-id")
}

fn read(path: &Path) -> Result<Option<ServerId>> {
    let Some(content) = atomic_file::read(path, LONGEST).map_err(|error| about(&error))? else {
        return Ok(None);
    };
    let id = std::str::from_utf8(&content).ok().and_then(|text| text.trim().parse().ok());
    id.map(|id| Some(ServerId(id))).ok_or_else(|| {
        let text = "not a name of ours; remove the file to get a new one, unless this server was killed: what it had not carried out by then stands in the database under its old name";
        Error::new(ErrorKind::InvalidData, format!("DATA_DIR {}: {text}", path.display()))
    })
}

/// Names the setting that says where it is.
fn about(error: &Error) -> Error {
    Error::new(error.kind(), format!("DATA_DIR {error}"))
}
