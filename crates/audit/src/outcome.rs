//! What became of it.

use palisade_core::Code;

/// What became of an action.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// It was carried out.
    Done,
    /// It was refused, for this reason, and changed nothing.
    Refused(Code),
    /// It was allowed and went wrong, for this reason.
    Failed(Code),
}

// === impl Outcome ===

impl Outcome {
    /// The word in the record: `done`, `refused` or `failed`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused(_) => "refused",
            Self::Failed(_) => "failed",
        }
    }

    /// The reason, where it was not carried out.
    #[must_use]
    pub const fn code(self) -> Option<Code> {
        match self {
            Self::Done => None,
            Self::Refused(code) | Self::Failed(code) => Some(code),
        }
    }
}
