//! Whether calls are sent at all: after some that failed none is, until Redis was seen to answer.

use std::{
    fmt,
    num::NonZeroU32,
    sync::{Mutex, MutexGuard, PoisonError},
};

use palisade_core::Moment;
use palisade_ratelimit::Outage;
use tokio::sync::watch;

use crate::{
    RedisState,
    failure::{CIRCUIT_OPEN, CONNECTING},
    link::Link,
};

/// What calls go through.
pub(crate) struct Breaker {
    /// So many failures in a row open it.
    trips_after: NonZeroU32,
    now: Mutex<Now>,
    state: watch::Sender<RedisState>,
}

struct Now {
    link: Option<Link>,
    /// Counts the links, so that the failures of an old one say nothing about its successor.
    link_number: u64,
    failures_in_a_row: u32,
    /// Whether this link ever answered.
    proven: Proven,
    since: Moment,
    last_error: Option<(Outage, Moment)>,
}

/// Whether a link has answered a call, beside the one that tried it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Proven {
    No,
    Yes,
}

// === impl Breaker ===

impl Breaker {
    pub(crate) fn new(trips_after: NonZeroU32, since: Moment) -> Self {
        let now = Now {
            link: None,
            link_number: 0,
            failures_in_a_row: 0,
            proven: Proven::No,
            since,
            last_error: None,
        };
        Self { trips_after, now: Mutex::new(now), state: watch::channel(RedisState::Connecting).0 }
    }

    /// The link, and its number to say with the result; or why there is none.
    pub(crate) fn link(&self) -> Result<(Link, u64), Outage> {
        let now = self.now();
        match &now.link {
            Some(link) => Ok((link.clone(), now.link_number)),
            None if *self.state.borrow() == RedisState::Connecting => Err(CONNECTING),
            None => Err(CIRCUIT_OPEN),
        }
    }

    /// A link was tried, and answers.
    pub(crate) fn close(&self, link: Link, at: Moment) {
        let mut now = self.now();
        now.link_number = now.link_number.saturating_add(1);
        now.link = Some(link);
        (now.failures_in_a_row, now.proven, now.since) = (0, Proven::No, at);
        self.state.send_replace(RedisState::Up);
    }

    /// A call was answered.
    pub(crate) fn succeeded(&self, number: u64) {
        let mut now = self.now();
        if now.link_number == number {
            (now.failures_in_a_row, now.proven) = (0, Proven::Yes);
        }
    }

    /// A call failed. The one too many closes the way for all.
    pub(crate) fn failed(&self, number: u64, outage: Outage, at: Moment) {
        let mut now = self.now();
        now.last_error = Some((outage, at));
        if now.link_number != number || now.link.is_none() {
            return;
        }
        now.failures_in_a_row = now.failures_in_a_row.saturating_add(1);
        if now.failures_in_a_row >= self.trips_after.get() {
            (now.link, now.since) = (None, at);
            self.state.send_replace(RedisState::Down);
        }
    }

    /// Redis was tried, and does not answer. Returns whether that is news.
    pub(crate) fn stays_open(&self, outage: Outage, at: Moment) -> bool {
        let mut now = self.now();
        now.last_error = Some((outage, at));
        let news = *self.state.borrow() == RedisState::Connecting;
        if news {
            now.since = at;
            self.state.send_replace(RedisState::Down);
        }
        news
    }

    /// Something went wrong that says nothing about Redis as a whole.
    pub(crate) fn note(&self, outage: Outage, at: Moment) {
        self.now().last_error = Some((outage, at));
    }

    pub(crate) fn proven(&self) -> Proven {
        self.now().proven
    }

    pub(crate) fn last_error(&self) -> Option<(Outage, Moment)> {
        self.now().last_error
    }

    pub(crate) fn since(&self) -> (RedisState, Moment) {
        let now = self.now();
        (*self.state.borrow(), now.since)
    }

    /// Tells each change.
    pub(crate) fn watch(&self) -> watch::Receiver<RedisState> {
        self.state.subscribe()
    }

    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Breaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = *self.state.borrow();
        f.debug_struct("Breaker").field("state", &state).finish_non_exhaustive()
    }
}
