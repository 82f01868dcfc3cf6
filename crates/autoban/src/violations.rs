//! Counts violations per offender within a sliding window, in bounded memory.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use palisade_core::{KeyedHash, Moment, ViolationKind};

use crate::{Evidence, ViolationCounts, target::Offender};

/// Up to this many violations per offender are counted to the nanosecond. Beyond, those that come within a 64th of the
/// window share one time, the earliest: so nobody is counted for longer than the window, and an offender costs 129
/// times at most, whatever the threshold.
const EXACT: usize = 64;
const PARTS: u32 = 64;

/// Offenders are spread over this many locks, if there is room for enough of them.
const SHARDS: usize = 16;
const SHARDED_FROM: usize = 1024;

/// The violations of the last window. At the bound, the offender whose last violation is the oldest is forgotten.
#[derive(Debug)]
pub(crate) struct Violations {
    shards: Box<[Mutex<Shard>]>,
    spread: KeyedHash,
    capacity: usize,
    threshold: u32,
    window: Duration,
    forgotten: AtomicU64,
}

#[derive(Debug, Default)]
struct Shard {
    tallies: HashMap<Offender, Tally, KeyedHash>,
    /// The offenders in the order of their last violation.
    order: BTreeMap<u64, Offender>,
    turn: u64,
}

/// The violations of one offender.
#[derive(Debug, Default)]
struct Tally {
    turn: u64,
    ticks: VecDeque<Tick>,
    /// Of all ticks.
    counts: ViolationCounts,
}

#[derive(Clone, Copy, Debug)]
struct Tick {
    at: Instant,
    counts: ViolationCounts,
}

// === impl Violations ===

impl Violations {
    pub(crate) fn new(capacity: usize, threshold: u32, window: Duration) -> Self {
        let shards = if capacity >= SHARDED_FROM { SHARDS } else { 1 };
        Self {
            shards: (0..shards).map(|_| Mutex::default()).collect(),
            spread: KeyedHash::random(),
            capacity: capacity.div_ceil(shards),
            threshold,
            window,
            forgotten: AtomicU64::new(0),
        }
    }

    /// Counts one violation. Returns what is held against the offender if that exceeds the threshold; he then starts
    /// from zero.
    pub(crate) fn record(
        &self,
        offender: &Offender,
        kind: ViolationKind,
        now: Moment,
    ) -> Option<Evidence> {
        let mut shard = self.shard(offender)?;
        shard.prune(now.instant(), self.window, 2);
        if !shard.tallies.contains_key(offender) && shard.tallies.len() >= self.capacity {
            shard.forget_oldest();
            self.forgotten.fetch_add(1, Ordering::Relaxed);
        }
        shard.turn = shard.turn.saturating_add(1);
        let turn = shard.turn;
        let tally = shard
            .tallies
            .entry(offender.clone())
            .or_insert_with(|| Tally { turn, ..Tally::default() });
        let before = std::mem::replace(&mut tally.turn, turn);
        tally.push(kind, now.instant(), self.window);
        if tally.counts.total() > self.threshold {
            let evidence = tally.evidence(now);
            shard.tallies.remove(offender);
            shard.order.remove(&before);
            return evidence;
        }
        shard.order.remove(&before);
        shard.order.insert(turn, offender.clone());
        None
    }

    /// Forgets what is held against the offender.
    pub(crate) fn forget(&self, offender: &Offender) {
        if let Some(mut shard) = self.shard(offender)
            && let Some(tally) = shard.tallies.remove(offender)
        {
            shard.order.remove(&tally.turn);
        }
    }

    /// Forgets all that is older than the window.
    pub(crate) fn cleanup(&self, now: Moment) {
        for shard in &self.shards {
            lock(shard).prune(now.instant(), self.window, usize::MAX);
        }
    }

    /// The offenders with something held against them at `now`.
    pub(crate) fn list(&self, now: Moment) -> Vec<(Offender, Evidence)> {
        let mut list = Vec::new();
        for shard in &self.shards {
            for (offender, tally) in &mut lock(shard).tallies {
                tally.prune(now.instant(), self.window);
                list.extend(tally.evidence(now).map(|evidence| (offender.clone(), evidence)));
            }
        }
        list
    }

    /// How many offenders are kept.
    pub(crate) fn len(&self) -> usize {
        self.shards.iter().map(|shard| lock(shard).tallies.len()).fold(0, usize::saturating_add)
    }

    /// How many were forgotten at the bound.
    pub(crate) fn forgotten(&self) -> u64 {
        self.forgotten.load(Ordering::Relaxed)
    }

    fn shard(&self, offender: &Offender) -> Option<MutexGuard<'_, Shard>> {
        let shards = u64::try_from(self.shards.len()).ok()?;
        let place = self.spread.of(offender).checked_rem(shards)?;
        self.shards.get(usize::try_from(place).ok()?).map(lock)
    }
}

/// Counting goes on after a panic elsewhere: at worst one violation is missing.
fn lock(shard: &Mutex<Shard>) -> MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

// === impl Shard ===

impl Shard {
    /// Forgets up to `most` offenders whose last violation is older than the window.
    fn prune(&mut self, now: Instant, window: Duration, most: usize) {
        for _ in 0..most {
            let oldest = self.order.values().next().and_then(|oldest| self.tallies.get(oldest));
            if !oldest.is_some_and(|tally| tally.is_over(now, window)) {
                return;
            }
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some((_, oldest)) = self.order.pop_first() {
            self.tallies.remove(&oldest);
        }
    }
}

// === impl Tally ===

impl Tally {
    fn push(&mut self, kind: ViolationKind, now: Instant, window: Duration) {
        let counts = ViolationCounts::one(kind);
        // A request that arrived before another may end after it.
        let newest = self.ticks.back().map_or(now, |tick| tick.at);
        let at = now.max(newest);
        self.prune(at, window);
        let part = window.checked_div(PARTS).unwrap_or_default();
        let crowded = self.ticks.len() >= EXACT && at.saturating_duration_since(newest) < part;
        match self.ticks.back_mut() {
            Some(tick) if crowded => tick.counts.add(counts),
            _ => self.ticks.push_back(Tick { at, counts }),
        }
        self.counts.add(counts);
    }

    /// A violation counts for less than a whole window: at its very end it is forgotten.
    fn prune(&mut self, now: Instant, window: Duration) {
        while let Some(tick) = self.ticks.front().filter(|tick| tick.is_over(now, window)) {
            self.counts.take_off(tick.counts);
            self.ticks.pop_front();
        }
    }

    fn is_over(&self, now: Instant, window: Duration) -> bool {
        self.ticks.back().is_none_or(|tick| tick.is_over(now, window))
    }

    fn evidence(&self, now: Moment) -> Option<Evidence> {
        let wall = |tick: &Tick| {
            let ago = now.instant().saturating_duration_since(tick.at);
            now.wall().checked_sub(ago).and_then(crate::time::to_millis)
        };
        let (first, last) = (wall(self.ticks.front()?)?, wall(self.ticks.back()?)?);
        Some(Evidence { violations: self.counts, first, last })
    }
}

// === impl Tick ===

impl Tick {
    fn is_over(&self, now: Instant, window: Duration) -> bool {
        now.saturating_duration_since(self.at) >= window
    }
}
