//! Copies that pages of indexes hold of what is deleted, because it was moved elsewhere when they were divided.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use palisade_core::Moment;
use rusqlite::{Connection, Error};

/// How often they are removed at the most: all of the indexes is written anew for it.
const REST: Duration = Duration::from_secs(86_400);

/// Whether there may be copies in indexes, and since when there are none.
///
/// `SQLite` overwrites what is deleted where it stands, and not where it stood before its page was divided. In the table these places
/// go with their neighbours, which are of the same time; in an index by user they would stay as long as the neighbours in the
/// alphabet do.
#[derive(Debug, Default)]
pub(crate) struct Remnants {
    may_be: AtomicBool,
    removed: Mutex<Option<Moment>>,
}

// === impl Remnants ===

impl Remnants {
    /// Takes note that so many records were deleted.
    pub(crate) fn deleted(&self, records: u64) {
        if records > 0 {
            self.may_be.store(true, Ordering::Relaxed);
        }
    }

    /// Writes the indexes anew, if they may hold copies and that was not done lately.
    pub(crate) fn remove(&self, connection: &Connection, now: Moment) -> Result<(), Error> {
        let mut removed = self.removed.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = removed.is_none_or(|removed| now.since(removed) >= REST);
        if is_due && self.may_be.load(Ordering::Relaxed) {
            // The one by ids of requests holds nothing of anybody.
            for index in ["requests_by_user", "requests_by_session", "requests_in_numbers"] {
                connection.execute_batch(&format!("REINDEX {index}"))?;
            }
            self.may_be.store(false, Ordering::Relaxed);
            *removed = Some(now);
        }
        Ok(())
    }
}
