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

mod hangup;

pub(crate) use self::hangup::Hangup;

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
    /// Told when something is overdue sooner than it was.
    again: Notify,
}

/// A request is not stalled before its client has let it wait this long: who reads steadily does so too, between two parts.
const STALL: Duration = Duration::from_secs(1);

struct State {
    phase: Phase,
    version: Version,
    /// Requests that are being answered.
    running: BTreeMap<u64, Answering>,
    /// Of the request that came last, what ends it; until somebody took it.
    newest: Option<Arc<Notify>>,
    next: u64,
    /// Bytes of answers that were handed over and have not gone out.
    owed: usize,
    /// When the client last took some of an answer.
    took: Instant,
    leaving: Leaving,
}

#[derive(Default)]
struct Answering {
    /// What was handed to the connection of the answer, until it wants more.
    handed: Option<Handed>,
    /// Since when some of the request's body is waited for.
    body: Option<Instant>,
    /// Told when this request alone is to end.
    end: Arc<Notify>,
}

#[derive(Clone, Copy)]
struct Handed {
    bytes: usize,
    since: Instant,
    /// By when more should be wanted.
    until: Instant,
}

/// Whether it gives its place to another.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Leaving {
    No,
    /// It was asked to.
    Asked,
    /// It does after an answer that was begun meanwhile; if that is not read it can be asked again.
    Answers,
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

/// The body of such a request.
#[derive(Debug)]
pub(crate) struct RunningBody {
    pulse: Arc<Pulse>,
    id: u64,
}

// === impl Pulse ===

impl Pulse {
    /// Of a connection that begins now.
    pub(crate) fn new(times: Times) -> Self {
        let now = Instant::now();
        let state = State {
            phase: Phase::Head { since: now },
            version: Version::Http1,
            running: BTreeMap::new(),
            newest: None,
            next: 0,
            owed: 0,
            took: now,
            leaving: Leaving::No,
        };
        Self { times, state: Mutex::new(state), leave: Notify::new(), again: Notify::new() }
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

    /// Bytes went. HTTP/1 writes answers alone: while the last goes out, nobody is idle. HTTP/2 also answers a PING, for which
    /// nobody is less idle; there the last answer has the time of a client of the least rate.
    pub(crate) fn written(&self, bytes: usize) {
        let mut state = self.state();
        let now = Instant::now();
        let worth = match bytes.min(state.owed) {
            0 => Duration::ZERO,
            paid => self.times.send.worth(paid),
        };
        state.owed = state.owed.saturating_sub(bytes);
        let is_http2 = state.version == Version::Http2;
        if let Phase::Idle { since } = &mut state.phase {
            *since = if is_http2 { after(*since, worth).min(now) } else { now };
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
        state.next = state.next.wrapping_add(1);
        let (id, answering) = (state.next, Answering::default());
        state.newest = Some(Arc::clone(&answering.end));
        state.running.insert(id, answering);
        Running { id, pulse: Arc::clone(self) }
    }

    /// What ends the request that came last, for the first who asks.
    pub(crate) fn newest(&self) -> Option<Arc<Notify>> {
        self.state().newest.take()
    }

    /// How many requests came.
    pub(crate) fn requests(&self) -> u64 {
        self.state().next
    }

    /// Since when everything here waits for the client, if so: for a request, for the rest of a body, or for him to take of an
    /// answer. It can be ended, and nobody misses an answer who wants one.
    pub(crate) fn waits_since(&self) -> Option<Instant> {
        let state = self.state();
        match state.phase {
            _ if state.leaving == Leaving::Asked => None,
            Phase::Head { since } | Phase::Idle { since } => Some(since),
            Phase::Busy => state.stalled(),
        }
    }

    /// Asks it to leave its place to another.
    pub(crate) fn leave(&self) {
        self.state().leaving = Leaving::Asked;
        self.leave.notify_one();
    }

    /// Whether it was asked to leave. That is never taken back.
    pub(crate) fn is_leaving(&self) -> bool {
        self.state().leaving != Leaving::No
    }

    /// Whether it must answer before it goes: requests that came after the first `requests`, or one that waits for nobody.
    pub(crate) fn answers(&self, requests: u64) -> bool {
        let mut state = self.state();
        let is_busy = matches!(state.phase, Phase::Busy) && state.stalled().is_none();
        let answers = is_busy || state.next != requests;
        if answers && state.leaving == Leaving::Asked {
            state.leaving = Leaving::Answers;
        }
        answers
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
                () = self.leave.notified() => return Overdue::Room,
                () = self.again.notified() => {}
            }
        }
    }

    /// What is overdue at `now`; else the next time at which something may be, whatever begins until then.
    fn look(&self, now: Instant) -> Result<Overdue, Instant> {
        let mut state = self.state();
        let Times { head, idle, send } = self.times;
        let soonest = after(now, head.min(idle).min(send.left()));
        let (until, overdue) = match state.phase {
            Phase::Head { since } => (after(since, head), Overdue::Head),
            Phase::Idle { since } => (after(since, idle), Overdue::Idle),
            Phase::Busy => {
                state.end_unread(now, send.left());
                match state.unread_until() {
                    Some(until) => (until, Overdue::Unread),
                    None => return Err(soonest),
                }
            }
        };
        if until <= now { Ok(overdue) } else { Err(until.min(soonest)) }
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

// === impl State ===

impl State {
    /// Since when every request waits for the client, if that is long enough.
    fn stalled(&self) -> Option<Instant> {
        let first = self.running.values().map(Answering::waits_since).min().flatten();
        first.filter(|since| since.elapsed() >= STALL)
    }

    /// Ends each stream whose answer is not taken in time, where the client takes others: they have another `time`, in which they
    /// are gone. What is left overdue is so with the whole connection.
    fn end_unread(&mut self, now: Instant, time: Duration) {
        let overdue = |answering: &Answering| answering.handed.filter(|handed| handed.until <= now);
        let first = self.running.values().filter_map(overdue).map(|handed| handed.since).min();
        let takes_others = self.running.values().any(|answering| overdue(answering).is_none());
        let took_since = first.is_some_and(|first| self.took > first);
        if self.version == Version::Http1 || !(takes_others || took_since) {
            return;
        }
        for answering in self.running.values_mut() {
            if let Some(handed) = &mut answering.handed
                && handed.until <= now
            {
                *handed = Handed { bytes: 0, until: after(now, time), ..*handed };
                answering.end.notify_one();
            }
        }
    }

    /// When the first answer is overdue.
    fn unread_until(&self) -> Option<Instant> {
        self.running.values().filter_map(|answering| answering.handed).map(|all| all.until).min()
    }

    /// What was handed over was taken.
    fn taken(&mut self, handed: Option<Handed>) {
        if handed.is_some_and(|handed| handed.bytes > 0) {
            self.took = Instant::now();
        }
    }
}

// === impl Answering ===

impl Answering {
    /// Since when it waits for the client, if it does.
    fn waits_since(&self) -> Option<Instant> {
        self.handed.map(|handed| handed.since).or(self.body)
    }
}

// === impl Running ===

impl Running {
    /// The same request, for who reads its body.
    pub(crate) fn body(&self) -> RunningBody {
        RunningBody { pulse: Arc::clone(&self.pulse), id: self.id }
    }

    /// The connection was given this much of the answer. It asks for more once most of it went out.
    pub(crate) fn handed(&self, bytes: usize) {
        let (since, send) = (Instant::now(), self.pulse.send());
        let until = after(since, send.left().saturating_add(send.worth(bytes)));
        let mut state = self.pulse.state();
        state.owed = state.owed.saturating_add(bytes);
        if let Some(answering) = state.running.get_mut(&self.id) {
            answering.handed = Some(Handed { bytes, since, until });
        }
    }

    /// The connection asks for more.
    pub(crate) fn asked(&self) {
        let mut state = self.pulse.state();
        let handed = state.running.get_mut(&self.id).and_then(|all| all.handed.take());
        state.taken(handed);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut state = self.pulse.state();
        let handed = state.running.remove(&self.id).and_then(|all| all.handed);
        state.taken(handed);
        if state.running.is_empty() {
            state.phase = Phase::Idle { since: Instant::now() };
        }
    }
}

// === impl RunningBody ===

impl RunningBody {
    /// More of it is wanted, and has not come.
    pub(crate) fn waits(&self) {
        if let Some(answering) = self.pulse.state().running.get_mut(&self.id) {
            answering.body.get_or_insert_with(Instant::now);
        }
    }

    /// Some came, or nobody wants more.
    pub(crate) fn came(&self) {
        if let Some(answering) = self.pulse.state().running.get_mut(&self.id) {
            answering.body = None;
        }
    }
}

/// The settings allow no time that the clock cannot hold.
fn after(start: Instant, time: Duration) -> Instant {
    start.checked_add(time).unwrap_or(start)
}
