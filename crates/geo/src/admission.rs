//! Who may be asked about now: one call for each address, so many in a minute, none while the provider does not answer.

use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use palisade_core::{IpKey, KeyedHash, Moment};

use crate::{
    breaker::{Breaker, BreakerState, Call, Change},
    budget::Budget,
};

/// The most questions that are asked or wait to be. Beyond them nothing waits: it is asked for when it comes again.
pub(crate) const QUEUE: usize = 256;

/// Decides about calls. Everything under one lock, which requests of unknown addresses alone take, so that the counts are exact.
#[derive(Debug)]
pub(crate) struct Admission {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// What is asked, or waits to be.
    aloft: HashSet<IpKey, KeyedHash>,
    /// How many of these wait. What they will cost is set aside, and spent when they begin: what never begins costs nothing.
    waiting: usize,
    breaker: Breaker,
    budget: Budget,
}

/// What becomes of a wish to ask.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Admitted {
    /// It is to be asked.
    Yes(Call),
    /// It is being asked.
    Already,
    /// Not now.
    No,
}

/// What [`Admission::look`] sees.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub(crate) breaker: BreakerState,
    pub(crate) aloft: usize,
    pub(crate) budget_left: usize,
}

// === impl Admission ===

impl Admission {
    pub(crate) fn new(budget: Budget) -> Self {
        let aloft = HashSet::with_hasher(KeyedHash::random());
        Self { state: Mutex::new(State { aloft, waiting: 0, breaker: Breaker::new(), budget }) }
    }

    /// Whether to ask about `key`. Who is told yes calls [`ended`](Self::ended) or [`withdrawn`](Self::withdrawn) for it.
    pub(crate) fn admit(&self, key: IpKey, now: Moment) -> Admitted {
        let mut state = self.state();
        if state.aloft.contains(&key) {
            return Admitted::Already;
        }
        let Some(call) = state.breaker.would_pass(now) else { return Admitted::No };
        if state.aloft.len() >= QUEUE || state.budget.left(now) <= state.waiting {
            return Admitted::No;
        }
        state.waiting = state.waiting.saturating_add(1);
        state.breaker.passed(call);
        state.aloft.insert(key);
        Admitted::Yes(call)
    }

    /// Begins a call that had to wait, if it still may.
    pub(crate) fn begin(&self, call: Call, now: Moment) -> bool {
        let mut state = self.state();
        let may = state.breaker.still_passes(call);
        if may {
            state.waiting = state.waiting.saturating_sub(1);
            state.budget.spend(now);
        }
        may
    }

    /// A call that began ended.
    pub(crate) fn ended(
        &self,
        key: IpKey,
        call: Call,
        answered: Result<(), ()>,
        now: Moment,
    ) -> Change {
        let mut state = self.state();
        state.aloft.remove(&key);
        state.breaker.ended(call, answered, now)
    }

    /// A call will not begin.
    pub(crate) fn withdrawn(&self, key: IpKey) {
        let mut state = self.state();
        state.waiting = state.waiting.saturating_sub(1);
        state.aloft.remove(&key);
    }

    pub(crate) fn look(&self, now: Moment) -> Look {
        let mut state = self.state();
        Look {
            breaker: state.breaker.state(),
            aloft: state.aloft.len(),
            budget_left: state.budget.left(now).saturating_sub(state.waiting),
        }
    }

    /// Nothing in here is left half changed.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
