//! Objects that do not become files after all.

use palisade_database::{Caller, Database, DatabaseError, VfsOrphans as _};
use palisade_vfs_store::ObjectId;

/// Has an object swept unless it is a file: it was noted before it was written, and whoever wrote it for longer than such notes are kept
/// left something that is in no list.
pub(crate) async fn abandon(database: &Database, id: ObjectId) -> Result<(), DatabaseError> {
    let mut act = database.act_as(Caller::service()).await?;
    match act.note_orphan(&id.to_string()).await {
        Ok(()) => act.commit().await,
        // It is noted still, or is a file.
        Err(DatabaseError::Conflict) => act.roll_back().await,
        Err(error) => Err(error),
    }
}
