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
    /// All up to this number was told to him, as far as he wants it, or that it is lost; none if nothing of this epoch was.
    told: Option<u64>,
    /// Since when he reads nothing, while he lost something.
    lost_since: Option<Instant>,
    waker: Option<Waker>,
    ended: Option<Ended>,
    /// Given back where he is cut, though he may never learn of it.
    place: Option<Place>,
}

/// That nothing more comes.
#[derive(Clone, Copy)]
struct Ended {
    ending: Ending,
    /// What was offered to him until then, if he is told so of all of it.
    offered: Option<u64>,
}

/// What a reader leaves who is cut, or goes.
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
            told: None,
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
    ///
    /// `offered` is the number of what came before.
    pub(crate) fn push(&self, told: Told<T>, now: Instant, offered: u64) -> Pace {
        let mut state = self.lock();
        if state.ended.is_some() {
            return Pace::KeepsUp;
        }
        let upto = told.number().unwrap_or(offered);
        state.told = state.told(offered);
        let lost = state.put(told, now);
        let cut = state.cut(now, self.patience, upto);
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
    pub(crate) fn look(&self, now: Instant, offered: u64) -> Pace {
        let mut state = self.lock();
        let cut = state.cut(now, self.patience, offered);
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
    pub(crate) fn end(&self, ending: Ending, offered: u64) {
        let mut state = self.lock();
        state.ended.get_or_insert(Ended { ending, offered: Some(offered) });
        let waker = state.waker.take();
        drop(state);
        waker.into_iter().for_each(Waker::wake);
    }

    /// Ends him now: what waits is not told, and his place is free.
    pub(crate) fn dismiss(&self, ending: Ending, offered: u64) {
        let mut state = self.lock();
        state.told = state.told(offered);
        state.missed = None;
        state.ended = Some(Ended { ending, offered: None });
        let left = state.leave();
        let waker = state.waker.take();
        drop(state);
        drop(left);
        waker.into_iter().for_each(Waker::wake);
    }

    /// What comes next for him; none at the end. If nothing, `waker` is told when there is.
    pub(crate) fn poll(&self, waker: &Waker) -> Poll<Option<Told<T>>> {
        let mut state = self.lock();
        if let Some(told) = state.next() {
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
        state.ended.get_or_insert(Ended { ending: Ending::CLOSED, offered: None });
        let left = (state.leave(), state.waker.take());
        drop(state);
        drop(left);
    }

    pub(crate) fn ending(&self) -> Option<Ending> {
        self.lock().ended.map(|ended| ended.ending)
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
    fn cut(&mut self, now: Instant, patience: Duration, offered: u64) -> Option<Cut<T>> {
        let since = self.lost_since?;
        if self.ended.is_some() || now.saturating_duration_since(since) < patience {
            return None;
        }
        self.ended = Some(Ended { ending: Ending::SLOW, offered: Some(offered) });
        self.lost_since = None;
        let queue = std::mem::take(&mut self.queue);
        let before = self.missed.unwrap_or(Lost(Some(0)));
        self.missed = Some(queue.iter().map(Told::worth).fold(before, Lost::and));
        Some(Cut { _queue: queue, _place: self.place.take() })
    }

    fn leave(&mut self) -> Cut<T> {
        Cut { _queue: std::mem::take(&mut self.queue), _place: self.place.take() }
    }

    /// All up to this number is told: see [`State::told`].
    pub(crate) fn begin(&mut self, told: Option<u64>) {
        self.told = told;
    }

    /// All up to which number he was told, where all up to `offered` was offered to him.
    pub(crate) fn told(&self, offered: u64) -> Option<u64> {
        match self.queue.front() {
            _ if self.missed.is_some() => self.told,
            Some(Told::Missed(_)) => self.told,
            // He wanted nothing of what is between.
            Some(Told::Event(next)) => self.told.max(Some(next.id().number().saturating_sub(1))),
            None => self.told.max(self.ended.map_or(Some(offered), |ended| ended.offered)),
        }
    }

    fn next(&mut self) -> Option<Told<T>> {
        let mut missed = self.missed.take();
        // Told as one, so that he is told of all that is lost before the next event.
        while let Some(Told::Missed(more)) = self.queue.front() {
            let more = Lost(*more);
            missed = Some(missed.map_or(more, |before| before.and(more)));
            self.queue.pop_front();
        }
        if let Some(Lost(count)) = missed {
            return Some(Told::Missed(count));
        }
        let told = self.queue.pop_front()?;
        self.told = self.told.max(told.number());
        Some(told)
    }

    fn pace(&self) -> Pace {
        if self.lost_since.is_some() { Pace::IsBehind } else { Pace::KeepsUp }
    }
}
