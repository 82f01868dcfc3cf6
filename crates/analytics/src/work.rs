//! What the background thread does: makes records of drafts, stores them, and tells who watches.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use palisade_core::{Location, Moment, RequestId, Whereabouts};

use crate::{
    Record, StoreError,
    analytics::Shared,
    draft::Draft,
    health::Job,
    kept_back::{Fate, KeptBack},
    locating::{self, Locating, Waiting, whereabouts},
};

/// The most records that are stored in one go.
const BATCH: usize = 1024;
/// How often the store is asked to forget what is too old.
const PRUNE: Duration = Duration::from_secs(60);
/// How long an idle thread sleeps before it looks at the clock.
const TICK: Duration = Duration::from_secs(1);

/// The background thread.
#[derive(Debug)]
pub(crate) struct Work {
    shared: Arc<Shared>,
    kept_back: KeptBack,
    locating: Locating,
    pruned: Option<Moment>,
    has_more_to_prune: bool,
}

// === impl Work ===

impl Work {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            kept_back: KeptBack::default(),
            locating: Locating::default(),
            pruned: None,
            has_more_to_prune: false,
        }
    }

    /// Until the analytics are shut down, and all that waits is stored.
    pub(crate) fn run(mut self) {
        let mut drafts = VecDeque::new();
        while self.shared.queue.wait(self.patience()) {
            self.shared.queue.take(BATCH, &mut drafts);
            let count = drafts.len();
            if count > 0 {
                self.keep(drafts.drain(..));
            } else {
                self.kept_back.try_again(&self.shared);
            }
            self.shared.queue.settle(u64::try_from(count).unwrap_or(u64::MAX));
            if self.shared.queue.is_closed() {
                // What waits is stored, and nothing else is begun.
                continue;
            }
            self.look_at_the_clock();
        }
        self.kept_back.end(&self.shared);
        self.ask_a_last_time();
    }

    fn patience(&self) -> Duration {
        if self.has_more_to_prune {
            Duration::ZERO
        } else if self.locating.len() > 0 || !self.kept_back.is_empty() {
            locating::PAUSE
        } else {
            TICK
        }
    }

    /// Makes records, stores them, and shows them.
    fn keep(&mut self, drafts: impl ExactSizeIterator<Item = Draft>) {
        let now = self.shared.config.clock.now();
        let mut waiting = Vec::new();
        let mut batch = Vec::with_capacity(drafts.len());
        for draft in drafts {
            batch.push(Arc::new(self.record(draft, now, &mut waiting)));
        }
        // Observers see what the store has, or would have.
        match self.kept_back.store(&self.shared, &batch) {
            Fate::Stored => self.wait_for(waiting),
            // Nobody keeps whole addresses for as long as that may take.
            Fate::KeptBack => self.left_out(waiting.len()),
            Fate::Lost => {}
        }
        self.show(&batch);
    }

    fn record(&self, draft: Draft, now: Moment, waiting: &mut Vec<Waiting>) -> Record {
        let mut location = draft.country.map(|country| Arc::new(Location::new().country(country)));
        if let (Some(locator), Some(address)) = (&self.shared.config.locator, draft.address) {
            match whereabouts(&**locator, address) {
                Whereabouts::At(known) if !known.is_empty() => location = Some(known),
                Whereabouts::NotYet => {
                    waiting.push(Waiting { request_id: draft.request_id, address, since: now });
                }
                _ => {}
            }
        }
        let address = draft.address.map(|address| self.shared.keeper.keep(address, now.wall()));
        draft.into_record(address, location)
    }

    fn wait_for(&mut self, waiting: Vec<Waiting>) {
        let left_out = self.locating.add(waiting);
        self.left_out(left_out);
        self.shared.locating.store(self.locating.len(), Ordering::Relaxed);
    }

    fn left_out(&self, records: usize) {
        let records = u64::try_from(records).unwrap_or(u64::MAX);
        self.shared.unlocated.fetch_add(records, Ordering::Relaxed);
    }

    /// Each observer by itself: one that panics takes nothing from the others.
    fn show(&self, batch: &[Arc<Record>]) {
        let observers = &self.shared.config.observers;
        let mut went = Ok(());
        for observer in observers.each() {
            let this = guarded(|| {
                observer(batch);
                Ok(())
            });
            went = went.and(this);
        }
        if !observers.is_empty() {
            self.shared.health.note(Job::Observe, went.as_ref().copied());
        }
    }

    fn look_at_the_clock(&mut self) {
        let now = self.shared.config.clock.now();
        self.shared.keeper.turn_the_day(now.wall());
        if let Some(locator) = self.shared.config.locator.clone() {
            let known = self.locating.ask(&*locator, now);
            self.write_down(&known);
        }
        if self.has_more_to_prune || self.pruned.is_none_or(|pruned| now.since(pruned) >= PRUNE) {
            self.pruned = Some(now);
            let went = does(&self.shared, || self.shared.store.prune(now.wall()).map(drop));
            self.has_more_to_prune = went.is_ok() && self.shared.store.has_more_to_prune();
            self.shared.health.note(Job::Prune, went.as_ref().copied());
        }
    }

    fn ask_a_last_time(&mut self) {
        if let Some(locator) = self.shared.config.locator.clone() {
            let known = self.locating.ask_now(&*locator, self.shared.config.clock.now());
            self.write_down(&known);
        }
    }

    fn write_down(&self, known: &[(RequestId, Arc<Location>)]) {
        if !known.is_empty() {
            let went = does(&self.shared, || self.shared.store.locate(known));
            self.shared.health.note(Job::Locate, went.as_ref().copied());
        }
        self.shared.locating.store(self.locating.len(), Ordering::Relaxed);
    }
}

/// What the store says, with a note of how long it takes to say it.
pub(crate) fn does(
    shared: &Shared,
    asked: impl FnOnce() -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    shared.health.begins(shared.config.clock.now());
    let went = guarded(asked);
    shared.health.ends();
    went
}

/// What `asked` says. The thread outlives what panics.
fn guarded(asked: impl FnOnce() -> Result<(), StoreError>) -> Result<(), StoreError> {
    catch_unwind(AssertUnwindSafe(asked)).unwrap_or_else(|_| Err(StoreError::new("it panicked")))
}
