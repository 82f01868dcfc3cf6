//! How many streams there are, and what they keep.

use std::time::Duration;

use super::{as_size, reader::Reader};

/// How many streams there are, and what they keep.
#[derive(Clone, Debug)]
pub struct StreamSettings {
    /// Streams at once.
    pub most: usize,
    /// Of one user.
    pub most_of_one: usize,
    /// Events of each kind from which clients resume.
    pub backlog: usize,
    /// How long a client that lost events may read nothing.
    pub patience: Duration,
}

/// Reads them.
pub(super) fn streams(reader: &mut Reader<'_>) -> StreamSettings {
    StreamSettings {
        most: as_size(reader.number("STREAMS_MAX", 0..=10_000)),
        most_of_one: as_size(reader.number("STREAMS_PER_USER", 1..=64)),
        backlog: as_size(reader.number("STREAM_BACKLOG", 0..=100_000)),
        patience: reader.milliseconds("STREAM_PATIENCE_MS", 100..=3_600_000),
    }
}
