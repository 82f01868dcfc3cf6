//! Objects in a storage, encrypted.

use std::{fmt, path::Path, sync::Arc};

use object_store::{ObjectStore, ObjectStoreExt};
use palisade_vault::{KeyProvider, KeyRing, Vault};

use crate::{Folder, ObjectId, WriteError, transfer::Transfer};

/// Objects in a storage that is not trusted, encrypted by a vault.
///
/// It is cheap to clone, and clones share the storage.
pub struct Objects<P: ?Sized = KeyRing> {
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) vault: Vault<P>,
    pub(crate) transfer: Transfer,
    /// Where the storage is one: it has more to sweep.
    pub(crate) folder: Option<Folder>,
}

// === impl Objects ===

impl<P: KeyProvider + ?Sized> Objects<P> {
    /// Objects in a folder of this machine, which is made where it is not there.
    ///
    /// # Errors
    ///
    /// It cannot be opened: see [`Folder::open`].
    pub fn folder(path: impl AsRef<Path>, vault: Vault<P>) -> std::io::Result<Self> {
        Ok(Self::of_folder(Folder::open(path)?, vault))
    }

    /// Objects in a folder that is open.
    #[must_use]
    pub fn of_folder(folder: Folder, vault: Vault<P>) -> Self {
        let store = Arc::new(folder.clone());
        Self { store, vault, transfer: Transfer::NEAR, folder: Some(folder) }
    }

    /// Objects in any storage. It is asked as one over a network is: parts of an upload are 8 MiB at least.
    #[must_use]
    pub const fn over(store: Arc<dyn ObjectStore>, vault: Vault<P>) -> Self {
        Self { store, vault, transfer: Transfer::FAR, folder: None }
    }

    /// Objects in the memory of this process: for tests.
    #[must_use]
    pub fn in_memory(vault: Vault<P>) -> Self {
        let store = Arc::new(object_store::memory::InMemory::new());
        Self { store, vault, transfer: Transfer::NEAR, folder: None }
    }

    /// Removes an object. One that is not there is removed already.
    ///
    /// # Errors
    ///
    /// The storage does not answer.
    pub async fn delete(&self, id: &ObjectId) -> Result<(), WriteError> {
        match self.store.delete(&id.path()).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

impl<P: ?Sized> Clone for Objects<P> {
    fn clone(&self) -> Self {
        let Self { store, vault, transfer, folder } = self;
        let (store, vault) = (Arc::clone(store), vault.clone());
        Self { store, vault, transfer: *transfer, folder: folder.clone() }
    }
}

impl<P: KeyProvider + ?Sized> fmt::Debug for Objects<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Objects");
        // What a storage prints of itself may be its address.
        shown.field("vault", &self.vault).field("transfer", &self.transfer).finish_non_exhaustive()
    }
}
