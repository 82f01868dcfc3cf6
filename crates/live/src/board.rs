//! The latest events, and who reads.

use std::{
    collections::VecDeque,
    fmt,
    hash::{BuildHasher, Hasher, RandomState},
    mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use crate::{
    Config, Ending, Event, EventId, FeedStatus, Interest, SubscribeError, Subscription, Told,
    event::{Encode, Lost},
    reader::{Pace, Reader},
    status::Counts,
};

/// What the feed's thread and its readers share.
pub(crate) struct Board<T> {
    pub(crate) encode: Box<Encode<T>>,
    config: Config,
    epoch: u64,
    counts: Arc<Counts>,
    /// The number up to which all was offered to everybody who reads.
    offered: AtomicU64,
    state: Mutex<State<T>>,
}

struct State<T> {
    /// The number of the event that came last, lost ones included.
    last: u64,
    published: u64,
    ring: VecDeque<Arc<Event<T>>>,
    /// Copied where it changes while the thread goes through it.
    readers: Arc<Vec<Arc<Reader<T>>>>,
    closed: Option<Ending>,
}

/// What somebody missed.
struct Missed<T> {
    /// What he missed of an epoch of which nobody knows anything.
    before: Option<Lost>,
    /// The number of the event that he saw last.
    seen: u64,
    /// What there is of all behind it, in order.
    events: Vec<Arc<Event<T>>>,
    /// The number of the newest event.
    last: u64,
}

// === impl Board ===

impl<T> Board<T> {
    pub(crate) fn new(config: Config, encode: Box<Encode<T>>) -> Self {
        let state = State {
            last: 0,
            published: 0,
            ring: VecDeque::new(),
            readers: Arc::default(),
            closed: None,
        };
        // What a hash map's keys are drawn from: random, and nobody's secret.
        let epoch = RandomState::new().build_hasher().finish();
        let (counts, offered) = (Arc::default(), AtomicU64::new(0));
        Self { encode, config, epoch, counts, offered, state: Mutex::new(state) }
    }

    pub(crate) fn epoch(&self) -> u64 {
        self.epoch
    }

    pub(crate) fn status(&self) -> FeedStatus {
        let state = self.lock();
        let (readers, published) = (state.readers.len(), state.published);
        drop(state);
        let Counts { missed, cut } = &*self.counts;
        let [missed, cut] = [missed, cut].map(|count| count.load(Ordering::Relaxed));
        FeedStatus { readers, published, missed, cut, dropped: 0 }
    }

    /// Lets somebody read: what is in the ring behind the event he saw last, then what comes.
    pub(crate) fn add(
        self: &Arc<Self>,
        interest: Interest<T>,
    ) -> Result<Subscription<T>, SubscribeError> {
        let place = self.config.places.take(&interest.user)?;
        let counts = Arc::clone(&self.counts);
        let reader = Arc::new(Reader::new(interest.filter, &self.config, place, counts));
        // Takes him off again, whatever his filter does.
        let subscription = Subscription::new(Arc::clone(self), Arc::clone(&reader));
        // Held until what he missed waits for him: nothing that comes meanwhile gets in front of it.
        let mut waiting = reader.lock();
        let mut state = self.lock();
        if state.closed.is_some() {
            return Err(SubscribeError::Closed);
        }
        let missed = interest.after.and_then(|after| state.behind(self.epoch, after));
        waiting.begin(missed.as_ref().map_or(Some(state.last), Missed::told_before));
        Arc::make_mut(&mut state.readers).push(Arc::clone(&reader));
        drop(state);
        if let Some(missed) = missed {
            waiting.replay(missed.told(&reader));
        }
        drop(waiting);
        Ok(subscription)
    }

    pub(crate) fn remove(&self, reader: &Arc<Reader<T>>) {
        let mut state = self.lock();
        let at = state.readers.iter().position(|other| Arc::ptr_eq(other, reader));
        let removed = at.map(|at| Arc::make_mut(&mut state.readers).swap_remove(at));
        drop(state);
        drop(removed);
    }

    /// Ends this reader now: he is told nothing more, and is nobody's any more.
    pub(crate) fn dismiss(&self, reader: &Arc<Reader<T>>, ending: Ending) {
        self.remove(reader);
        reader.dismiss(ending, self.offered());
    }

    /// Gives an event its number, keeps it, and lets it wait for who wants it.
    pub(crate) fn publish(&self, value: T, now: Instant) -> Pace {
        let mut state = self.lock();
        state.last = state.last.saturating_add(1);
        state.published = state.published.saturating_add(1);
        let event = Arc::new(Event::new(EventId::new(self.epoch, state.last), value));
        let oldest =
            if state.ring.len() >= self.config.ring { state.ring.pop_front() } else { None };
        if self.config.ring > 0 {
            state.ring.push_back(Arc::clone(&event));
        }
        let readers = Arc::clone(&state.readers);
        drop(state);
        drop(oldest);
        let mut pace = Pace::KeepsUp;
        for reader in readers.iter().filter(|reader| reader.wants(event.value())) {
            // Here, and not in the tasks of those who read.
            event.text(&*self.encode);
            pace = pace.max(reader.push(Told::Event(Arc::clone(&event)), now, self.offered()));
        }
        self.offered.store(event.id().number(), Ordering::Release);
        pace
    }

    /// Takes note that so many events were lost before anybody saw them.
    pub(crate) fn lose(&self, count: u64, now: Instant) -> Pace {
        let mut state = self.lock();
        state.last = state.last.saturating_add(count);
        let (newest, readers) = (state.last, Arc::clone(&state.readers));
        drop(state);
        let offered = self.offered();
        let pushed = |reader: &Arc<Reader<T>>| reader.push(Told::Missed(Some(count)), now, offered);
        let pace = readers.iter().map(pushed).max().unwrap_or(Pace::KeepsUp);
        self.offered.store(newest, Ordering::Release);
        pace
    }

    /// Cuts those who have read nothing for too long.
    pub(crate) fn look(&self, now: Instant) -> Pace {
        let readers = Arc::clone(&self.lock().readers);
        let offered = self.offered();
        readers.iter().map(|reader| reader.look(now, offered)).max().unwrap_or(Pace::KeepsUp)
    }

    /// Lets nobody in any more, and ends everybody.
    pub(crate) fn close(&self, ending: Ending) {
        let mut state = self.lock();
        state.closed.get_or_insert(ending);
        let readers = mem::take(&mut state.readers);
        drop(state);
        let offered = self.offered();
        readers.iter().for_each(|reader| reader.end(ending, offered));
    }

    /// The event behind which `reader` goes on if he comes back: all that he wants up to there was told to him, or that it is lost.
    /// None if he has not been told yet that nobody knows.
    pub(crate) fn position(&self, reader: &Reader<T>) -> Option<EventId> {
        let state = reader.lock();
        // Read under the lock: what was offered to him by then waits here.
        let told = state.told(self.offered());
        drop(state);
        told.map(|number| EventId::new(self.epoch, number))
    }

    fn offered(&self) -> u64 {
        self.offered.load(Ordering::Acquire)
    }

    /// A holder of this lock only moves values; none can leave them half done.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> fmt::Debug for Board<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Board").field("config", &self.config).finish_non_exhaustive()
    }
}

// === impl State ===

impl<T> State<T> {
    /// What somebody missed who saw `after` last; none if nobody was ever told that one.
    fn behind(&self, epoch: u64, after: EventId) -> Option<Missed<T>> {
        if after.epoch() != epoch {
            // Of another process. What he missed there nobody knows; of this one he saw nothing.
            let events: Vec<_> = self.ring.iter().cloned().collect();
            let first = events.first().map(|event| event.id().number());
            let seen = first.map_or(self.last, |first| first.saturating_sub(1));
            return Some(Missed { before: Some(Lost(None)), seen, events, last: self.last });
        }
        if after.number() > self.last {
            return None;
        }
        let seen = after.number();
        let at = self.ring.partition_point(|event| event.id().number() <= seen);
        let events = self.ring.iter().skip(at).cloned().collect();
        Some(Missed { before: None, seen, events, last: self.last })
    }
}

// === impl Missed ===

impl<T> Missed<T> {
    /// The number of the event that he was told last, if it is of this epoch.
    fn told_before(&self) -> Option<u64> {
        self.before.is_none().then_some(self.seen)
    }

    /// The events that `reader` wants, and in their places how many are gone for good.
    fn told(self, reader: &Reader<T>) -> Vec<Told<T>> {
        let mut told: Vec<_> =
            self.before.map(|Lost(count)| Told::Missed(count)).into_iter().collect();
        let mut seen = self.seen;
        for event in self.events {
            let number = event.id().number();
            lack(&mut told, number.saturating_sub(seen).saturating_sub(1));
            seen = number;
            if reader.wants(event.value()) {
                told.push(Told::Event(event));
            }
        }
        lack(&mut told, self.last.saturating_sub(seen));
        told
    }
}

fn lack<T>(told: &mut Vec<Told<T>>, count: u64) {
    match told.last_mut() {
        _ if count == 0 => {}
        Some(Told::Missed(before)) => *before = Lost(*before).and(Lost(Some(count))).0,
        _ => told.push(Told::Missed(Some(count))),
    }
}
