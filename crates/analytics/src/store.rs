//! The latest records, and counts over all of them. Bounded, in memory.

use std::{
    collections::VecDeque,
    fmt::{self, Write as _},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{
    Dimension, Filter, Page, Record, draft::Draft, page::Cursor, queue::Queue, tally::Tally,
};

/// The most records that are stored in one go, so that who reads does not wait long.
const BATCH: usize = 1024;

/// The latest records, and counts over all of them.
#[derive(Debug)]
pub(crate) struct Store {
    kept: Mutex<Kept>,
    keep: usize,
}

#[derive(Debug)]
struct Kept {
    /// Oldest first.
    records: VecDeque<Arc<Record>>,
    /// The number of the oldest record. Numbers are never given twice, so that a cursor survives what happens meanwhile.
    first: u64,
    total: u64,
    tallies: [(Dimension, Tally); Dimension::ALL.len()],
    /// Where keys are written, to spare an allocation for each.
    key: String,
}

// === impl Store ===

impl Store {
    pub(crate) fn new(keep: usize, keys: usize) -> Self {
        let kept = Kept {
            records: VecDeque::new(),
            first: 0,
            total: 0,
            tallies: Dimension::ALL.map(|dimension| (dimension, Tally::new(keys))),
            key: String::new(),
        };
        Self { kept: Mutex::new(kept), keep }
    }

    /// Stores a batch from `queue`, and leaves it in `batch`. A record is in the queue or in the store and never in
    /// between, as seen by [`clear`](Self::clear): so drafts are finished under the lock, that no request takes.
    pub(crate) fn absorb(
        &self,
        queue: &Queue,
        drafts: &mut Vec<Draft>,
        batch: &mut Vec<Arc<Record>>,
    ) {
        let mut kept = self.lock();
        queue.take(BATCH, drafts);
        batch.extend(drafts.drain(..).map(Draft::finish).map(Arc::new));
        for record in batch.iter() {
            kept.add(Arc::clone(record), self.keep);
        }
    }

    /// Forgets every record in the store and in `queue`, and every count; returns how many records those were.
    pub(crate) fn clear(&self, queue: &Queue) -> u64 {
        let mut kept = self.lock();
        let waiting = queue.discard();
        let stored = kept.len();
        kept.first = kept.first.saturating_add(stored);
        kept.total = 0;
        kept.tallies.iter_mut().for_each(|(_, tally)| tally.clear());
        let forgotten = std::mem::take(&mut kept.records);
        drop(kept);
        drop(forgotten);
        stored.saturating_add(waiting)
    }

    pub(crate) fn total(&self) -> u64 {
        self.lock().total
    }

    pub(crate) fn count_by(&self, dimension: Dimension, limit: usize) -> Vec<(String, u64)> {
        self.lock().tally(dimension).map(|tally| tally.top(limit)).unwrap_or_default()
    }

    pub(crate) fn other(&self, dimension: Dimension) -> u64 {
        self.lock().tally(dimension).map(Tally::other).unwrap_or_default()
    }

    /// The records that match, newest first.
    pub(crate) fn page(&self, filter: &Filter) -> Page {
        let kept = self.lock();
        let before = filter.before().map_or(u64::MAX, Cursor::number);
        let end = kept.first.saturating_add(kept.len());
        let numbered = (kept.first..end).rev().zip(kept.records.iter().rev());
        let mut found = numbered
            .filter(|(number, record)| *number < before && filter.matches(record))
            .map(|(number, record)| (number, Arc::clone(record)));
        let page: Vec<_> = found.by_ref().take(filter.most()).collect();
        let next = match page.last() {
            Some((number, _)) => found.next().map(|_| Cursor::new(*number)),
            None => None,
        };
        Page { records: page.into_iter().map(|(_, record)| record).collect(), next }
    }

    /// Counts and records change together under this lock, and nothing in between can panic.
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Kept ===

impl Kept {
    fn len(&self) -> u64 {
        u64::try_from(self.records.len()).unwrap_or(u64::MAX)
    }

    fn tally(&self, wanted: Dimension) -> Option<&Tally> {
        self.tallies.iter().find(|(dimension, _)| *dimension == wanted).map(|(_, tally)| tally)
    }

    fn add(&mut self, record: Arc<Record>, keep: usize) {
        self.total = self.total.saturating_add(1);
        for (dimension, tally) in &mut self.tallies {
            self.key.clear();
            // Writing into a string does not fail.
            if let Ok(true) = write_key(&mut self.key, *dimension, &record) {
                tally.count(&self.key);
            }
        }
        if self.records.len() >= keep && self.records.pop_front().is_some() {
            self.first = self.first.saturating_add(1);
        }
        self.records.push_back(record);
    }
}

/// Writes the record's key in `dimension`; false if it has none.
fn write_key(key: &mut String, dimension: Dimension, record: &Record) -> Result<bool, fmt::Error> {
    match dimension {
        Dimension::Address => show(key, record.address.as_ref()),
        Dimension::Route => show(key, record.route.as_ref().map(palisade_core::Route::id)),
        Dimension::Status => show(key, Some(record.status.as_u16())),
        Dimension::User => show(key, record.user.as_ref()),
        Dimension::Method => show(key, Some(&record.method)),
        Dimension::Country => show(key, record.country.as_ref()),
        Dimension::Code => show(key, record.code.as_ref()),
    }
}

fn show(key: &mut String, value: Option<impl fmt::Display>) -> Result<bool, fmt::Error> {
    match value {
        Some(value) => write!(key, "{value}").map(|()| true),
        None => Ok(false),
    }
}
