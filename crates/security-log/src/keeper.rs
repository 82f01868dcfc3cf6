//! The thread that ends windows, and the end of the log.

use std::{
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

use palisade_core::Moment;

use crate::{layer::Recorder, writer::Sink};

/// How often the thread looks at the clock.
const TICK: Duration = Duration::from_secs(1);
/// How long a sink may take to write what waits for it, at the end. One that is stuck must not keep the process.
const PATIENCE: Duration = Duration::from_secs(5);

/// The running thread.
#[derive(Debug)]
pub(crate) struct Keeper {
    kept: Arc<Kept>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Kept {
    recorder: Arc<Recorder>,
    window: Duration,
    state: Mutex<State>,
    to_keeper: Condvar,
}

#[derive(Debug)]
struct State {
    since: Moment,
    is_ended: bool,
}

// === impl Keeper ===

impl Keeper {
    pub(crate) fn start(recorder: Arc<Recorder>, window: Duration) -> io::Result<Self> {
        let state = Mutex::new(State { since: recorder.clock.now(), is_ended: false });
        let kept = Arc::new(Kept { recorder, window, state, to_keeper: Condvar::new() });
        let own = Arc::clone(&kept);
        let thread =
            thread::Builder::new().name("palisade-log".to_owned()).spawn(move || own.run())?;
        Ok(Self { kept, thread: Some(thread) })
    }

    /// Ends the window if it is over, and waits until all that was logged is written. Whether it is.
    pub(crate) fn flush(&self) -> bool {
        self.kept.look(&mut self.kept.state());
        let waited: Vec<_> = self.kept.sinks().map(|sink| sink.queue.wait(PATIENCE)).collect();
        waited.into_iter().all(|is_written| is_written)
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.kept.state().is_ended = true;
        self.kept.to_keeper.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic in there was reported by the panic hook.
            drop(thread.join());
        }
        if !self.kept.recorder.end_window() {
            // Sums for which there was no room: there is, once what waits is written.
            for sink in self.kept.sinks() {
                sink.queue.wait(PATIENCE);
            }
            self.kept.recorder.end_window();
        }
        self.kept.sinks().for_each(|sink| sink.queue.close());
        for sink in self.kept.sinks() {
            // What is not written by then is lost with the process.
            sink.queue.wait_for_end(PATIENCE);
        }
    }
}

// === impl Kept ===

impl Kept {
    fn run(&self) {
        let mut state = self.state();
        while !state.is_ended {
            let waited = self.to_keeper.wait_timeout(state, TICK);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            self.look(&mut state);
        }
    }

    /// Ends the window if it is over.
    fn look(&self, state: &mut State) {
        let now = self.recorder.clock.now();
        if now.since(state.since) >= self.window {
            state.since = now;
            self.recorder.end_window();
        }
    }

    fn sinks(&self) -> impl Iterator<Item = &Sink> {
        let Recorder { file, kept, stream, text, .. } = &*self.recorder;
        let sinks = [file, kept, stream, text];
        sinks.into_iter().flatten().map(|sink| &**sink)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
