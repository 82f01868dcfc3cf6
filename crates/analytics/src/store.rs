//! Where records are kept, and what can be asked of them.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use palisade_core::{Location, RequestId};
use serde::Serialize;

use crate::{Cursor, Dimension, Filter, Page, Record, record::in_milliseconds};

/// Keeps records, and answers what is asked of them.
///
/// [`append`](Self::append), [`locate`](Self::locate) and [`prune`](Self::prune) are called from the thread of the analytics
/// alone, the rest from any thread that may block.
pub trait Store: fmt::Debug + Send + Sync {
    /// Adds records, in the order in which they were answered: all or none.
    ///
    /// # Errors
    ///
    /// If they are not kept. They are then counted as lost; those that a [`passing`](StoreError::passing) error left out are given
    /// again, before others, up to 16 384 of them.
    fn append(&self, records: &[Arc<Record>]) -> Result<(), StoreError>;

    /// Writes down where the clients of these requests are, that were stored without it. A request that is not there any more is
    /// passed over.
    ///
    /// # Errors
    ///
    /// If it is not kept.
    fn locate(&self, located: &[(RequestId, Arc<Location>)]) -> Result<(), StoreError>;

    /// Forgets what is too old or too much, by the store's own rules; returns how many records that were. Called once a minute.
    /// Records wait meanwhile, so one call should not take longer than a moment: see [`has_more_to_prune`](Self::has_more_to_prune).
    ///
    /// # Errors
    ///
    /// If it could not.
    fn prune(&self, now: SystemTime) -> Result<u64, StoreError>;

    /// Whether the last call of [`prune`](Self::prune) left something to do. It is then called again as soon as the records that
    /// wait are added.
    fn has_more_to_prune(&self) -> bool {
        false
    }

    /// The records that match, newest first: `limit` of them at most, older than `before`.
    ///
    /// # Errors
    ///
    /// If the store does not answer.
    fn page(
        &self,
        filter: &Filter,
        before: Option<Cursor>,
        limit: usize,
    ) -> Result<Page, StoreError>;

    /// How many records match.
    ///
    /// # Errors
    ///
    /// If the store does not answer.
    fn count(&self, filter: &Filter) -> Result<u64, StoreError> {
        self.summary(filter).map(|summary| summary.requests)
    }

    /// Totals, percentiles of the response time, of what matches.
    ///
    /// # Errors
    ///
    /// If the store does not answer.
    fn summary(&self, filter: &Filter) -> Result<Summary, StoreError>;

    /// The most frequent keys of `dimension` among what matches, the most frequent first, equals in the order of their text;
    /// `limit` of them at most.
    ///
    /// # Errors
    ///
    /// If the store does not answer.
    fn count_by(
        &self,
        filter: &Filter,
        dimension: Dimension,
        limit: usize,
    ) -> Result<Counts, StoreError>;

    /// What matches, by time of arrival, oldest first, in steps of `step` from the epoch on: a day's are UTC days. A step is
    /// whole seconds, and at least one. What arrived before the epoch counts to the first step. Steps without requests are left
    /// out; `limit` of the newest at most.
    ///
    /// # Errors
    ///
    /// If the store does not answer.
    fn over_time(
        &self,
        filter: &Filter,
        step: Duration,
        limit: usize,
    ) -> Result<Vec<Step>, StoreError>;

    /// Forgets what matches, for good; returns how many records that were.
    ///
    /// # Errors
    ///
    /// If not all of it is gone.
    fn delete(&self, filter: &Filter) -> Result<u64, StoreError>;
}

/// Why a store did not do what it was asked for: for the log.
#[derive(Debug)]
pub struct StoreError {
    reason: Box<dyn std::error::Error + Send + Sync>,
    is_passing: bool,
}

/// Totals of some requests. Serialized in camelCase.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Summary {
    /// How many requests.
    pub requests: u64,
    /// How many of them were refused by a layer.
    pub refused: u64,
    /// How many of them were not answered to the last byte.
    pub aborted: u64,
    /// Bytes of bodies that were sent.
    pub bytes: u64,
    /// How many sessions they were of.
    pub sessions: u64,
    /// How many users they were of.
    pub users: u64,
    /// How many addresses they were from.
    pub addresses: u64,
    /// The response time within which half of them were answered to the last byte, in milliseconds, by nearest rank. A stream
    /// counts with all of its time: a filter by route leaves streams out.
    pub p50_ms: f64,
    /// The same of 90 percent.
    pub p90_ms: f64,
    /// The same of 99 percent.
    pub p99_ms: f64,
    /// The longest.
    pub max_ms: f64,
}

/// Counts by a [`Dimension`].
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Counts {
    /// The keys and how often each came.
    pub rows: Vec<(String, u64)>,
    /// How many requests had a key that is not among these.
    pub other: u64,
}

/// One step of time. Serialized in camelCase.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Step {
    /// When it begins. Serialized as RFC 3339.
    #[serde(serialize_with = "crate::record::rfc3339")]
    pub from: SystemTime,
    /// How many requests arrived.
    pub requests: u64,
    /// How many of them were refused by a layer.
    pub refused: u64,
    /// How many sessions they were of.
    pub sessions: u64,
}

// === impl StoreError ===

impl StoreError {
    /// Says why.
    pub fn new(reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { reason: reason.into(), is_passing: false }
    }

    /// Says why, where the same may work in a moment: somebody else is at the store, say.
    pub fn passing(reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { reason: reason.into(), is_passing: true }
    }

    /// Whether the same may work in a moment.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        self.is_passing
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reason.fmt(f)
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.reason)
    }
}

// === impl Summary ===

impl Summary {
    /// Says how long answers took: the 50th, 90th and 99th percentile, and the longest.
    #[must_use]
    pub fn response_times(mut self, [p50, p90, p99, max]: [Duration; 4]) -> Self {
        self.p50_ms = in_milliseconds(p50);
        self.p90_ms = in_milliseconds(p90);
        self.p99_ms = in_milliseconds(p99);
        self.max_ms = in_milliseconds(max);
        self
    }
}

// === impl Counts ===

impl Counts {
    /// These rows, and so many others.
    #[must_use]
    pub const fn new(rows: Vec<(String, u64)>, other: u64) -> Self {
        Self { rows, other }
    }
}

// === impl Step ===

impl Step {
    /// A step without requests.
    #[must_use]
    pub const fn at(from: SystemTime) -> Self {
        Self { from, requests: 0, refused: 0, sessions: 0 }
    }
}
