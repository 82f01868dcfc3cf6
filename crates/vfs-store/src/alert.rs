//! What the security log is told of an object that is not what was written. What the vault refuses it tells itself.

use palisade_core::SECURITY_TARGET;

use crate::{ObjectId, ReadError};

/// What is wrong with an object before the vault sees a byte of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    /// The storage has no object of this id.
    Missing,
    /// It is longer or shorter than what was written.
    Length,
    /// Something that is no file is in its place: a link that leads elsewhere, a folder, a pipe.
    NotAFile,
}

// === impl Outcome ===

impl Outcome {
    const fn name(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Length => "length",
            Self::NotAFile => "not-a-file",
        }
    }

    /// Tells of it.
    pub(crate) fn told(self, mount: &str, object: ObjectId) -> ReadError {
        tracing::error!(
            target: SECURITY_TARGET,
            event = "object.refused",
            outcome = self.name(),
            mount,
            %object,
            "a stored object is not what was written"
        );
        self.untold()
    }

    /// What the reader is told, where the log was told before.
    pub(crate) const fn untold(self) -> ReadError {
        match self {
            Self::Missing => ReadError::Missing,
            Self::Length | Self::NotAFile => ReadError::Tampered,
        }
    }
}
