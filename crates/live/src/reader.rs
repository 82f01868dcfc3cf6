//! What waits for one reader.

use std::{
    collections::VecDeque,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Poll, Waker},
    time::{Duration, Instant},
};

use crate::{Config, Ending, Told, event::Lost, interest::Filter, places::Place, status::Counts};

/// One reader: what he wants to see, and what waits for him.
pub(crate) struct Reader<T> {
    filter: Filter<T>,
    patience: Duration,
    counts: Arc<Counts>,
    state: Mutex<State<T>>,
}

/// What waits.
pub(crate) struct State<T> {
    queue: VecDeque<Told<T>>,
    /// The most that may wait.
    most: usize,
    /// Lost of what came before the queue's first; none if nothing was.
    missed: Option<Lost>,
    /// Since when he reads nothing, while he lost something.
    lost_since: Option<Instant>,
    waker: Option<Waker>,
    ended: Option<Ending>,
    /// Given back where he is cut, though he may never learn of it.
    place: Option<Place>,
}

/// What a reader leaves who is cut.
struct Cut<T> {
    _queue: VecDeque<Told<T>>,
    _place: Option<Place>,
}

/// Whether a reader keeps up.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Pace {
    KeepsUp,
    /// He lost something, and has read nothing since.
    IsBehind,
}

// === impl Reader ===

impl<T> Reader<T> {
    pub(crate) fn new(
        filter: Filter<T>,
        config: &Config,
        place: Place,
        counts: Arc<Counts>,
    ) -> Self {
        let state = State {
            queue: VecDeque::new(),
            most: config.queue,
            missed: None,
            lost_since: None,
            waker: None,
            ended: None,
            place: Some(place),
        };
        Self { filter, patience: config.patience, counts, state: Mutex::new(state) }
    }

    pub(crate) fn wants(&self, value: &T) -> bool {
        (self.filter)(value)
    }

    /// Lets it wait for him, and wakes him. Where there is no room, the oldest goes.
    pub(crate) fn push(&self, told: Told<T>, now: Instant) -> Pace {
        let mut state = self.lock();
        if state.ended.is_some() {
            return Pace::KeepsUp;
        }
        let lost = state.put(told, now);
        let cut = state.cut(now, self.patience);
        let waker = state.waker.take();
        let pace = state.pace();
        drop(state);
        if lost.is_some() {
            self.counts.one_missed();
        }
        if cut.is_some() {
            self.counts.one_cut();
        }
        // Not under the lock: foreign code, and what may have been the last of an event.
        drop((lost, cut));
        waker.into_iter().for_each(Waker::wake);
        pace
    }

    /// Cuts him if he has read nothing for too long.
    pub(crate) fn look(&self, now: Instant) -> Pace {
        let mut state = self.lock();
        let cut = state.cut(now, self.patience);
        let waker = cut.as_ref().and_then(|_| state.waker.take());
        let pace = state.pace();
        drop(state);
        if cut.is_some() {
            self.counts.one_cut();
        }
        drop(cut);
        waker.into_iter().for_each(Waker::wake);
        pace
    }

    /// Ends him once he read what waits.
    pub(crate) fn end(&self, ending: Ending) {
        let mut state = self.lock();
        state.ended.get_or_insert(ending);
        let waker = state.waker.take();
        drop(state);
        waker.into_iter().for_each(Waker::wake);
    }

    /// What comes next for him; none at the end. If nothing, `waker` is told when there is.
    pub(crate) fn poll(&self, waker: &Waker) -> Poll<Option<Told<T>>> {
        let mut state = self.lock();
        if let Some(Lost(missed)) = state.missed.take() {
            state.lost_since = None;
            return Poll::Ready(Some(Told::Missed(missed)));
        }
        if let Some(told) = state.queue.pop_front() {
            state.lost_since = None;
            return Poll::Ready(Some(told));
        }
        if state.ended.is_some() {
            return Poll::Ready(None);
        }
        if state.waker.as_ref().is_some_and(|own| own.will_wake(waker)) {
            return Poll::Pending;
        }
        let replaced = state.waker.replace(waker.clone());
        drop(state);
        drop(replaced);
        Poll::Pending
    }

    /// He reads no more.
    pub(crate) fn leave(&self) {
        let mut state = self.lock();
        state.ended.get_or_insert(Ending::CLOSED);
        let left = (state.place.take(), std::mem::take(&mut state.queue), state.waker.take());
        drop(state);
        drop(left);
    }

    pub(crate) fn ending(&self) -> Option<Ending> {
        self.lock().ended
    }

    /// A holder of this lock only moves values; none can leave them half done.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> fmt::Debug for Reader<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("patience", &self.patience).finish_non_exhaustive()
    }
}

// === impl State ===

impl<T> State<T> {
    /// What is in the ring of what he has not seen: beside it there is room for as much as for anybody.
    pub(crate) fn replay(&mut self, told: impl IntoIterator<Item = Told<T>>) {
        self.queue.extend(told);
        self.most = self.most.saturating_add(self.queue.len());
    }

    /// Returns what had to go for it.
    fn put(&mut self, told: Told<T>, now: Instant) -> Option<Told<T>> {
        if let (Told::Missed(more), Some(Told::Missed(count))) = (&told, self.queue.back_mut()) {
            *count = Lost(*count).and(Lost(*more)).0;
            return None;
        }
        let mut lost = None;
        if self.queue.len() >= self.most {
            lost = self.queue.pop_front();
            let more = lost.as_ref().map_or(Lost(Some(0)), Told::worth);
            self.missed = Some(self.missed.map_or(more, |before| before.and(more)));
            self.lost_since.get_or_insert(now);
        }
        self.queue.push_back(told);
        lost
    }

    /// Ends him if he lost something and has read nothing for `patience`; returns what waited for him, and his place.
    fn cut(&mut self, now: Instant, patience: Duration) -> Option<Cut<T>> {
        let since = self.lost_since?;
        if self.ended.is_some() || now.saturating_duration_since(since) < patience {
            return None;
        }
        self.ended = Some(Ending::SLOW);
        self.lost_since = None;
        let queue = std::mem::take(&mut self.queue);
        let before = self.missed.unwrap_or(Lost(Some(0)));
        self.missed = Some(queue.iter().map(Told::worth).fold(before, Lost::and));
        Some(Cut { _queue: queue, _place: self.place.take() })
    }

    fn pace(&self) -> Pace {
        if self.lost_since.is_some() { Pace::IsBehind } else { Pace::KeepsUp }
    }
}
