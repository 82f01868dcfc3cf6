//! When a key was last used, to the minute.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// When a key was last used, to the minute. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct LastUsed {
    /// Since the Unix epoch; 0 if never.
    minute: Arc<AtomicU64>,
}

impl LastUsed {
    /// Takes note of a use. A key in use is written once a minute: threads that share it read.
    pub(crate) fn note(&self, time: SystemTime) {
        let minute = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / 60);
        if self.minute.load(Ordering::Relaxed) < minute {
            self.minute.fetch_max(minute, Ordering::Relaxed);
        }
    }

    pub(crate) fn time(&self) -> Option<SystemTime> {
        match self.minute.load(Ordering::Relaxed) {
            0 => None,
            minute => UNIX_EPOCH.checked_add(Duration::from_secs(minute.saturating_mul(60))),
        }
    }
}
