//! Where a file is: its mount, and what it is found by there.

use palisade::vfs_acl::{Acl, VfsPath};
use palisade_database::VfsCase;

use super::rows::kept_case;

/// Where a file is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct FilePlace {
    /// The name of its mount.
    pub(crate) mount: String,
    /// Its path from there on, as it is written; empty is the mount itself.
    pub(crate) inside: String,
    /// What it is found and ordered by.
    pub(crate) key: String,
    /// How that was made.
    pub(crate) case: VfsCase,
}

// === impl FilePlace ===

impl FilePlace {
    /// Where the file at `path` is, if that lies in a mount.
    pub(crate) fn of(acl: &Acl, path: &VfsPath) -> Option<Self> {
        let (mount, inside) = acl.place_of(path)?;
        let case = acl.case_of(path)?;
        let key = case.key(inside).into_owned();
        let (mount, inside) = (mount.to_string(), inside.to_owned());
        Some(Self { mount, inside, key, case: kept_case(case) })
    }
}
