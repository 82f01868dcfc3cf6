//! Has the primary key wrap what older ones sealed of files, so that these can go.

use palisade::core::SECURITY_TARGET;
use palisade_database::{
    Caller, Database, DatabaseError, VfsFileRow, VfsFiles as _, VfsMounts as _,
};
use palisade_vault::{KeyProvider, Vault};
use palisade_vfs_store::{ObjectId, Objects, ReadError, RewrapError};

use super::{orphans::abandon, storage::place};
use crate::app::StartError;

/// So many are read from the index at once.
const AT_ONCE: u32 = 100;

/// What it works with.
struct Wrapper {
    database: Database,
    objects: Objects,
}

/// What became of all.
#[derive(Default)]
struct Wrapped {
    files: u64,
    /// Those that are not what was written, or sealed by a key that is not there.
    left: u64,
}

/// Wraps by the primary key what older ones sealed: once, at the start, if there are older ones. Each file is copied, as it is.
pub(crate) async fn rewrap(database: Database, objects: Objects, vault: Vault) {
    if vault.keys().usage().len() < 2 {
        return;
    }
    let mut wrapped = Wrapped::default();
    if let Err(error) = (Wrapper { database, objects }).all(&mut wrapped).await {
        tracing::error!(target: SECURITY_TARGET, event = "vault.unwrapped", %error, "files that an older key sealed could not be wrapped by the newest: the next start tries again");
        return;
    }
    let Wrapped { files, left } = wrapped;
    let key_version = KeyProvider::primary(vault.keys()).number();
    tracing::info!(target: SECURITY_TARGET, event = "vault.rewrapped", key_version, files, left, "all files are wrapped by this key or a newer one, but those that are damaged");
}

// === impl Wrapper ===

impl Wrapper {
    async fn all(&self, wrapped: &mut Wrapped) -> Result<(), StartError> {
        let mut mount = None;
        while let Some(next) = self.mount_behind(mount.as_deref()).await? {
            let mut key = None;
            loop {
                let files = self.files_behind(&next, key.as_deref()).await?;
                let Some(last) = files.last() else { break };
                key = Some(last.key.clone());
                for file in &files {
                    self.one(&next, file, wrapped).await?;
                }
            }
            mount = Some(next);
        }
        Ok(())
    }

    async fn one(
        &self,
        mount: &str,
        file: &VfsFileRow,
        wrapped: &mut Wrapped,
    ) -> Result<(), StartError> {
        let id: ObjectId = file.object.parse()?;
        match self.objects.rewrap(&place(mount, &file.key, id), file.length).await {
            Ok(false) => {}
            Ok(true) => {
                wrapped.files = wrapped.files.saturating_add(1);
                // Who removed it meanwhile may have deleted what was replaced here.
                abandon(&self.database, id).await?;
            }
            // The security log was told, and whoever reads it has it recorded.
            Err(RewrapError::Read(ReadError::Tampered | ReadError::Missing)) => {
                wrapped.left = wrapped.left.saturating_add(1);
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    async fn mount_behind(&self, name: Option<&str>) -> Result<Option<String>, DatabaseError> {
        let mut act = self.database.read_as(Caller::service()).await?;
        Ok(act.mounts(name, 1).await?.pop().map(|mount| mount.name))
    }

    async fn files_behind(
        &self,
        mount: &str,
        key: Option<&str>,
    ) -> Result<Vec<VfsFileRow>, DatabaseError> {
        let mut act = self.database.read_as(Caller::service()).await?;
        act.files(mount, key, "", AT_ONCE).await
    }
}
