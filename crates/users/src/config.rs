//! The bounds of revocations.

use std::time::Duration;

use palisade_core::{Clock, ConfigError};

use crate::Revocations;

/// How much longer than its end a token may count: nobody lets clocks differ by more.
pub(crate) const LEEWAY: Duration = Duration::from_secs(300);
/// Shorter lives would let marks go while answers of a directory are still remembered.
const SHORTEST_LIFE: Duration = Duration::from_secs(60);

/// Makes [`Revocations`].
#[derive(Clone, Debug, Default)]
#[must_use = "call `build`"]
pub struct RevocationsBuilder {
    settings: Settings,
}

#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) clock: Clock,
    pub(crate) longest_life: Duration,
    pub(crate) most_users: usize,
    pub(crate) most_streams: usize,
}

// === impl RevocationsBuilder ===

impl RevocationsBuilder {
    /// Takes the time from `clock`. Default: the system's.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.settings.clock = clock;
        self
    }

    /// Says how long a token lives, from `iat` to `exp`, at most. What was taken back longer ago may be forgotten where room
    /// is needed. Default: 24 hours.
    pub fn longest_life(mut self, life: Duration) -> Self {
        self.settings.longest_life = life;
        self
    }

    /// Keeps what was taken back of this many users. Default: 100 000.
    pub fn most_users(mut self, users: usize) -> Self {
        self.settings.most_users = users;
        self
    }

    /// Watches over this many streams at a time. Default: 10 000.
    pub fn most_streams(mut self, streams: usize) -> Self {
        self.settings.most_streams = streams;
        self
    }

    /// Makes it.
    ///
    /// # Errors
    ///
    /// If a life is shorter than a minute, or a bound is zero.
    pub fn build(self) -> Result<Revocations, ConfigError> {
        let Settings { longest_life, most_users, most_streams, .. } = self.settings;
        if longest_life < SHORTEST_LIFE {
            let value = format!("{longest_life:?}");
            return Err(
                ConfigError::new("longest life of a token", value).expected("at least a minute")
            );
        }
        for (what, bound) in [("number of users", most_users), ("number of streams", most_streams)]
        {
            if bound == 0 {
                return Err(ConfigError::new(what, "0").expected("more than zero"));
            }
        }
        Ok(Revocations::with(self.settings))
    }
}

// === impl Settings ===

impl Settings {
    /// How long a token that was issued now may count.
    pub(crate) fn life(&self) -> Duration {
        self.longest_life.saturating_add(LEEWAY)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            clock: Clock::system(),
            longest_life: Duration::from_secs(24 * 60 * 60),
            most_users: 100_000,
            most_streams: 10_000,
        }
    }
}
