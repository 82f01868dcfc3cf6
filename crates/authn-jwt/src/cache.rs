//! What was verified a moment ago, and what was refused.

use std::{
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use moka::sync::Cache;
use palisade_core::{KeyedHash, Moment, Striped};

use crate::{TokenError, Verified, recent::Recent};

/// The most bad tokens remembered. A flood of different ones costs this much memory and no more.
const MOST_REFUSED: u64 = 1_000;

/// Remembers verdicts on whole tokens: no digest is cut, so no token answers for another.
///
/// An entry belongs to one epoch of keys and revocations; a later epoch does not see it. At the bound, entries give way
/// to others: what is forgotten is verified again. Good and bad tokens do not share their bounds, so a flood of bad ones
/// drives no good one out.
///
/// In front of what all threads share, each thread has the good tokens that it saw last: to find one there takes a sixth of
/// the instructions, and writes nothing that another thread writes too.
pub(crate) struct VerdictCache {
    recent: Striped<Mutex<Recent>>,
    hash: KeyedHash,
    verified: Cache<Box<str>, Entry<Verified>>,
    refused: Cache<Box<str>, Entry<TokenError>>,
    life: Duration,
}

#[derive(Clone)]
pub(crate) struct Entry<T> {
    pub(crate) value: T,
    epoch: u64,
    since: Moment,
    life: Duration,
}

// === impl VerdictCache ===

impl VerdictCache {
    pub(crate) fn new(capacity: u64, life: Duration) -> Self {
        let refused = Cache::new(MOST_REFUSED.min(capacity));
        let shared = usize::try_from(capacity).unwrap_or(usize::MAX);
        let share = shared.div_ceil(Striped::<Mutex<Recent>>::count());
        let recent = Striped::new(|| Mutex::new(Recent::new(share)));
        Self { recent, hash: KeyedHash::random(), verified: Cache::new(capacity), refused, life }
    }

    /// The verdict on `token`, if it is remembered. The caller checks its times again.
    pub(crate) fn find(
        &self,
        token: &str,
        epoch: u64,
        now: Moment,
    ) -> Option<Result<Verified, TokenError>> {
        let hash = self.hash.of(token);
        let is_fresh = |entry: &Entry<Verified>| entry.is_fresh(epoch, now);
        if let Some(verified) = self.recent().get(hash, token, is_fresh) {
            return Some(Ok(verified.clone()));
        }
        if let Some(entry) = self.verified.get(token).filter(is_fresh) {
            if self.recent().wants(hash) {
                let twin = Entry { value: entry.value.twin(), ..entry };
                let forgotten = self.recent().put(hash, token, twin);
                drop(forgotten);
            }
            return Some(Ok(entry.value));
        }
        // A clock that was set back may make an expired token a good one: what was refused later than now is asked anew.
        let refused = self.refused.get(token)?;
        let holds = refused.is_fresh(epoch, now) && now.wall() >= refused.since.wall();
        holds.then_some(Err(refused.value))
    }

    /// Remembers that `token` is good, until it expires at the latest.
    pub(crate) fn keep(&self, token: &str, epoch: u64, now: Moment, verified: Verified) {
        let left = time_left(verified.expires(), now);
        if !left.is_zero() {
            let life = self.life.min(left);
            self.verified.insert(token.into(), Entry { value: verified, epoch, since: now, life });
        }
    }

    /// Remembers that `token` is bad, if that was not cheap to find out.
    pub(crate) fn refuse(&self, token: &str, epoch: u64, now: Moment, error: TokenError) {
        if error.is_worth_remembering() {
            let entry = Entry { value: error, epoch, since: now, life: self.life };
            self.refused.insert(token.into(), entry);
        }
    }

    /// Nothing here can be left half written, so a poisoned lock is as good as another.
    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.recent.mine().lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many good and how many bad tokens are remembered.
    pub(crate) fn len(&self) -> (u64, u64) {
        self.verified.run_pending_tasks();
        self.refused.run_pending_tasks();
        (self.verified.entry_count(), self.refused.entry_count())
    }
}

impl fmt::Debug for VerdictCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Neither the tokens nor what they say.
        f.debug_struct("VerdictCache").field("life", &self.life).finish_non_exhaustive()
    }
}

// === impl Entry ===

impl<T> Entry<T> {
    fn is_fresh(&self, epoch: u64, now: Moment) -> bool {
        self.epoch == epoch && now.since(self.since) < self.life
    }
}

fn time_left(expires: SystemTime, now: Moment) -> Duration {
    expires.duration_since(now.wall()).unwrap_or_default()
}
