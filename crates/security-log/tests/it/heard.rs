//! A log whose stream and tap are kept in memory.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use palisade_core::{ManualClock, SECURITY_TARGET};
use palisade_security_log::{Line, LogGuard, SecurityLog, SecurityLogBuilder};
use serde_json::Value;
use tracing::{Dispatch, Level};
use tracing_subscriber::{Registry, filter::Targets, layer::SubscriberExt};

/// What is written to it, by whom ever.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page(Arc<Mutex<Vec<u8>>>);

/// A log, and what it wrote.
pub(crate) struct Heard {
    pub(crate) log: SecurityLog,
    pub(crate) guard: Option<LogGuard>,
    pub(crate) clock: ManualClock,
    page: Page,
    tapped: Arc<Mutex<Vec<Arc<Line>>>>,
    dispatch: [Dispatch; 2],
}

impl Page {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Heard {
    pub(crate) fn start() -> Self {
        Self::with(|builder| builder)
    }

    pub(crate) fn with(more: impl FnOnce(SecurityLogBuilder) -> SecurityLogBuilder) -> Self {
        let (page, clock) = (Page::default(), ManualClock::new());
        let tapped = Arc::<Mutex<Vec<Arc<Line>>>>::default();
        let tap = Arc::clone(&tapped);
        let builder = SecurityLog::builder()
            .clock(clock.clock())
            .filter(Targets::new().with_default(Level::INFO))
            .stream(page.clone())
            .tap(move |line| tap.lock().unwrap().push(Arc::clone(line)));
        let (log, guard) = more(builder).start().unwrap();
        let subscriber = || Dispatch::new(Registry::default().with(log.layer()));
        // Two: while there is one, the first thread that comes to an event decides for all whether anybody listens to it, and
        // that may be the thread of another test.
        let dispatch = [subscriber(), subscriber()];
        Self { log, guard: Some(guard), clock, page, tapped, dispatch }
    }

    /// Logs what `log` logs, on this thread.
    pub(crate) fn while_it<T>(&self, log: impl FnOnce() -> T) -> T {
        tracing::dispatcher::with_default(&self.dispatch[0], log)
    }

    /// What other threads log to.
    pub(crate) fn dispatch(&self) -> Dispatch {
        self.dispatch[0].clone()
    }

    /// What was written so far.
    pub(crate) fn text(&self) -> String {
        if let Some(guard) = &self.guard {
            assert!(guard.flush());
        }
        self.page.text()
    }

    /// The same, line by line.
    pub(crate) fn lines(&self) -> Vec<Value> {
        self.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// What the tap was told.
    pub(crate) fn tapped(&self) -> Vec<Arc<Line>> {
        self.tapped.lock().unwrap().clone()
    }

    /// Ends the log, and what it wrote in all.
    pub(crate) fn end(mut self) -> Vec<Value> {
        drop(self.guard.take());
        self.lines()
    }
}

/// A refusal as the gate logs it.
pub(crate) fn refused(code: &str, client_ip: &str) {
    tracing::warn!(target: SECURITY_TARGET, event = "request.refused", code, client_ip, "refused");
}
