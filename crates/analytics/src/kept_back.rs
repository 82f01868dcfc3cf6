//! Records that the store could not take for a reason that passes: they are given to it again.

use std::{
    collections::VecDeque,
    mem,
    sync::{Arc, atomic::Ordering},
};

use crate::{Record, StoreError, analytics::Shared, health::Job, work::does};

/// The most records that are kept back.
const MOST: usize = 16_384;
/// How often they are tried at the end, when nobody waits for long.
const LAST_TRIES: usize = 2;

/// Records that the store could not take for a reason that passes, batch by batch, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct KeptBack {
    batches: VecDeque<Vec<Arc<Record>>>,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fate {
    Stored,
    /// It is tried again.
    KeptBack,
    Lost,
}

// === impl KeptBack ===

impl KeptBack {
    pub(crate) fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// Gives the store what was kept back, and then `batch`: in the order in which they came. While the first is not taken nobody
    /// tries the others, each of which may wait as long.
    pub(crate) fn store(&mut self, shared: &Shared, batch: &[Arc<Record>]) -> Fate {
        if !self.try_again(shared) {
            return self.keep(shared, batch);
        }
        match append(shared, batch) {
            Ok(()) => Fate::Stored,
            Err(error) if error.is_passing() => self.keep(shared, batch),
            Err(_) => lose(shared, batch),
        }
    }

    /// Gives the store what was kept back; whether nothing is left of it.
    pub(crate) fn try_again(&mut self, shared: &Shared) -> bool {
        while let Some(batch) = self.batches.front() {
            match append(shared, batch) {
                Err(error) if error.is_passing() => break,
                Err(_) => {
                    lose(shared, batch);
                }
                Ok(()) => {}
            }
            self.batches.pop_front();
            self.tell(shared);
        }
        self.batches.is_empty()
    }

    /// Tries a last time; what the store does not take is lost.
    pub(crate) fn end(&mut self, shared: &Shared) {
        for _ in 0..LAST_TRIES {
            if self.try_again(shared) {
                return;
            }
        }
        for batch in mem::take(&mut self.batches) {
            lose(shared, &batch);
        }
        self.tell(shared);
    }

    fn keep(&mut self, shared: &Shared, batch: &[Arc<Record>]) -> Fate {
        if self.len().saturating_add(batch.len()) > MOST {
            return lose(shared, batch);
        }
        self.batches.push_back(batch.to_vec());
        self.tell(shared);
        Fate::KeptBack
    }

    fn len(&self) -> usize {
        self.batches.iter().fold(0, |sum, batch| sum.saturating_add(batch.len()))
    }

    fn tell(&self, shared: &Shared) {
        shared.kept_back.store(self.len(), Ordering::Relaxed);
    }
}

fn append(shared: &Shared, batch: &[Arc<Record>]) -> Result<(), StoreError> {
    let begun = shared.config.clock.now();
    let went = does(shared, || shared.store.append(batch));
    shared.health.took(shared.config.clock.since(begun));
    shared.health.note(Job::Append, went.as_ref().copied());
    went
}

fn lose(shared: &Shared, batch: &[Arc<Record>]) -> Fate {
    shared.health.loses(u64::try_from(batch.len()).unwrap_or(u64::MAX));
    Fate::Lost
}
