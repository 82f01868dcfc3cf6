//! Stops asking somebody who does not answer.

use std::time::Duration;

use palisade_core::Moment;
use serde::Serialize;

/// So many failures in a row, and nobody is asked any more …
const FAILURES: u32 = 3;
/// … for so long. Then one call finds out whether that changed.
pub(crate) const PAUSE: Duration = Duration::from_secs(30);

/// Whether the provider is asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum BreakerState {
    /// It is asked.
    Closed,
    /// It failed three times in a row, and is not asked for 30 s, nor after them until there is a question.
    Open,
    /// One call finds out whether it answers again.
    Probing,
}

/// What a call is to the breaker.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Call {
    Usual,
    Probe,
}

/// What changed when a call ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Change {
    Nothing,
    Degraded,
    Recovered,
}

#[derive(Debug)]
pub(crate) struct Breaker {
    failures: u32,
    state: State,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Closed,
    Open { since: Moment },
    Probing,
}

// === impl Breaker ===

impl Breaker {
    pub(crate) fn new() -> Self {
        Self { failures: 0, state: State::Closed }
    }

    /// What a call would be that begins now, if there may be one.
    pub(crate) fn would_pass(&self, now: Moment) -> Option<Call> {
        match self.state {
            State::Closed => Some(Call::Usual),
            State::Open { since } => (now.since(since) >= PAUSE).then_some(Call::Probe),
            State::Probing => None,
        }
    }

    /// A call is on its way.
    pub(crate) fn passed(&mut self, call: Call) {
        if call == Call::Probe {
            self.state = State::Probing;
        }
    }

    /// Whether a call that had to wait for others may still begin.
    pub(crate) fn still_passes(&self, call: Call) -> bool {
        call == Call::Probe || matches!(self.state, State::Closed)
    }

    /// A call ended. Of those that began before the breaker opened nothing is believed: the probe decides.
    pub(crate) fn ended(&mut self, call: Call, answered: Result<(), ()>, now: Moment) -> Change {
        match (call, self.state, answered) {
            (Call::Probe, _, Ok(())) => {
                *self = Self::new();
                Change::Recovered
            }
            (Call::Probe, _, Err(())) => {
                self.state = State::Open { since: now };
                Change::Nothing
            }
            (Call::Usual, State::Closed, Ok(())) => {
                self.failures = 0;
                Change::Nothing
            }
            (Call::Usual, State::Closed, Err(())) => {
                self.failures = self.failures.saturating_add(1);
                if self.failures < FAILURES {
                    return Change::Nothing;
                }
                self.state = State::Open { since: now };
                Change::Degraded
            }
            (Call::Usual, State::Open { .. } | State::Probing, _) => Change::Nothing,
        }
    }

    pub(crate) fn state(&self) -> BreakerState {
        match self.state {
            State::Closed => BreakerState::Closed,
            State::Open { .. } => BreakerState::Open,
            State::Probing => BreakerState::Probing,
        }
    }
}
