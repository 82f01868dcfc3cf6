//! Counts violations per offender within a sliding window, in bounded memory.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use palisade_core::{KeyedHash, Moment, ViolationKind};

use crate::{BanTarget, Evidence, ViolationCounts, offenders::Offenders, tally::Sighting};

/// Offenders are spread over this many locks, if there is room for enough of them; over more, up to the most, where there
/// is room for many, so that a part stays small enough to look at all of it.
const PARTS: usize = 16;
const MOST_PARTS: usize = 1024;
const PARTED_FROM: usize = 1024;
const PART: usize = 8192;

/// The violations of the last window. [`Offenders`] says what happens at the bound.
#[derive(Debug)]
pub(crate) struct Violations {
    parts: Box<[Mutex<Offenders>]>,
    spread: KeyedHash,
    threshold: u32,
    window: Duration,
    forgotten: AtomicU64,
    counted: [AtomicU32; 4],
}

// === impl Violations ===

impl Violations {
    pub(crate) fn new(capacity: usize, threshold: u32, window: Duration) -> Self {
        let parts = match capacity {
            ..PARTED_FROM => 1,
            _ => capacity.div_ceil(PART).next_power_of_two().clamp(PARTS, MOST_PARTS),
        };
        let capacity = capacity.checked_div(parts).unwrap_or(capacity).max(1);
        Self {
            parts: (0..parts).map(|_| Mutex::new(Offenders::new(capacity))).collect(),
            spread: KeyedHash::random(),
            threshold,
            window,
            forgotten: AtomicU64::new(0),
            counted: Default::default(),
        }
    }

    /// Counts one violation. Returns what is held against the offender if that exceeds the threshold; he then starts
    /// from zero.
    pub(crate) fn record(
        &self,
        offender: &BanTarget,
        sighting: Sighting<'_>,
        now: Moment,
    ) -> Option<Evidence> {
        let hash = self.spread.of(offender);
        let mut part = self.part(hash)?;
        part.prune(now.instant(), self.window);
        if part.is_full() && !part.holds(hash, offender) {
            self.forgotten.fetch_add(1, Ordering::Relaxed);
        }
        let at = (now.instant(), self.window);
        let tally = part.record((hash, offender), sighting, at, self.threshold);
        drop(part);
        tally.and_then(|tally| tally.evidence(now))
    }

    /// Takes note of a violation in the sums since the start.
    pub(crate) fn count(&self, kind: ViolationKind) {
        let [rate_limit, auth_failure, suspicious, other] = &self.counted;
        let sum = match kind {
            ViolationKind::RateLimit => rate_limit,
            ViolationKind::AuthFailure => auth_failure,
            ViolationKind::Suspicious => suspicious,
            _ => other,
        };
        let _full: Result<u32, u32> =
            sum.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |sum| sum.checked_add(1));
    }

    /// How many were counted since the start.
    pub(crate) fn counted(&self) -> ViolationCounts {
        let [rate_limit, auth_failure, suspicious, other] = &self.counted;
        ViolationCounts {
            rate_limit: rate_limit.load(Ordering::Relaxed),
            auth_failure: auth_failure.load(Ordering::Relaxed),
            suspicious: suspicious.load(Ordering::Relaxed),
            other: other.load(Ordering::Relaxed),
        }
    }

    /// Forgets what is held against the offender.
    pub(crate) fn forget(&self, offender: &BanTarget) {
        let hash = self.spread.of(offender);
        if let Some(mut part) = self.part(hash) {
            part.forget(hash, offender);
        }
    }

    /// Forgets what is held against the subject of every issuer. Looks at all: for people, not for requests.
    pub(crate) fn forget_subject(&self, subject: &str) {
        for part in &self.parts {
            let mut part = lock(part);
            let named =
                |key: &BanTarget| matches!(key, BanTarget::User(user) if *user.subject == *subject);
            let keys: Vec<_> =
                part.iter_mut().map(|(key, _)| key).filter(|key| named(key)).cloned().collect();
            for key in &keys {
                part.forget(self.spread.of(key), key);
            }
        }
    }

    /// Forgets all that is older than the window.
    pub(crate) fn cleanup(&self, now: Moment) {
        for part in &self.parts {
            lock(part).cleanup(now.instant(), self.window);
        }
    }

    /// The offenders with something held against them at `now`.
    pub(crate) fn list(&self, now: Moment) -> Vec<(BanTarget, Evidence)> {
        let mut list = Vec::new();
        for part in &self.parts {
            for (offender, tally) in lock(part).iter_mut() {
                tally.prune(now.instant(), self.window);
                list.extend(tally.evidence(now).map(|evidence| (offender.clone(), evidence)));
            }
        }
        list
    }

    /// How many offenders are kept.
    pub(crate) fn len(&self) -> usize {
        self.parts.iter().map(|part| lock(part).len()).fold(0, usize::saturating_add)
    }

    /// How many were forgotten at the bound.
    pub(crate) fn forgotten(&self) -> u64 {
        self.forgotten.load(Ordering::Relaxed)
    }

    fn part(&self, hash: u64) -> Option<MutexGuard<'_, Offenders>> {
        let parts = u64::try_from(self.parts.len()).ok()?;
        let place = (hash >> 32).checked_rem(parts)?;
        self.parts.get(usize::try_from(place).ok()?).map(lock)
    }
}

/// Counting goes on after a panic elsewhere: at worst one violation is missing.
fn lock(part: &Mutex<Offenders>) -> MutexGuard<'_, Offenders> {
    part.lock().unwrap_or_else(PoisonError::into_inner)
}
