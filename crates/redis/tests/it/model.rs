//! A model of the script in Rust, and of time.

use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::FutureExt;
use palisade_core::BoxFuture;
use palisade_ratelimit::Outage;
use palisade_redis::{Take, Tallied, Tally};

/// Counts as the script does, at a time that the test sets.
#[derive(Default)]
pub(crate) struct Model {
    /// In microseconds.
    pub(crate) now: AtomicU64,
    pub(crate) calls: AtomicU64,
    whole_at: Mutex<HashMap<String, u64>>,
    waiting: Mutex<Vec<BoxFuture<()>>>,
}

impl Model {
    /// What the script does.
    pub(crate) fn count(&self, takes: &[Take]) -> Vec<Tallied> {
        let now = self.now.load(Ordering::Relaxed);
        let mut whole_at = self.whole_at.lock().unwrap();
        let owed = |take: &Take| {
            let owed = whole_at.get(&take.key).map_or(0, |at| at.saturating_sub(now));
            owed.min(take.interval * take.burst).saturating_sub(take.interval * take.back)
        };
        let owed: Vec<u64> = takes.iter().map(owed).collect();
        let wait = |(take, owed): (&Take, &u64)| {
            (owed + take.interval * take.cost).saturating_sub(take.interval * take.burst)
        };
        let waits: Vec<u64> = takes.iter().zip(&owed).map(wait).collect();
        let fits = waits.iter().all(|wait| *wait == 0);
        let mut answers = Vec::new();
        for ((take, mut owed), wait) in takes.iter().zip(owed).zip(waits) {
            let whole = take.interval * take.burst;
            let mut ahead = 0;
            if fits {
                owed += take.interval * take.cost;
                ahead = take.ahead.min((whole - owed) / take.interval / 2);
                owed += take.interval * ahead;
            }
            whole_at.insert(take.key.clone(), now + owed);
            let micros = Duration::from_micros;
            let left = (whole - owed) / take.interval;
            answers.push(Tallied::new(micros(wait), left, micros(owed), ahead));
        }
        answers
    }

    /// Does what nobody waits for.
    pub(crate) fn run_background(&self) {
        let waiting = std::mem::take(&mut *self.waiting.lock().unwrap());
        for task in waiting {
            task.now_or_never().unwrap();
        }
    }
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Model")
    }
}

impl Tally for Model {
    fn take(&self, takes: Vec<Take>) -> BoxFuture<Result<Vec<Tallied>, Outage>> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        Box::pin(std::future::ready(Ok(self.count(&takes))))
    }

    fn unavailable(&self) -> Option<Outage> {
        None
    }

    fn background(&self, task: BoxFuture<()>) {
        self.waiting.lock().unwrap().push(task);
    }
}
