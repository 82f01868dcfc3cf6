//! The running log.

use std::sync::{Arc, atomic::Ordering};

use tracing::Subscriber;
use tracing_subscriber::{Layer, registry::LookupSpan};

use crate::{Console, SecurityLogBuilder, keeper::Keeper, layer, layer::Recorder, writer::Sink};

/// The running log: makes layers, and says how it is. Cheap to clone.
#[derive(Clone, Debug)]
pub struct SecurityLog {
    pub(crate) recorder: Arc<Recorder>,
}

/// Keeps the log running. Dropping it writes all that was logged, the sums of what was folded too, and ends it; a sink that is
/// stuck is waited for 5 s.
#[derive(Debug)]
#[must_use = "the log ends when it is dropped"]
pub struct LogGuard {
    pub(crate) keeper: Keeper,
}

/// How the log is.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct LogStatus {
    /// Lines that the files, the stream and the console took.
    pub written: u64,
    /// Events that were counted instead of written.
    pub folded: u64,
    /// Lines that were lost: there was no room for them, or they could not be written. And events that happened while another
    /// one was being written, in a tap or in a value that logs while it is shown.
    pub lost: u64,
    /// Whether a file, the stream or the console cannot be written to.
    pub fails: bool,
}

// === impl SecurityLog ===

impl SecurityLog {
    /// Starts to set up a log, which by itself writes nowhere.
    #[must_use]
    pub fn builder() -> SecurityLogBuilder {
        SecurityLogBuilder::new()
    }

    /// A layer for a subscriber that records into this log.
    pub fn layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        layer::layer(Arc::clone(&self.recorder))
    }

    /// Takes the lines that `tracing_subscriber::fmt` formats, for the console that the builder was given: a thread of the log
    /// writes them, and what it has no room for is counted. Without such a console they go nowhere.
    #[must_use]
    pub fn console(&self) -> Console {
        Console { recorder: Arc::clone(&self.recorder) }
    }

    /// How the log is.
    #[must_use]
    pub fn status(&self) -> LogStatus {
        let Recorder { folded, nested, file, kept, stream, text, .. } = &*self.recorder;
        let status = LogStatus {
            folded: folded.load(Ordering::Relaxed),
            lost: nested.load(Ordering::Relaxed),
            ..LogStatus::default()
        };
        let sinks = [file, kept, stream, text].into_iter().flatten();
        sinks.fold(status, |status, sink: &Arc<Sink>| LogStatus {
            written: status.written.saturating_add(sink.written()),
            lost: status.lost.saturating_add(sink.lost()),
            fails: status.fails || sink.fails(),
            ..status
        })
    }
}

// === impl LogGuard ===

impl LogGuard {
    /// Waits until all that was logged so far is written, 5 s for each sink; and writes the sums of what was folded, if their
    /// window is over. Whether all is written.
    pub fn flush(&self) -> bool {
        self.keeper.flush()
    }
}
