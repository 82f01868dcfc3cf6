//! Refusals, remembered as long as they hold: a flood over a limit costs no call.

use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use palisade_core::{KeyedHash, Moment};
use palisade_ratelimit::Standing;

/// The most that are remembered.
const MOST: usize = 65_536;

/// The longest that one is: what an operator changes in Redis is seen after this.
const LONGEST: Duration = Duration::from_secs(1);

/// How long at least between two looks for room.
const PAUSE: Duration = Duration::from_millis(100);

/// What Redis refused, until the time that it said to wait has passed. It refuses the same to every instance until then, so asking
/// again would change nothing.
pub(crate) struct Refusals {
    room: Mutex<Room>,
}

struct Room {
    refusals: HashMap<u64, Refusal, KeyedHash>,
    tidied: Option<Instant>,
}

struct Refusal {
    since: Instant,
    until: Instant,
    standings: Vec<Standing>,
}

// === impl Refusals ===

impl Refusals {
    pub(crate) fn new() -> Self {
        let refusals = HashMap::with_hasher(KeyedHash::random());
        Self { room: Mutex::new(Room { refusals, tidied: None }) }
    }

    /// How the client stands, if what he asks for was refused and still is.
    pub(crate) fn recall(&self, request: u64, now: Moment) -> Option<Vec<Standing>> {
        let now = now.instant();
        let mut room = self.room();
        let refusal = room.refusals.get(&request)?;
        if now >= refusal.until {
            room.refusals.remove(&request);
            return None;
        }
        let passed = now.saturating_duration_since(refusal.since);
        let later = |standing: &Standing| {
            let reset = standing.reset.saturating_sub(passed);
            let wait = standing.retry_after.and_then(|wait| wait.checked_sub(passed));
            let wait = wait.filter(|wait| !wait.is_zero());
            wait.map_or(Standing::admitted(standing.remaining, reset), |wait| {
                Standing::refused(wait, reset)
            })
        };
        Some(refusal.standings.iter().map(later).collect())
    }

    /// Remembers how a client stood who was refused at `sent`, or at some time after that.
    pub(crate) fn remember(&self, request: u64, sent: Moment, standings: &[Standing]) {
        let wait = standings.iter().filter_map(|standing| standing.retry_after).max();
        let since = sent.instant();
        let Some(until) = since.checked_add(wait.unwrap_or_default().min(LONGEST)) else { return };
        let mut room = self.room();
        if room.refusals.len() >= MOST {
            room.tidy(since);
        }
        // Where there is no room, Redis is asked again: it answers the same.
        if room.refusals.len() < MOST {
            let standings = standings.to_vec();
            room.refusals.insert(request, Refusal { since, until, standings });
        }
    }

    fn room(&self) -> MutexGuard<'_, Room> {
        self.room.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Room ===

impl Room {
    /// Drops what does not hold any more. Looks at all, so not often.
    fn tidy(&mut self, now: Instant) {
        let long_ago = |at: Instant| now.saturating_duration_since(at) >= PAUSE;
        if self.tidied.is_none_or(long_ago) {
            self.tidied = Some(now);
            self.refusals.retain(|_, refusal| refusal.until > now);
        }
    }
}

impl fmt::Debug for Refusals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusals").finish_non_exhaustive()
    }
}
