//! What an object is bound to.

use palisade_vault::Context;

use crate::ObjectId;

/// What an object is bound to: it opens there and nowhere else.
///
/// Who moves an object to another id, gives it to another mount, or has an index say that it is the file at another path, has
/// something that does not open.
///
/// ```
/// # use palisade_vfs_store::{ObjectId, Place};
/// let place = Place { mount: "pictures", path: "2026/may.png", id: ObjectId::draw() };
/// # let _ = place;
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Place<'a> {
    /// The mount it is in: the vault's tenant.
    pub mount: &'a str,
    /// The path of the file that it is the content of, in one spelling; `""` where the index moves files without writing them.
    pub path: &'a str,
    /// Its name in the storage.
    pub id: ObjectId,
}

// === impl Place ===

impl Place<'_> {
    /// The id and the path, as one text that is of no other two: an id has one length.
    pub(crate) fn row(&self) -> String {
        match self.path {
            "" => self.id.to_string(),
            path => format!("{}/{path}", self.id),
        }
    }

    /// The context that the vault seals for. The caller keeps the [`row`](Self::row).
    pub(crate) const fn context<'a>(&'a self, row: &'a str) -> Context<'a> {
        // Fixed for ever: what was sealed for another text does not open.
        Context {
            tenant: self.mount,
            table: "files",
            column: "content",
            row,
            purpose: "vfs",
            revision: None,
        }
    }
}
