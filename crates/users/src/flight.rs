//! One question that is under way, and everybody who waits for its answer.

use std::{
    future::Future,
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    task::{Context, Poll, Wake, Waker},
};

use palisade_core::BoxFuture;

use crate::{DirectoryError, directory::Answer};

/// One question, asked by whoever waits for it. Clones share it and get the same answer; it goes on if one of them is
/// dropped.
#[derive(Clone)]
pub(crate) struct Flight {
    shared: Arc<Shared>,
}

struct Shared {
    answer: OnceLock<Answer>,
    /// None once it is answered.
    question: Mutex<Option<BoxFuture<Answer>>>,
    waiting: Arc<Waiting>,
}

/// Those who wait. To wake it is to wake all of them: whoever asked last may be gone.
#[derive(Default)]
struct Waiting {
    wakers: Mutex<Vec<Waker>>,
}

// === impl Flight ===

impl Flight {
    pub(crate) fn new(question: BoxFuture<Answer>) -> Self {
        Self::with(OnceLock::new(), Some(question))
    }

    /// One that has arrived.
    pub(crate) fn answered(answer: Answer) -> Self {
        Self::with(answer.into(), None)
    }

    fn with(answer: OnceLock<Answer>, question: Option<BoxFuture<Answer>>) -> Self {
        let shared = Shared { answer, question: Mutex::new(question), waiting: Arc::default() };
        Self { shared: Arc::new(shared) }
    }

    /// The answer, if it is there.
    pub(crate) fn answer(&self) -> Option<&Answer> {
        self.shared.answer.get()
    }
}

impl Future for Flight {
    type Output = Answer;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answer> {
        let Shared { answer, question, waiting } = &*self.shared;
        if let Some(answer) = answer.get() {
            return Poll::Ready(answer.clone());
        }
        waiting.add(cx.waker());
        let mut question = lock(question);
        let found = match question.as_mut().map(|question| ask(question, waiting)) {
            Some(Poll::Pending) => return Poll::Pending,
            Some(Poll::Ready(found)) => found,
            // Answered while this one waited for the lock: what is found below is that answer.
            None => Err(DirectoryError::new("the question was lost")),
        };
        let found = answer.get_or_init(|| found).clone();
        let over = question.take();
        drop(question);
        drop(over);
        waiting.wake_all();
        Poll::Ready(found)
    }
}

/// Asks on behalf of all who wait. A directory that panics has no answer for any of them.
fn ask(question: &mut BoxFuture<Answer>, waiting: &Arc<Waiting>) -> Poll<Answer> {
    let waker = Waker::from(Arc::clone(waiting));
    let asked = || question.as_mut().poll(&mut Context::from_waker(&waker));
    catch_unwind(AssertUnwindSafe(asked))
        .unwrap_or_else(|_| Poll::Ready(Err(DirectoryError::new("the directory panicked"))))
}

// === impl Waiting ===

impl Waiting {
    fn add(&self, waker: &Waker) {
        let mut wakers = lock(&self.wakers);
        if !wakers.iter().any(|known| known.will_wake(waker)) {
            wakers.push(waker.clone());
        }
    }

    fn wake_all(&self) {
        let wakers = mem::take(&mut *lock(&self.wakers));
        wakers.into_iter().for_each(Waker::wake);
    }
}

impl Wake for Waiting {
    fn wake(self: Arc<Self>) {
        self.wake_all();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.wake_all();
    }
}

/// What panics under these locks is caught, or leaves nothing half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
