//! How much is kept of what is published, and for whom.

use std::{ops::RangeInclusive, time::Duration};

use palisade_core::{Clock, ConfigError};

use crate::Places;

/// Says how much a [`Feed`](crate::Feed) keeps.
///
/// | setting | default | at the bound |
/// |---|---|---|
/// | [`ring`](Self::ring) | 1000 events | the oldest can be resumed from no more |
/// | [`queue`](Self::queue) | 1024 events | a slow reader loses the oldest and is told how many |
/// | [`inbox`](Self::inbox) | 8192 events | what is published is dropped; all readers are told how many |
/// | [`patience`](Self::patience) | 30 s | a reader who lost events and reads nothing is cut |
/// | [`places`](Self::places) | 1000, of one user 20 | nobody more is let in |
///
/// An event is kept once, with its text once somebody wants it, whoever waits for it. Of a reader there are as many pointers as
/// [`queue`](Self::queue) says, 16 bytes each, and as many as the ring has where he resumes: 16 KB, or 32 KB, if he does not read.
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) ring: usize,
    pub(crate) queue: usize,
    pub(crate) inbox: usize,
    pub(crate) patience: Duration,
    pub(crate) places: Places,
    pub(crate) clock: Clock,
}

// === impl Config ===

impl Config {
    /// Takes the defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            ring: 1000,
            queue: 1024,
            inbox: 8192,
            patience: Duration::from_secs(30),
            places: Places::default(),
            clock: Clock::system(),
        }
    }

    /// How many of the latest events can be resumed from: 0 to 1 000 000.
    #[must_use]
    pub fn ring(mut self, events: usize) -> Self {
        self.ring = events;
        self
    }

    /// How many events may wait for one reader: 1 to 65 536.
    #[must_use]
    pub fn queue(mut self, events: usize) -> Self {
        self.queue = events;
        self
    }

    /// How many events may wait for the feed's own thread: 1 to 1 048 576.
    #[must_use]
    pub fn inbox(mut self, events: usize) -> Self {
        self.inbox = events;
        self
    }

    /// How long a reader who lost events may read nothing: 1 ms to one hour. It is looked after when events come, and once a
    /// second.
    #[must_use]
    pub fn patience(mut self, time: Duration) -> Self {
        self.patience = time;
        self
    }

    /// How many may read. Feeds that are given the same places share them.
    #[must_use]
    pub fn places(mut self, places: Places) -> Self {
        self.places = places;
        self
    }

    /// Whose time counts. Default: the system's.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        within("number of events that can be resumed from", self.ring, 0..=1_000_000)?;
        within("queue of a live reader", self.queue, 1..=65_536)?;
        within("inbox of a feed", self.inbox, 1..=1_048_576)?;
        let allowed = Duration::from_millis(1)..=Duration::from_secs(3600);
        if allowed.contains(&self.patience) {
            return Ok(());
        }
        Err(ConfigError::new("patience with a live reader", format!("{:?}", self.patience))
            .expected("a time from 1 ms to 1 h"))
    }
}

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}

fn within(what: &str, value: usize, range: RangeInclusive<usize>) -> Result<(), ConfigError> {
    if range.contains(&value) {
        return Ok(());
    }
    let expected = format!("a number from {} to {}", range.start(), range.end());
    Err(ConfigError::new(what, value.to_string()).expected(expected))
}
