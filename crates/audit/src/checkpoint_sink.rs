//! Where checkpoints are kept, away from the log.

use std::{error::Error, io};

use palisade_core::BoxFuture;

use crate::SignedCheckpoint;

/// Keeps checkpoints where whoever can change the log cannot reach: in a file of another machine, behind a URL, on paper.
pub trait CheckpointSink: Send + Sync {
    /// Keeps a checkpoint. When it is done without an error, it is kept for good.
    ///
    /// The future may block, as files do: it belongs on a thread where that is allowed.
    fn keep(&self, checkpoint: SignedCheckpoint) -> BoxFuture<Result<(), SinkError>>;
}

/// Why a checkpoint is not kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SinkError {
    /// The log has come less far than it had. Nothing does that but an older copy that was restored, or records that were removed.
    #[error(
        "the log is at record {offered}, and was at record {kept} before: records were removed, or an older copy was restored"
    )]
    WentBack {
        /// The record of the last checkpoint.
        kept: u64,
        /// The record of the new one.
        offered: u64,
    },
    /// The log is as long as it was, and another one: it was written anew.
    #[error("record {sequence} is another one than it was: the log was written anew")]
    Replaced {
        /// The record.
        sequence: u64,
    },
    /// The last checkpoint is of another log.
    #[error("the last checkpoint is of another log")]
    OtherLog,
    /// The last line that is kept is no checkpoint, so nobody knows how far the log had come.
    #[error("the last line is no checkpoint")]
    Unreadable,
    /// There is no room: move the file to where it is kept, and a new one begins.
    #[error("there is no room for more than {limit} bytes")]
    Full {
        /// The most bytes.
        limit: u64,
    },
    /// The file cannot be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Another sink has another reason.
    #[error(transparent)]
    Other(Box<dyn Error + Send + Sync>),
}

// === impl SinkError ===

impl SinkError {
    /// Whether the log itself is wrong, and not the sink: somebody must look, and trying again does not help.
    #[must_use]
    pub const fn is_alarm(&self) -> bool {
        matches!(self, Self::WentBack { .. } | Self::Replaced { .. } | Self::OtherLog)
    }
}
