//! The leases of an instance, in bounded memory.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
};

use palisade_core::{KeyedHash, Moment};
use palisade_ratelimit::Standing;

use crate::{
    Leases, Take, Tallied,
    lease::{Lease, Terms, Used},
};

/// Parts of the table, so that threads seldom meet.
const PARTS: usize = 64;

/// The leases of an instance. Where there is no room for one more, that client asks Redis.
pub(crate) struct LeaseTable {
    pub(crate) leases: Leases,
    parts: Box<[Mutex<Part>]>,
    room: usize,
}

type Part = HashMap<u64, Lease, KeyedHash>;

/// What a request takes out of one lease.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Share {
    /// The hash of client and quota.
    pub(crate) id: u64,
    pub(crate) cost: u32,
}

/// A request that was served from leases alone.
pub(crate) struct Served {
    pub(crate) standings: Vec<Standing>,
    /// The leases that more should be asked for.
    pub(crate) low: Vec<u64>,
}

// === impl LeaseTable ===

impl LeaseTable {
    pub(crate) fn new(leases: Leases) -> Self {
        let part = || Mutex::new(HashMap::with_hasher(KeyedHash::random()));
        let parts = PARTS.min(leases.keys.get());
        let room = leases.keys.get().div_ceil(parts.max(1));
        Self { leases, parts: std::iter::repeat_with(part).take(parts).collect(), room }
    }

    /// Takes a request out of all leases, or out of none.
    pub(crate) fn serve(&self, shares: &[Share], now: Moment) -> Option<Served> {
        let mut served = Served { standings: Vec::with_capacity(shares.len()), low: Vec::new() };
        for (nth, share) in shares.iter().enumerate() {
            let used = self.with(share.id, |lease| lease.take(share.cost, now.instant())).flatten();
            let Some(Used { standing, low }) = used else {
                for share in shares.iter().take(nth) {
                    let _known = self.with(share.id, |lease| lease.put_back(share.cost));
                }
                return None;
            };
            served.standings.push(standing);
            if low {
                served.low.push(share.id);
            }
        }
        Some(served)
    }

    /// What to ask for ahead, and how many that are; none if all is under way. Must be [`settled`](Self::settled).
    pub(crate) fn refill(&self, id: u64, now: Moment) -> Option<(u32, Take)> {
        self.with(id, |lease| lease.refill(now.instant())).filter(|(ahead, _)| *ahead > 0)
    }

    /// So many that were asked for ahead are answered, or will never be.
    pub(crate) fn settled(&self, id: u64, ahead: u32) {
        let _known = self.with(id, |lease| lease.settled(ahead));
    }

    /// A request goes to Redis: what it takes ahead, which must be [`settled`](Self::settled), and what it gives back. `terms` are
    /// asked for if nothing is known of the key.
    pub(crate) fn ask(&self, id: u64, now: Moment, terms: impl FnOnce() -> Terms) -> (u32, u64) {
        let Some(mut part) = self.part(id) else { return (0, 0) };
        if let Some(lease) = part.get_mut(&id) {
            return lease.ask(now.instant());
        }
        if part.len() < self.room {
            part.insert(id, Lease::new(terms(), now.instant()));
        }
        (0, 0)
    }

    /// Redis answered. Returns what is too much.
    pub(crate) fn answered(&self, id: u64, sent: Moment, tallied: Tallied, ahead: u64) -> u64 {
        let kept = self.with(id, |lease| lease.answered(sent.instant(), tallied, ahead));
        kept.unwrap_or(tallied.ahead)
    }

    /// Drops what is of no use any more. Returns what is to be given back.
    pub(crate) fn tidy(&self, now: Moment) -> Vec<Take> {
        let now = now.instant();
        let mut back = Vec::new();
        for part in &self.parts {
            let mut part = lock(part);
            back.extend(part.values_mut().filter_map(|lease| lease.over(now)));
            part.retain(|_, lease| !lease.is_idle(now));
        }
        back
    }

    /// The number of keys that something is known of.
    pub(crate) fn len(&self) -> usize {
        self.parts.iter().map(|part| lock(part).len()).fold(0, usize::saturating_add)
    }

    fn with<T>(&self, id: u64, see: impl FnOnce(&mut Lease) -> T) -> Option<T> {
        self.part(id)?.get_mut(&id).map(see)
    }

    fn part(&self, id: u64) -> Option<MutexGuard<'_, Part>> {
        let index = id.checked_rem(u64::try_from(self.parts.len()).ok()?)?;
        self.parts.get(usize::try_from(index).ok()?).map(lock)
    }
}

fn lock(part: &Mutex<Part>) -> MutexGuard<'_, Part> {
    part.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for LeaseTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeaseTable").field("leases", &self.leases).finish_non_exhaustive()
    }
}
