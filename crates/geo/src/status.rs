//! How it is doing: for a readiness check, metrics and people.

use serde::Serialize;

use crate::{BreakerState, DatabaseStatus, ProviderError};

/// How [`Geo`](crate::Geo) is doing. Counts are since the start.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct GeoStatus {
    /// Questions answered by what a database knows, or by an answer of the provider that is fresh.
    pub hits: u64,
    /// Questions answered by an older answer of the provider.
    pub stale: u64,
    /// Questions answered by "not yet".
    pub misses: u64,
    /// Questions that nobody answers: about addresses of no place, such as private ones, and about those that no database knows
    /// where there is no provider.
    pub nowhere: u64,
    /// Answers of the provider that are kept, failures among them.
    pub entries: usize,
    /// The most that are.
    pub capacity: u64,
    /// Calls of the provider that began.
    pub calls: u64,
    /// Calls that it answered.
    pub answered: u64,
    /// Calls that failed, among them those that were to find out whether it answers again and never began.
    pub failures: u64,
    /// Questions that were not asked: no budget, no room, or the provider fails. They are asked when the address comes again.
    pub dropped: u64,
    /// Questions that are asked, or wait to be.
    pub in_flight: usize,
    /// Calls that are left in this minute.
    pub budget_left: usize,
    /// Whether the provider is asked; none where there is no provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub breaker: Option<BreakerState>,
    /// Why the last call that failed did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<ProviderError>,
    /// Whether the file of the cache could not be written.
    pub unwritable: bool,
    /// The databases.
    pub databases: Vec<DatabaseStatus>,
}

// === impl GeoStatus ===

impl GeoStatus {
    /// Whether it knows less than it should: the provider fails, a newer file of a database cannot be used, or the cache cannot
    /// be written. Requests go on all the same.
    #[must_use]
    pub fn is_degraded(&self) -> bool {
        self.breaker.is_some_and(|breaker| breaker != BreakerState::Closed)
            || self.unwritable
            || self.databases.iter().any(|database| database.error.is_some())
    }
}
