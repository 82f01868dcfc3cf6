//! Alerts that a flood would repeat: the first is logged, then how many there were.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use palisade_core::Moment;

use crate::{BanTarget, log};

/// An alert of one kind is logged this often at most.
const INTERVAL: Duration = Duration::from_secs(60);

/// Why somebody was not banned who should have been.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Alert {
    Protected,
    NoRoom,
    /// The header of a trusted proxy made no sense, so nobody knows who it was.
    Unverified,
}

/// What was logged last, and how often it was not since.
#[derive(Debug, Default)]
pub(crate) struct Alerts([Mutex<Fold>; 3]);

/// One kind of event, of which one is logged in a minute.
#[derive(Debug, Default)]
pub(crate) struct Fold {
    logged: Option<Instant>,
    folded: u64,
}

// === impl Alerts ===

impl Alerts {
    /// Logs an alert, or counts it if one of its kind was logged less than a minute ago.
    pub(crate) fn raise(&self, alert: Alert, target: Option<&BanTarget>, by: &str, now: Moment) {
        let folded = self.fold(alert).raise(now.instant());
        if let Some(folded) = folded {
            log::refused(target, alert.outcome(), by, folded);
        }
    }

    /// Logs what was counted and not logged, once the minute is over.
    pub(crate) fn cleanup(&self, now: Moment) {
        for alert in [Alert::Protected, Alert::NoRoom, Alert::Unverified] {
            let mut fold = self.fold(alert);
            if fold.folded > 0 && fold.is_over(now.instant()) {
                let folded = std::mem::take(&mut fold.folded);
                fold.logged = Some(now.instant());
                log::refused(None, alert.outcome(), "auto-ban", folded);
            }
        }
    }

    fn fold(&self, alert: Alert) -> MutexGuard<'_, Fold> {
        let [protected, no_room, unverified] = &self.0;
        let fold = match alert {
            Alert::Protected => protected,
            Alert::NoRoom => no_room,
            Alert::Unverified => unverified,
        };
        fold.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Fold ===

impl Fold {
    /// How many were folded into the one that is to be logged now; `None` if it is not to be.
    pub(crate) fn raise(&mut self, now: Instant) -> Option<u64> {
        if !self.is_over(now) {
            self.folded = self.folded.saturating_add(1);
            return None;
        }
        self.logged = Some(now);
        Some(std::mem::take(&mut self.folded))
    }

    fn is_over(&self, now: Instant) -> bool {
        self.logged.is_none_or(|logged| now.saturating_duration_since(logged) >= INTERVAL)
    }
}

// === impl Alert ===

impl Alert {
    fn outcome(self) -> &'static str {
        match self {
            Self::Protected => "protected",
            Self::NoRoom => "no-room",
            Self::Unverified => "address-unverified",
        }
    }
}
