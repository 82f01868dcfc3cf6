//! How much is kept, and how long a question may take.

use std::{num::NonZeroUsize, time::Duration};

use palisade_core::{Clock, ConfigError};

/// The least that a file may be bound to: an empty one has some pages already.
const LEAST_BYTES: u64 = 1 << 20;

/// How much is kept, and how long a question may take.
///
/// ```
/// use std::time::Duration;
/// use palisade_sqlite::SqliteOptions;
///
/// let options = SqliteOptions::default().keep_for(Duration::from_secs(30 * 86_400)).max_bytes(100 << 20);
/// ```
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    pub(crate) keep_for: Option<Duration>,
    pub(crate) max_bytes: u64,
    pub(crate) patience: Duration,
    pub(crate) lock_patience: Duration,
    pub(crate) readers: NonZeroUsize,
    pub(crate) clock: Clock,
}

// === impl SqliteOptions ===

impl SqliteOptions {
    /// How long a record is kept, by the time of its arrival: 90 days if nothing is said.
    #[must_use]
    pub fn keep_for(self, time: Duration) -> Self {
        Self { keep_for: Some(time), ..self }
    }

    /// Keeps records whatever their age, as long as there is room.
    #[must_use]
    pub fn keep_at_any_age(self) -> Self {
        Self { keep_for: None, ..self }
    }

    /// How large the database may be, in bytes: 256 MiB if nothing is said, and not less than 1 MiB. What is written ahead of it,
    /// beside it, comes on top: 4 MiB, if no reader is in the way.
    #[must_use]
    pub fn max_bytes(self, bytes: u64) -> Self {
        Self { max_bytes: bytes, ..self }
    }

    /// How long one question may take, waiting for others included: 5 seconds if nothing is said.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// How long a change waits for another process that holds the file: 2 seconds if nothing is said.
    #[must_use]
    pub fn lock_patience(self, patience: Duration) -> Self {
        Self { lock_patience: patience, ..self }
    }

    /// How many questions are answered at once; others wait: 4 if nothing is said; 0 is taken for 1.
    #[must_use]
    pub fn readers(self, readers: usize) -> Self {
        Self { readers: NonZeroUsize::new(readers).unwrap_or(NonZeroUsize::MIN), ..self }
    }

    /// Times questions and what is written by this clock.
    #[must_use]
    pub fn clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if self.max_bytes < LEAST_BYTES {
            return Err(ConfigError::new("size of the database", self.max_bytes.to_string())
                .expected("1048576 bytes or more"));
        }
        Ok(())
    }
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            keep_for: Some(Duration::from_secs(90 * 86_400)),
            max_bytes: 256 << 20,
            patience: Duration::from_secs(5),
            lock_patience: Duration::from_secs(2),
            readers: NonZeroUsize::new(4).unwrap_or(NonZeroUsize::MIN),
            clock: Clock::system(),
        }
    }
}
