//! What a connection is about, and until when it may be about it.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use palisade::Patience;
use tokio::{
    select,
    sync::Notify,
    time::{Instant, sleep_until},
};

/// How long a connection may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    /// For the head of a request, from its first byte or from the beginning of the connection.
    pub(crate) head: Duration,
    /// Between two requests.
    pub(crate) idle: Duration,
    /// To take some of an answer.
    pub(crate) send: Patience,
}

/// Why a connection is ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Overdue {
    /// No whole head came in time.
    Head,
    /// No request came in time.
    Idle,
    /// The answer is not read.
    Unread,
    /// Others need its place more.
    Room,
}

/// Of one connection: what reads, what answers and what watches the time write into it.
pub(crate) struct Pulse {
    times: Times,
    state: Mutex<State>,
    leave: Notify,
}

struct State {
    phase: Phase,
    version: Version,
    /// Requests that are being answered.
    running: usize,
    /// What was handed to the connection of which answer, and by when it should want more.
    handed: BTreeMap<u64, Instant>,
    next: u64,
    leaves: bool,
}

#[derive(Clone, Copy)]
enum Phase {
    /// A head has begun, or must begin.
    Head { since: Instant },
    /// All was answered.
    Idle { since: Instant },
    /// There are requests that are being answered.
    Busy,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Version {
    /// Or not known yet.
    Http1,
    Http2,
}

/// A request that is being answered, until this is dropped.
#[derive(Debug)]
pub(crate) struct Running {
    pulse: Arc<Pulse>,
    id: u64,
}

// === impl Pulse ===

impl Pulse {
    /// Of a connection that begins now.
    pub(crate) fn new(times: Times) -> Self {
        let state = State {
            phase: Phase::Head { since: Instant::now() },
            version: Version::Http1,
            running: 0,
            handed: BTreeMap::new(),
            next: 0,
            leaves: false,
        };
        Self { times, state: Mutex::new(state), leave: Notify::new() }
    }

    /// The patience with who reads.
    pub(crate) fn send(&self) -> Patience {
        self.times.send
    }

    /// Bytes came. Between two requests of HTTP/1 they begin a head; in HTTP/2 they may be anything.
    pub(crate) fn read(&self) {
        let mut state = self.state();
        if state.version == Version::Http1 && matches!(state.phase, Phase::Idle { .. }) {
            state.phase = Phase::Head { since: Instant::now() };
        }
    }

    /// Bytes went: while the last answer goes out, nobody is idle.
    pub(crate) fn written(&self) {
        let mut state = self.state();
        if let Phase::Idle { since } = &mut state.phase {
            *since = Instant::now();
        }
    }

    /// It speaks HTTP/2.
    pub(crate) fn is_http2(&self) {
        let mut state = self.state();
        state.version = Version::Http2;
        if let Phase::Head { .. } = state.phase {
            state.phase = Phase::Idle { since: Instant::now() };
        }
    }

    /// A request came.
    pub(crate) fn begin(self: &Arc<Self>) -> Running {
        let mut state = self.state();
        state.phase = Phase::Busy;
        state.running = state.running.saturating_add(1);
        state.next = state.next.wrapping_add(1);
        Running { id: state.next, pulse: Arc::clone(self) }
    }

    /// Since when nothing is being answered, if so: it can be ended, and nobody misses an answer.
    pub(crate) fn waits_since(&self) -> Option<Instant> {
        let state = self.state();
        match state.phase {
            Phase::Head { since } | Phase::Idle { since } if !state.leaves => Some(since),
            _ => None,
        }
    }

    /// Asks it to leave its place to another.
    pub(crate) fn leave(&self) {
        self.state().leaves = true;
        self.leave.notify_one();
    }

    /// Waits until it has taken too long with something.
    pub(crate) async fn overdue(&self) -> Overdue {
        loop {
            let now = Instant::now();
            let look = match self.look(now) {
                Ok(overdue) => return overdue,
                Err(look) => look,
            };
            select! {
                () = sleep_until(look) => {}
                () = self.leave.notified() => if self.may_leave() { return Overdue::Room },
            }
        }
    }

    /// What is overdue at `now`; else the next time at which something may be, whatever begins until then.
    fn look(&self, now: Instant) -> Result<Overdue, Instant> {
        let state = self.state();
        let Times { head, idle, send } = self.times;
        let soonest = after(now, head.min(idle).min(send.left()));
        let (until, overdue) = match state.phase {
            Phase::Head { since } => (after(since, head), Overdue::Head),
            Phase::Idle { since } => (after(since, idle), Overdue::Idle),
            Phase::Busy => match state.handed.values().min() {
                Some(until) => (*until, Overdue::Unread),
                None => return Err(soonest),
            },
        };
        if until <= now { Ok(overdue) } else { Err(until.min(soonest)) }
    }

    /// A request may have come since it was asked to leave: that one is answered first.
    fn may_leave(&self) -> bool {
        let mut state = self.state();
        state.leaves &= !matches!(state.phase, Phase::Busy);
        state.leaves
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Pulse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pulse").field("times", &self.times).finish_non_exhaustive()
    }
}

// === impl Running ===

impl Running {
    /// The connection was given this much of the answer. It asks for more once most of it went out.
    pub(crate) fn handed(&self, bytes: usize) {
        let send = self.pulse.send();
        let until = after(Instant::now(), send.left().saturating_add(send.worth(bytes)));
        self.pulse.state().handed.insert(self.id, until);
    }

    /// The connection asks for more.
    pub(crate) fn asked(&self) {
        self.pulse.state().handed.remove(&self.id);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut state = self.pulse.state();
        state.handed.remove(&self.id);
        state.running = state.running.saturating_sub(1);
        if state.running == 0 {
            state.phase = Phase::Idle { since: Instant::now() };
        }
    }
}

/// The settings allow no time that the clock cannot hold.
fn after(start: Instant, time: Duration) -> Instant {
    start.checked_add(time).unwrap_or(start)
}
