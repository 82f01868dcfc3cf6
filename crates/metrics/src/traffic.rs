//! Requests, as one thread counts them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use crate::{
    decisions::{Kind, Names, Tallies},
    durations::Durations,
    labels::{Class, Ending, StatusClass, Verb},
};

/// A cell for every set of labels there is: 1 200 numbers, 9.6 KB.
const CELLS: usize =
    Class::ALL.len() * Verb::ALL.len() * StatusClass::ALL.len() * Ending::ALL.len();

/// Requests, as one thread counts them. Others may count here too, where a request ends on another thread than it began on.
#[derive(Debug)]
pub(crate) struct Stripe {
    requests: Box<[AtomicU64]>,
    durations: [Durations; Class::ALL.len()],
    bytes: [AtomicU64; Class::ALL.len()],
    begun: AtomicU64,
    /// In common with all other stripes.
    names: Arc<Names>,
    decisions: Tallies,
}

/// What a request was and how it ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    pub(crate) class: Class,
    pub(crate) verb: Verb,
    pub(crate) status: StatusClass,
    pub(crate) ending: Ending,
}

// === impl Stripe ===

impl Stripe {
    pub(crate) fn new(names: &Arc<Names>) -> Self {
        Self {
            requests: std::iter::repeat_with(AtomicU64::default).take(CELLS).collect(),
            durations: Default::default(),
            bytes: Default::default(),
            begun: AtomicU64::new(0),
            names: Arc::clone(names),
            decisions: Tallies::default(),
        }
    }

    pub(crate) fn begin(&self) {
        self.begun.fetch_add(1, Ordering::Relaxed);
    }

    /// A request is over. What it took is none where that says nothing.
    pub(crate) fn end(&self, facts: Facts, took: Option<Duration>, bytes: u64) {
        if let Some(cell) = self.requests.get(facts.place()) {
            cell.fetch_add(1, Ordering::Relaxed);
        }
        let class = facts.class.place();
        if let (Some(durations), Some(took)) = (self.durations.get(class), took) {
            durations.add(took);
        }
        if let Some(sent) = self.bytes.get(class)
            && bytes > 0
        {
            sent.fetch_add(bytes, Ordering::Relaxed);
        }
    }

    pub(crate) fn decide(&self, kind: Kind, policy: &'static str, code: &'static str) {
        self.decisions.add(self.names.place(policy, code), kind);
    }

    pub(crate) fn requests(&self, facts: Facts) -> u64 {
        self.requests.get(facts.place()).map_or(0, |cell| cell.load(Ordering::Relaxed))
    }

    pub(crate) fn durations(&self, class: Class) -> Option<&Durations> {
        self.durations.get(class.place())
    }

    pub(crate) fn bytes(&self, class: Class) -> u64 {
        self.bytes.get(class.place()).map_or(0, |bytes| bytes.load(Ordering::Relaxed))
    }

    /// How many of the requests that began here are not over.
    pub(crate) fn in_flight(&self) -> u64 {
        // In this order: one that begins and ends meanwhile is not less than none.
        let ended = self.requests.iter().map(|cell| cell.load(Ordering::Acquire));
        let ended = ended.fold(0, u64::saturating_add);
        self.begun.load(Ordering::Acquire).saturating_sub(ended)
    }

    pub(crate) fn decisions(&self) -> &Tallies {
        &self.decisions
    }
}

// === impl Facts ===

impl Facts {
    /// Every set of labels there is.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        Class::ALL.into_iter().flat_map(|class| {
            Verb::ALL.into_iter().flat_map(move |verb| {
                StatusClass::ALL.into_iter().flat_map(move |status| {
                    let facts = move |ending| Self { class, verb, status, ending };
                    Ending::ALL.into_iter().map(facts)
                })
            })
        })
    }

    fn place(self) -> usize {
        let Self { class, verb, status, ending } = self;
        let place = class.place().saturating_mul(Verb::ALL.len()).saturating_add(verb.place());
        let place = place.saturating_mul(StatusClass::ALL.len()).saturating_add(status.place());
        place.saturating_mul(Ending::ALL.len()).saturating_add(ending.place())
    }
}
