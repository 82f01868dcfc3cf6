//! What an object is bound to.

use palisade_vault::Context;

use crate::ObjectId;

/// What an object is bound to: it opens there and nowhere else.
///
/// Who moves an object to another id, or gives it to another mount, has something that does not open.
///
/// ```
/// # use palisade_vfs_store::{ObjectId, Place};
/// let place = Place { mount: "pictures", id: ObjectId::draw() };
/// # let _ = place;
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Place<'a> {
    /// The mount it is in: the vault's tenant.
    pub mount: &'a str,
    /// Its name in the storage.
    pub id: ObjectId,
}

// === impl Place ===

impl Place<'_> {
    /// Does `work` with the context that the vault seals for. `row` is the id as text, which the caller keeps.
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
