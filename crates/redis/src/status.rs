//! How it is going with Redis, for `/readyz`, metrics and the log.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, SystemTime},
};

use palisade_core::SECURITY_TARGET;
use palisade_ratelimit::Outage;

/// Whether Redis answers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum RedisState {
    /// It was not reached yet since the start.
    Connecting,
    /// It answers.
    Up,
    /// It does not; calls fail at once, and it is tried again in the background.
    Down,
}

/// How it is going with Redis. Holds no secret.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RedisStatus {
    /// Whether it answers.
    pub state: RedisState,
    /// Since when it is so.
    pub since: SystemTime,
    /// What went wrong last, in kebab-case, and when.
    pub last_error: Option<(&'static str, SystemTime)>,
    /// Calls that were sent.
    pub calls: u64,
    /// Calls of those that failed.
    pub failures: u64,
    /// Calls that were not sent, because Redis was down or too many waited.
    pub refused: u64,
    /// The time that all calls took that were answered; divided by their number, the mean.
    pub answered_in: Duration,
    /// The longest that one of them took.
    pub slowest: Duration,
}

/// What is counted.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    calls: AtomicU64,
    failures: AtomicU64,
    refused: AtomicU64,
    answered_in: AtomicU64,
    slowest: AtomicU64,
}

// === impl RedisState ===

impl RedisState {
    /// Its name, in kebab-case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

// === impl Counters ===

impl Counters {
    pub(crate) fn refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn sent(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn failed(&self) {
        self.failures.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn answered(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.answered_in.fetch_add(micros, Ordering::Relaxed);
        self.slowest.fetch_max(micros, Ordering::Relaxed);
    }

    pub(crate) fn read(
        &self,
        (state, since): (RedisState, SystemTime),
        last_error: Option<(Outage, SystemTime)>,
    ) -> RedisStatus {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        RedisStatus {
            state,
            since,
            last_error: last_error.map(|(error, at)| (error.reason(), at)),
            calls: read(&self.calls),
            failures: read(&self.failures),
            refused: read(&self.refused),
            answered_in: Duration::from_micros(read(&self.answered_in)),
            slowest: Duration::from_micros(read(&self.slowest)),
        }
    }
}

/// Redis does not answer any more, or did not answer at the start.
pub(crate) fn log_down(url: &crate::RedisUrl, reason: Outage) {
    tracing::warn!(
        target: SECURITY_TARGET,
        event = "redis.down",
        outcome = "degraded",
        redis = %url,
        reason = reason.reason(),
        "what instances share is not at hand"
    );
}

/// Redis answers.
pub(crate) fn log_up(url: &crate::RedisUrl) {
    tracing::info!(
        target: SECURITY_TARGET,
        event = "redis.up",
        outcome = "shared",
        redis = %url,
        "what instances share is at hand"
    );
}
