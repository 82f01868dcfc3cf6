//! What is wrong with a log.

use std::fmt;

use crate::Part;

/// What is wrong with a log, and where.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// A line is no record.
    Unreadable {
        /// The line, from 1.
        line: u64,
    },
    /// Records are missing: where the log begins, or between two of them.
    Missing {
        /// The first that is missing.
        from: u64,
        /// The last that is missing.
        to: u64,
    },
    /// A record stands behind one that is later, or stands there twice.
    OutOfOrder {
        /// The record.
        sequence: u64,
        /// The one that it stands behind.
        after: u64,
    },
    /// A record is not what its hash says.
    Edited {
        /// The record.
        sequence: u64,
    },
    /// A part that can be erased was changed instead, or erased in part.
    PartEdited {
        /// The record.
        sequence: u64,
        /// The part.
        part: Part,
    },
    /// A record does not follow the one before it: one of the two was exchanged, together with its hash.
    Unlinked {
        /// The record.
        sequence: u64,
    },
    /// The log ends before a checkpoint: the last records were removed, or an older copy was restored.
    Cut {
        /// The last record that is there, 0 if there is none.
        last: u64,
        /// The record of the latest checkpoint.
        checkpoint: u64,
    },
    /// The log is consistent in itself, or nearly, and is not the one that was signed: it was written anew.
    Replaced {
        /// The latest checkpoint before that the log still fits, 0 if there is none.
        since: u64,
        /// The first checkpoint that it does not fit.
        checkpoint: u64,
    },
    /// A checkpoint is of another log.
    OtherLog {
        /// The record of the checkpoint.
        checkpoint: u64,
    },
    /// More parts are erased than the records say.
    ErasedUntold {
        /// How many parts are erased.
        found: u64,
        /// How many of them records tell of.
        told: u64,
    },
}

// === impl Fault ===

impl Fault {
    /// The stable name of the fault, for programs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "unreadable",
            Self::Missing { .. } => "missing",
            Self::OutOfOrder { .. } => "out-of-order",
            Self::Edited { .. } => "edited",
            Self::PartEdited { .. } => "part-edited",
            Self::Unlinked { .. } => "unlinked",
            Self::Cut { .. } => "cut",
            Self::Replaced { .. } => "replaced",
            Self::OtherLog { .. } => "other-log",
            Self::ErasedUntold { .. } => "erased-untold",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { line } => write!(f, "line {line} is no record"),
            Self::Missing { from, to } if from == to => write!(f, "record {from} is missing"),
            Self::Missing { from, to } => write!(f, "records {from} to {to} are missing"),
            Self::OutOfOrder { sequence, after } => {
                write!(f, "record {sequence} stands behind record {after}")
            }
            Self::Edited { sequence } => write!(f, "record {sequence} was edited"),
            Self::PartEdited { sequence, part } => {
                write!(
                    f,
                    "record {sequence} was edited: its part `{part}` is not what was recorded"
                )
            }
            Self::Unlinked { sequence } => {
                write!(f, "record {sequence} does not follow the one before it")
            }
            Self::Cut { last, checkpoint } => {
                write!(
                    f,
                    "the log ends with record {last}, before the checkpoint of record {checkpoint}"
                )
            }
            Self::Replaced { since: 0, checkpoint } => {
                write!(
                    f,
                    "the log was written anew: it does not fit the checkpoint of record {checkpoint}"
                )
            }
            Self::Replaced { since, checkpoint } => write!(
                f,
                "the log was written anew behind record {since}: it does not fit the checkpoint of record {checkpoint}"
            ),
            Self::OtherLog { checkpoint } => {
                write!(f, "the checkpoint of record {checkpoint} is of another log")
            }
            Self::ErasedUntold { found, told } => {
                write!(f, "{found} parts are erased, and records tell of {told}")
            }
        }
    }
}
