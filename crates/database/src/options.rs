//! How a database is opened.

use std::time::Duration;

use palisade_core::Clock;

/// How a database is opened.
#[derive(Clone, Debug)]
pub struct DatabaseOptions {
    pub(crate) connections: u32,
    pub(crate) patience: Duration,
    pub(crate) statement: Duration,
    pub(crate) clock: Clock,
}

// === impl DatabaseOptions ===

impl DatabaseOptions {
    /// Up to 8 connections; 2 s until there is one, 10 s for a statement.
    #[must_use]
    pub fn new() -> Self {
        Self {
            connections: 8,
            patience: Duration::from_secs(2),
            statement: Duration::from_secs(10),
            clock: Clock::system(),
        }
    }

    /// At most this many connections, at least one.
    #[must_use]
    pub fn connections(mut self, most: u32) -> Self {
        self.connections = most.max(1);
        self
    }

    /// How long it is waited for a connection, and on SQLite for its lock.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// How long PostgreSQL works on one statement.
    #[must_use]
    pub fn statement_timeout(mut self, timeout: Duration) -> Self {
        self.statement = timeout;
        self
    }

    /// Reads the time from here.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }
}

impl Default for DatabaseOptions {
    fn default() -> Self {
        Self::new()
    }
}
