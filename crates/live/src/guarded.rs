//! A subscription that a future watches over, whether anybody reads or not.

use std::{
    fmt,
    future::{Future, poll_fn},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use tokio::{runtime::Handle, task::AbortHandle};

use crate::{Ending, Subscription, board::Board, reader::Reader};

type Guard = Pin<Box<dyn Future<Output = Ending> + Send>>;

/// A subscription, and the task in which its guard waits: who reads nothing asks for nothing, and the guard could not be asked
/// from there.
pub(crate) struct Guarded<T> {
    pub(crate) subscription: Subscription<T>,
    watch: Arc<Watch<T>>,
    task: Option<AbortHandle>,
}

/// What the task and whoever reads share.
struct Watch<T> {
    board: Arc<Board<T>>,
    reader: Arc<Reader<T>>,
    state: Mutex<State>,
}

struct State {
    /// None once it is ready; and while it is asked: one that breaks is not asked again.
    guard: Option<Guard>,
    /// The task's: what the guard waits for wakes that, and that the reader.
    waker: Option<Waker>,
}

/// Ends the reader where the guard broke.
struct Farewell<T>(Arc<Watch<T>>);

// === impl Guarded ===

impl<T: Send + Sync + 'static> Guarded<T> {
    /// Has `guard` wait in a task of its own, within a runtime; elsewhere it is asked by who reads alone.
    pub(crate) fn new(subscription: Subscription<T>, guard: Guard) -> Self {
        let watch = Arc::new(Watch {
            board: Arc::clone(&subscription.board),
            reader: Arc::clone(&subscription.reader),
            state: Mutex::new(State { guard: Some(guard), waker: None }),
        });
        let task = Handle::try_current().ok().map(|runtime| {
            // Not made where there is no task: it ends the reader when it is dropped.
            let farewell = Farewell(Arc::clone(&watch));
            runtime.spawn(async move { poll_fn(|cx| farewell.0.wait(cx)).await }).abort_handle()
        });
        Self { subscription, watch, task }
    }
}

impl<T> Guarded<T> {
    /// Asks the guard: if it is ready, what waited for the reader is gone, and its ending is the subscription's.
    pub(crate) fn ask(&self, cx: &Context<'_>) {
        let mut state = self.watch.lock();
        let waker = state.waker.clone().unwrap_or_else(|| cx.waker().clone());
        // Ready or not: the subscription says.
        let _is_ready = self.watch.poll(&mut state, &mut Context::from_waker(&waker));
    }
}

impl<T> Drop for Guarded<T> {
    fn drop(&mut self) {
        self.task.iter().for_each(AbortHandle::abort);
    }
}

impl<T> fmt::Debug for Guarded<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guarded").field("reader", &self.watch.reader).finish_non_exhaustive()
    }
}

// === impl Watch ===

impl<T> Watch<T> {
    fn wait(&self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        state.waker = Some(cx.waker().clone());
        self.poll(&mut state, cx)
    }

    fn poll(&self, state: &mut State, cx: &mut Context<'_>) -> Poll<()> {
        let Some(mut guard) = state.guard.take() else { return Poll::Ready(()) };
        match guard.as_mut().poll(cx) {
            Poll::Ready(ending) => {
                self.board.dismiss(&self.reader, ending);
                Poll::Ready(())
            }
            Poll::Pending => {
                state.guard = Some(guard);
                Poll::Pending
            }
        }
    }

    /// A holder of this lock moves values, and asks a guard that is not there meanwhile.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

// === impl Farewell ===

impl<T> Drop for Farewell<T> {
    fn drop(&mut self) {
        if self.0.reader.ending().is_none() {
            self.0.board.dismiss(&self.0.reader, Ending::CLOSED);
        }
    }
}
