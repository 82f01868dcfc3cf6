//! Whether the storage is the one that the database's files are in.

use palisade::core::SECURITY_TARGET;
use palisade_database::{Caller, Database, DatabaseError, VfsFiles as _, VfsMounts as _};
use palisade_vfs_store::{ObjectId, Objects, ReadError};

use super::storage::place;

/// So many files are looked for, and in so many mounts at most.
const SAMPLES: u32 = 3;
const MOUNTS: u32 = 1000;

/// Looks for some files of the database, once, at the start, and says so if none of them is in the storage: then it is another one, as
/// where one of several instances has a folder of its own.
pub(crate) async fn look_for_files(database: Database, objects: Objects) {
    // Whether the database answers is told elsewhere.
    let Ok(sealed) = samples(&database).await else { return };
    let (mut looked, mut missing) = (0_usize, 0_usize);
    for (mount, key, id, length) in sealed {
        looked = looked.saturating_add(1);
        let opened = objects.open_object(&place(&mount, &key, id), length).await;
        missing = missing.saturating_add(usize::from(matches!(opened, Err(ReadError::Missing))));
    }
    if looked > 0 && looked == missing {
        tracing::error!(target: SECURITY_TARGET, event = "vfs.other-storage", looked, "VFS_STORAGE has none of the files that were looked for: all instances on a database must have one storage");
    }
}

type Sample = (String, String, ObjectId, u64);

async fn samples(database: &Database) -> Result<Vec<Sample>, DatabaseError> {
    let mut act = database.read_as(Caller::service()).await?;
    for mount in act.mounts(None, MOUNTS).await? {
        let files = act.files(&mount.name, None, "", SAMPLES).await?;
        let sample = |file: palisade_database::VfsFileRow| {
            Some((mount.name.clone(), file.key, file.object.parse().ok()?, file.length))
        };
        let found: Vec<_> = files.into_iter().filter_map(sample).collect();
        if !found.is_empty() {
            return Ok(found);
        }
    }
    Ok(Vec::new())
}
