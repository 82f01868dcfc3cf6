//! The remote keys of one issuer at work: when they are fetched, and what came of it.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use palisade_core::{Clock, KeyedHash, Moment, SECURITY_TARGET};
use tokio::sync::{Notify, watch};

use super::{
    FetchFailure, KeysStatus, discovery::Place, fetch_error::FetchError, fetcher::Fetcher, lock,
};
use crate::{Keys, Verifier, challenge::RETRY, jwk::LARGEST_SET};

/// How long a set is fresh: at the least, at the most, and if it does not say.
const SHORTEST_LIFE: Duration = Duration::from_secs(5 * 60);
const LONGEST_LIFE: Duration = Duration::from_secs(24 * 60 * 60);
const USUAL_LIFE: Duration = Duration::from_secs(10 * 60);
/// The most requests that wait for a fetch. Those beyond are decided by the keys there are.
const MOST_WAITING: usize = 1_024;

/// The remote keys of one issuer at work.
///
/// One task fetches, so there is never a second fetch at a time; requests only ever ask it to.
#[derive(Debug)]
pub(crate) struct FetchedKeys {
    place: Place,
    fetcher: Fetcher,
    cooldown: Duration,
    state: Mutex<State>,
    /// Wakes the task.
    wanted: Notify,
    /// Tells that a fetch ended, or that nobody fetches any more.
    ended: watch::Sender<()>,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    /// The newest shift. The task of an earlier one may still run for a moment.
    shift: u64,
    /// When the last fetch began, and how long after that the next one is due.
    began: Option<Moment>,
    pause: Duration,
    /// The keys at hand, which stay beside those that were fetched last.
    local: Keys,
    fetched: Keys,
    /// The set that the latter came in.
    text: Box<str>,
    status: KeysStatus,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    /// There is no task.
    Off,
    Idle,
    /// A request waits for the next fetch.
    Wanted,
    Fetching,
}

/// A good answer.
struct Fetched {
    text: Box<str>,
    keys: Keys,
    life: Duration,
}

/// The right and the duty to fetch. The one task has it, and whoever may end the task has a clone: the shift is over for all
/// when one of them is dropped, so that the next one can begin at once.
#[derive(Clone, Debug)]
pub(crate) struct Shift {
    keys: Arc<FetchedKeys>,
    number: u64,
}

// === impl FetchedKeys ===

impl FetchedKeys {
    pub(crate) fn new(
        issuer: Option<&str>,
        local: Keys,
        place: Place,
        fetcher: Fetcher,
        cooldown: Duration,
    ) -> Self {
        let status = KeysStatus {
            issuer: issuer.map(Box::from),
            keys: local.len(),
            skipped: local.skipped(),
            fetches: 0,
            loaded: None,
            next: None,
            error: None,
        };
        let (phase, began, pause) = (Phase::Off, None, Duration::ZERO);
        let state = State {
            phase,
            shift: 0,
            began,
            pause,
            local,
            fetched: Keys::default(),
            text: Box::default(),
            status,
        };
        let (state, wanted, ended) = (Mutex::new(state), Notify::new(), watch::Sender::new(()));
        Self { place, fetcher, cooldown, state, wanted, ended }
    }

    pub(crate) fn is_loaded(&self) -> bool {
        lock(&self.state).status.is_ready()
    }

    pub(crate) fn status(&self) -> KeysStatus {
        let state = lock(&self.state);
        let next = state.began.and_then(|began| began.wall().checked_add(state.pause));
        KeysStatus { next, ..state.status.clone() }
    }

    /// Replaces the keys at hand, and puts them in force beside those that were fetched.
    pub(crate) fn replace_local(&self, keys: Keys, put: impl FnOnce(Keys)) {
        let mut state = lock(&self.state);
        state.local = keys;
        state.put(put);
    }

    /// Begins the shift of the task, if there is none.
    pub(crate) fn start(self: &Arc<Self>) -> Option<Shift> {
        let mut state = lock(&self.state);
        if state.phase != Phase::Off {
            return None;
        }
        state.phase = Phase::Idle;
        state.shift = state.shift.wrapping_add(1);
        Some(Shift { keys: Arc::clone(self), number: state.shift })
    }

    /// Tells that a key is missed by a request that came at `now`. Returns what changes when the fetch is over, if there
    /// is one to wait for: not while the last one is too recent.
    pub(crate) fn missed(&self, now: Moment) -> Option<watch::Receiver<()>> {
        let mut state = lock(&self.state);
        let cooldown = self.cooldown_in(&state);
        let is_early = state.began.is_some_and(|began| now.since(began) < cooldown);
        let phase = state.phase;
        match phase {
            Phase::Wanted | Phase::Fetching => {}
            Phase::Idle if !is_early => {
                state.phase = Phase::Wanted;
                self.wanted.notify_one();
            }
            Phase::Off | Phase::Idle => return None,
        }
        (self.ended.receiver_count() < MOST_WAITING).then(|| self.ended.subscribe())
    }

    /// Fetches in this shift, if it is time to or a request misses a key.
    async fn look(&self, shift: u64, verifier: &Verifier, clock: &Clock) {
        let now = clock.now();
        if !self.begin(shift, now) {
            return;
        }
        let issuer = lock(&self.state).status.issuer.clone();
        // Two questions, where the issuer says where its keys are: requests wait no longer for both than for one.
        let outcome = self.fetcher.in_time(self.fetch(now)).await;
        if let Err(error) = &outcome {
            log_failed(issuer.as_deref(), error);
        }
        let put = |keys| verifier.put_keys(issuer.as_deref(), keys);
        if self.end(shift, outcome, clock.now().wall(), put) {
            log_changed(&self.status());
        }
    }

    fn begin(&self, shift: u64, now: Moment) -> bool {
        let mut state = lock(&self.state);
        let is_due = state.began.is_none_or(|began| now.since(began) >= state.pause);
        if state.is_over(shift) || (!is_due && state.phase != Phase::Wanted) {
            return false;
        }
        state.phase = Phase::Fetching;
        state.began = Some(now);
        // Unless it ends: a task that is ended while it fetches leaves a fetch to be made up for.
        state.pause = self.cooldown_in(&state);
        state.status.fetches = state.status.fetches.saturating_add(1);
        true
    }

    async fn fetch(&self, now: Moment) -> Result<Fetched, FetchError> {
        let uri = self.place.find(&self.fetcher, now).await?;
        let answer = self.fetcher.get(uri, LARGEST_SET).await?;
        let life = spread(answer.max_age.unwrap_or(USUAL_LIFE).clamp(SHORTEST_LIFE, LONGEST_LIFE));
        let text = answer.into_text()?;
        Ok(Fetched { keys: Keys::jwks_json(&text)?, text, life })
    }

    /// Takes note of what came. Nothing but a good set changes what is in force. Returns whether it did.
    fn end(
        &self,
        shift: u64,
        outcome: Result<Fetched, FetchError>,
        at: SystemTime,
        put: impl FnOnce(Keys),
    ) -> bool {
        let mut state = lock(&self.state);
        let has_changed = match outcome {
            Ok(Fetched { text, keys, life }) => {
                // Old or not, it is not fetched again before the cooldown is over.
                state.pause = life.max(self.cooldown);
                (state.status.loaded, state.status.error) = (Some(at), None);
                // The same set begins no new epoch: what is remembered stays in force.
                let is_new = state.text != text;
                if is_new {
                    (state.text, state.fetched) = (text, keys);
                    state.put(put);
                }
                is_new
            }
            Err(error) => {
                self.place.doubt();
                state.pause = self.cooldown_in(&state);
                state.status.error = Some(FetchFailure { message: error.into_text(), at });
                false
            }
        };
        // Who waits by now waits for the shift that came after.
        if !state.is_over(shift) {
            state.phase = Phase::Idle;
            // Still locked: whoever joins from now on waits for the next end.
            self.ended.send_replace(());
        }
        has_changed
    }

    /// While there is nothing yet, every request of this issuer is refused: then it may go faster.
    fn cooldown_in(&self, state: &State) -> Duration {
        if state.status.is_ready() { self.cooldown } else { self.cooldown.min(RETRY) }
    }
}

// === impl State ===

impl State {
    fn is_over(&self, shift: u64) -> bool {
        self.phase == Phase::Off || self.shift != shift
    }

    /// Puts in force what is at hand and what was fetched. Still locked: of two changes at one time, the later one has both.
    fn put(&mut self, put: impl FnOnce(Keys)) {
        let keys = self.local.clone().fill(self.fetched.clone());
        (self.status.keys, self.status.skipped) = (keys.len(), keys.skipped());
        put(keys);
    }
}

/// Takes up to a tenth off, so that servers which started together do not come together for ever.
fn spread(life: Duration) -> Duration {
    // A hash under a key of its own is a random number.
    let thousandths = KeyedHash::random().of(&life).checked_rem(101);
    let thousandths = thousandths.and_then(|number| u32::try_from(number).ok());
    let off = life.checked_div(1_000).and_then(|part| part.checked_mul(thousandths?));
    life.saturating_sub(off.unwrap_or_default())
}

fn log_changed(status: &KeysStatus) {
    tracing::info!(
        target: SECURITY_TARGET,
        event = "keys.changed",
        issuer = status.issuer.as_deref(),
        keys = status.keys,
        skipped = status.skipped,
        "the keys of an issuer changed"
    );
}

fn log_failed(issuer: Option<&str>, error: &FetchError) {
    tracing::warn!(
        target: SECURITY_TARGET,
        event = "keys.failed",
        issuer = issuer,
        error = %error,
        "the keys of an issuer cannot be fetched; those of before stay in force"
    );
}

// === impl Shift ===

impl Shift {
    /// Waits until a request misses a key.
    pub(crate) async fn wanted(&self) {
        self.keys.wanted.notified().await;
    }

    /// Fetches, if it is time to or a request misses a key.
    pub(crate) async fn look(&self, verifier: &Verifier, clock: &Clock) {
        self.keys.look(self.number, verifier, clock).await;
    }
}

impl Drop for Shift {
    fn drop(&mut self) {
        let mut state = lock(&self.keys.state);
        if !state.is_over(self.number) {
            state.phase = Phase::Off;
            // Nobody waits for what does not come.
            self.keys.ended.send_replace(());
        }
    }
}
