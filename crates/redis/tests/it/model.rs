//! A model of the script in Rust, and of time.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    task::Poll,
    time::Duration,
};

use futures_util::FutureExt;
use palisade_core::BoxFuture;
use palisade_ratelimit::Outage;
use palisade_redis::{Take, Tallied, Tally};

/// Counts as the script does, at a time that the test sets.
pub(crate) struct Model {
    /// In microseconds.
    pub(crate) now: AtomicU64,
    pub(crate) calls: AtomicU64,
    /// So many calls are answered. The others were counted, but what was counted is still on its way.
    pub(crate) answers: Arc<AtomicU64>,
    whole_at: Mutex<HashMap<String, u64>>,
    waiting: Mutex<Vec<BoxFuture<()>>>,
}

impl Default for Model {
    /// Answers all.
    fn default() -> Self {
        Self {
            now: AtomicU64::default(),
            calls: AtomicU64::default(),
            answers: Arc::new(AtomicU64::new(u64::MAX)),
            whole_at: Mutex::default(),
            waiting: Mutex::default(),
        }
    }
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

    /// Does what nobody waits for, as far as it comes.
    pub(crate) fn run_background(&self) {
        let mut waiting = std::mem::take(&mut *self.waiting.lock().unwrap());
        waiting.retain_mut(|task| task.now_or_never().is_none());
        self.waiting.lock().unwrap().append(&mut waiting);
    }
}

impl std::fmt::Debug for Model {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Model")
    }
}

impl Tally for Model {
    fn take(&self, takes: Vec<Take>) -> BoxFuture<Result<Vec<Tallied>, Outage>> {
        let number = self.calls.fetch_add(1, Ordering::Relaxed);
        let (answer, answers) = (self.count(&takes), Arc::clone(&self.answers));
        Box::pin(std::future::poll_fn(move |_| {
            let is_answered = number < answers.load(Ordering::Relaxed);
            if is_answered { Poll::Ready(Ok(answer.clone())) } else { Poll::Pending }
        }))
    }

    fn unavailable(&self) -> Option<Outage> {
        None
    }

    fn background(&self, task: BoxFuture<()>) {
        self.waiting.lock().unwrap().push(task);
    }
}
