//! What signs the log of what was done, and where that is kept.

use std::path::PathBuf;

use super::reader::Reader;

/// What signs the log of what was done, and where that is kept.
#[derive(Clone, Debug)]
pub struct CheckpointSettings {
    /// The key that signs.
    pub key: PathBuf,
    /// The file that takes checkpoints.
    pub file: PathBuf,
}

pub(super) fn checkpoints(reader: &mut Reader<'_>) -> Option<CheckpointSettings> {
    let (key, file) = (reader.path("AUDIT_SIGNING_KEY_FILE"), reader.path("AUDIT_CHECKPOINT_FILE"));
    match (key, file) {
        (Some(key), Some(file)) => Some(CheckpointSettings { key, file }),
        (Some(_), None) => {
            reader.wrong("AUDIT_SIGNING_KEY_FILE", "needs AUDIT_CHECKPOINT_FILE, which is not set");
            None
        }
        (None, Some(_)) => {
            reader.wrong("AUDIT_CHECKPOINT_FILE", "needs AUDIT_SIGNING_KEY_FILE, which is not set");
            None
        }
        (None, None) => None,
    }
}
