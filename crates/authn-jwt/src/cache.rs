//! What was verified a moment ago, and what was refused.

use std::{
    fmt,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use palisade_core::{KeyedHash, Moment, Striped};
use quick_cache::{
    UnitWeighter,
    sync::{Cache, DefaultLifecycle},
};

use crate::{
    TokenError, Verified,
    recent::Recent,
    sought::{BroughtHash, Kept, Sought},
    turns::{Turn, Turns},
};

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
    counts: Striped<Counts>,
    hash: KeyedHash,
    verified: Shelf<Verified>,
    refused: Shelf<TokenError>,
    life: Duration,
    /// None where nothing is remembered: who waited would have to compute all the same.
    turns: Option<Turns>,
}

/// How tokens were looked for, by one thread.
#[derive(Default)]
struct Counts {
    found: AtomicU64,
    sought: AtomicU64,
}

/// What all threads share.
type Shelf<T> = Cache<Kept, Entry<T>, UnitWeighter, BroughtHash>;

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
        let shared = usize::try_from(capacity).unwrap_or(usize::MAX);
        let share = shared.div_ceil(Striped::<Mutex<Recent>>::count());
        let recent = Striped::new(|| Mutex::new(Recent::new(share)));
        let turns = (capacity > 0).then(Turns::default);
        let (verified, refused) = (shelf(capacity), shelf(MOST_REFUSED.min(capacity)));
        let counts = Striped::new(Counts::default);
        Self { recent, counts, hash: KeyedHash::random(), verified, refused, life, turns }
    }

    /// `token`, to be looked for.
    pub(crate) fn sought<'a>(&self, token: &'a str) -> Sought<'a> {
        Sought::new(token, &self.hash)
    }

    /// Takes the turn at verifying `token`, once nobody else has it. What comes of it must be remembered before the turn is
    /// given back.
    pub(crate) fn turn(&self, token: Sought<'_>) -> Option<Turn<'_>> {
        self.turns.as_ref().map(|turns| turns.take(token.hash))
    }

    /// The verdict on `token`, if it is remembered. The caller checks its times again.
    pub(crate) fn find(
        &self,
        token: Sought<'_>,
        epoch: u64,
        now: Moment,
    ) -> Option<Result<Verified, TokenError>> {
        let is_fresh = |entry: &Entry<Verified>| entry.is_fresh(epoch, now);
        if let Some(verified) = self.recent().get(token, is_fresh) {
            return Some(Ok(verified.clone()));
        }
        if let Some(entry) = self.verified.get(&token).filter(is_fresh) {
            if self.recent().wants(token) {
                let twin = Entry { value: entry.value.twin(), ..entry };
                let forgotten = self.recent().put(token, twin);
                drop(forgotten);
            }
            return Some(Ok(entry.value));
        }
        // A clock that was set back may make an expired token a good one: what was refused later than now is asked anew.
        let refused = self.refused.get(&token)?;
        let holds = refused.is_fresh(epoch, now) && now.wall() >= refused.since.wall();
        holds.then_some(Err(refused.value))
    }

    /// Remembers that `token` is good, until it expires at the latest.
    pub(crate) fn keep(&self, token: Sought<'_>, epoch: u64, now: Moment, verified: Verified) {
        let left = time_left(verified.expires(), now);
        if !left.is_zero() {
            let life = self.life.min(left);
            self.verified.insert(token.kept(), Entry { value: verified, epoch, since: now, life });
        }
    }

    /// Remembers that `token` is bad, if it stays bad. It is the caller's to keep off what is cheaper to find out again.
    pub(crate) fn refuse(&self, token: Sought<'_>, epoch: u64, now: Moment, error: TokenError) {
        if !error.may_heal() {
            let entry = Entry { value: error, epoch, since: now, life: self.life };
            self.refused.insert(token.kept(), entry);
        }
    }

    /// Counts a token that was looked for; and whether it was found.
    pub(crate) fn count<T>(&self, found: Option<&T>) {
        let counts = self.counts.mine();
        counts.sought.fetch_add(1, Ordering::Relaxed);
        if found.is_some() {
            counts.found.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many tokens were looked for, and how many of them were found.
    pub(crate) fn counted(&self) -> (u64, u64) {
        let add_up = |read: fn(&Counts) -> &AtomicU64| {
            let all = self.counts.all().map(|counts| read(counts).load(Ordering::Relaxed));
            all.fold(0, u64::saturating_add)
        };
        // In this order, so that never more are found than looked for.
        let found = add_up(|counts| &counts.found);
        (add_up(|counts| &counts.sought), found)
    }

    /// Nothing here can be left half written, so a poisoned lock is as good as another.
    fn recent(&self) -> MutexGuard<'_, Recent> {
        self.recent.mine().lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many good and how many bad tokens are remembered.
    pub(crate) fn len(&self) -> (usize, usize) {
        (self.verified.len(), self.refused.len())
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

/// A table of at most `most` entries. Those that are asked for stay longer than those that came once (S3-FIFO).
fn shelf<T: Clone>(most: u64) -> Shelf<T> {
    let expected = usize::try_from(most).unwrap_or(usize::MAX);
    Cache::with(expected, most, UnitWeighter, BroughtHash::default(), DefaultLifecycle::default())
}

fn time_left(expires: SystemTime, now: Moment) -> Duration {
    expires.duration_since(now.wall()).unwrap_or_default()
}
