//! Whether a store that instances share is out of order.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use palisade_core::{Moment, SECURITY_TARGET};

use crate::Outage;

/// Whether a store is out of order: from the first time it does not answer, until it answers and has not failed for
/// [`CALM`]. So a store of which every other call fails has one outage and not a thousand, and is written two lines of.
#[derive(Debug, Default)]
pub(crate) struct Health {
    silent: AtomicBool,
    /// When the last request arrived that it failed.
    failed: Mutex<Option<Instant>>,
}

/// So long must nothing fail for an outage to be over.
const CALM: Duration = Duration::from_secs(5);

// === impl Health ===

impl Health {
    /// Whether it is out of order.
    pub(crate) fn is_silent(&self) -> bool {
        self.silent.load(Ordering::Relaxed)
    }

    /// It failed a request that arrived at `arrived`. Logged when it begins, not for every request.
    pub(crate) fn fails(&self, outage: Outage, arrived: Moment) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        *failed = (*failed).max(Some(arrived.instant()));
        let begins = !self.silent.swap(true, Ordering::Relaxed);
        drop(failed);
        if begins {
            tracing::error!(
                target: SECURITY_TARGET,
                event = "rate-limit.degraded",
                reason = outage.reason(),
                "the shared store does not answer; each limit does what it is set to"
            );
        }
    }

    /// It was asked, and answered a request that arrived at `arrived`. Costs nothing unless there is an outage to be ended.
    pub(crate) fn answers(&self, arrived: Moment) {
        if self.is_silent() && self.ends(arrived.instant()) {
            tracing::warn!(
                target: SECURITY_TARGET,
                event = "rate-limit.recovered",
                "the shared store answers again"
            );
        }
    }

    fn ends(&self, arrived: Instant) -> bool {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let calm = failed.is_none_or(|failed| arrived.saturating_duration_since(failed) >= CALM);
        calm && self.silent.swap(false, Ordering::Relaxed)
    }
}
