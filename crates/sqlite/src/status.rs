//! How the store is doing.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

/// How the store is doing: for metrics and health checks.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct SqliteStatus {
    /// Bytes on disk: of the database, and of what is written ahead of it.
    pub bytes: u64,
    /// Records: those at the start, and what this process added and deleted since.
    pub records: u64,
    /// How long the last records took to be added.
    pub last_append: Duration,
    /// How often records were to be added since the start, failures included.
    pub appends: u64,
    /// How long all of that took.
    pub appended_in: Duration,
    /// How often records were not added, or not deleted, since the start.
    pub failures: u64,
    /// How many damaged files were kept aside since the start.
    pub kept_aside: u64,
}

/// The numbers behind it.
#[derive(Debug, Default)]
pub(crate) struct Health {
    pub(crate) records: AtomicU64,
    pub(crate) last_append: AtomicU64,
    appends: AtomicU64,
    appended_in: AtomicU64,
    pub(crate) failures: AtomicU64,
    pub(crate) kept_aside: AtomicU64,
}

// === impl Health ===

impl Health {
    pub(crate) fn added(&self, records: usize) {
        self.records.fetch_add(u64::try_from(records).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(crate) fn gone(&self, records: u64) {
        let less = |now: u64| Some(now.saturating_sub(records));
        // It always says what to write, so it does not fail.
        let _ = self.records.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }

    pub(crate) fn failed(&self) {
        self.failures.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn appended_in(&self, time: Duration) {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.last_append.store(nanoseconds, Ordering::Relaxed);
        self.appends.fetch_add(1, Ordering::Relaxed);
        // 584 years.
        self.appended_in.fetch_add(nanoseconds, Ordering::Relaxed);
    }

    pub(crate) fn status(&self, bytes: u64) -> SqliteStatus {
        let read = |number: &AtomicU64| number.load(Ordering::Relaxed);
        SqliteStatus {
            bytes,
            records: read(&self.records),
            last_append: Duration::from_nanos(read(&self.last_append)),
            appends: read(&self.appends),
            appended_in: Duration::from_nanos(read(&self.appended_in)),
            failures: read(&self.failures),
            kept_aside: read(&self.kept_aside),
        }
    }
}
