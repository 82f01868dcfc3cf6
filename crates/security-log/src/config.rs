//! How the log is set up.

use std::{
    fmt,
    io::{self, Write},
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use palisade_core::{Clock, ConfigError};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;

use crate::{
    Line, LogFile, LogGuard, SecurityLog,
    folds::Folds,
    keeper::Keeper,
    layer::{Recorder, Tap},
    queue::Queue,
    writer::{Out, Sink},
};

/// Lines that wait for a sink, at most, unless said otherwise.
const QUEUE: usize = 8192;
/// Bytes that wait for a sink, at most.
const QUEUE_BYTES: usize = 8 << 20;
/// How long what is alike is folded, unless said otherwise.
const WINDOW: Duration = Duration::from_secs(60);
/// The most lines for events of one name in that time, unless said otherwise.
const LINES: u32 = 1000;

/// How the log is set up. Made by [`SecurityLog::builder`].
pub struct SecurityLogBuilder {
    clock: Clock,
    filter: Targets,
    file: Option<LogFile>,
    stream: Option<Box<dyn Write + Send>>,
    console: Option<Box<dyn Write + Send>>,
    tap: Option<Tap>,
    window: Duration,
    lines: u32,
    queue: usize,
}

// === impl SecurityLogBuilder ===

impl SecurityLogBuilder {
    pub(crate) fn new() -> Self {
        Self {
            clock: Clock::system(),
            filter: Targets::new().with_default(LevelFilter::OFF),
            file: None,
            stream: None,
            console: None,
            tap: None,
            window: WINDOW,
            lines: LINES,
            queue: QUEUE,
        }
    }

    /// Takes the time from `clock`.
    #[must_use]
    pub fn clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    /// Says what the stream takes, and what the tap is told of beside the security log. Default: nothing.
    #[must_use]
    pub fn filter(self, filter: Targets) -> Self {
        Self { filter, ..self }
    }

    /// Writes the security log into a file, whatever the filter says; and into one beside it a copy of what is never folded.
    #[must_use]
    pub fn file(self, file: LogFile) -> Self {
        Self { file: Some(file), ..self }
    }

    /// Writes what the filter lets pass to `stream`: standard error, say. A thread of its own writes, and may wait there.
    #[must_use]
    pub fn stream(self, stream: impl Write + Send + 'static) -> Self {
        Self { stream: Some(Box::new(stream)), ..self }
    }

    /// Writes to `console` what others format for people and write to [`SecurityLog::console`]: standard error, say. A thread of
    /// its own writes, and may wait there.
    #[must_use]
    pub fn console(self, console: impl Write + Send + 'static) -> Self {
        Self { console: Some(Box::new(console)), ..self }
    }

    /// Tells `tap` of each line of the security log, and of those that the filter lets pass.
    ///
    /// It is called where the event happens, so it must not wait for anything. What it logs itself is left out.
    #[must_use]
    pub fn tap(self, tap: impl Fn(&Arc<Line>) + Send + Sync + 'static) -> Self {
        Self { tap: Some(Box::new(tap)), ..self }
    }

    /// How long events are counted that are like one that was written. Default: 60 s.
    #[must_use]
    pub fn window(self, window: Duration) -> Self {
        Self { window, ..self }
    }

    /// The most lines for events of one name in a window. Default: 1000.
    #[must_use]
    pub fn lines_per_event(self, lines: u32) -> Self {
        Self { lines, ..self }
    }

    /// The most lines that wait for a sink, of which the last quarter is kept for errors, bans and what admins do; and 8 MiB of
    /// them in any case. Default: 8192.
    #[must_use]
    pub fn queue(self, lines: usize) -> Self {
        Self { queue: lines, ..self }
    }

    /// Opens the file and starts the threads that write. Whoever drops the guard ends the log: all that was logged until then
    /// is written first.
    ///
    /// # Errors
    ///
    /// A file that cannot be written to, a size or a number that is out of range, or a thread that cannot be started.
    pub fn start(self) -> Result<(SecurityLog, LogGuard), ConfigError> {
        self.check()?;
        let start = |name, out: Option<Out>| {
            out.map(|out| sink(name, self.queue, out, &self.clock)).transpose()
        };
        let open = |file: LogFile| file.open().map(Out::File);
        let copy = self.file.as_ref().map(LogFile::kept);
        // Both files are there before either is written to.
        let (file, copy) = (self.file.map(open).transpose()?, copy.map(open).transpose()?);
        let (file, kept) = (start("file", file)?, start("kept", copy)?);
        let stream = start("stream", self.stream.map(Out::Stream))?;
        let text = start("console", self.console.map(Out::Console))?;
        let recorder = Arc::new(Recorder {
            clock: self.clock,
            folds: Folds::new(self.lines),
            folded: AtomicU64::new(0),
            nested: AtomicU64::new(0),
            filter: self.filter,
            file,
            kept,
            stream,
            text,
            tap: self.tap,
        });
        let keeper =
            Keeper::start(Arc::clone(&recorder), self.window).map_err(|error| no_thread(&error))?;
        Ok((SecurityLog { recorder }, LogGuard { keeper }))
    }

    fn check(&self) -> Result<(), ConfigError> {
        if self.window.is_zero() {
            let error =
                ConfigError::new("window of the security log", format!("{:?}", self.window));
            return Err(error.expected("more than nothing"));
        }
        if self.lines == 0 {
            let error = ConfigError::new("number of lines for an event", "0");
            return Err(error.expected("at least 1"));
        }
        if self.queue < 4 {
            let error = ConfigError::new("number of lines that wait", self.queue.to_string());
            return Err(error.expected("at least 4"));
        }
        Ok(())
    }
}

impl fmt::Debug for SecurityLogBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecurityLogBuilder")
            .field("filter", &self.filter)
            .field("file", &self.file)
            .field("window", &self.window)
            .field("lines", &self.lines)
            .field("queue", &self.queue)
            .finish_non_exhaustive()
    }
}

fn sink(
    name: &'static str,
    lines: usize,
    out: Out,
    clock: &Clock,
) -> Result<Arc<Sink>, ConfigError> {
    let sink = Sink::start(name, Queue::new(lines, QUEUE_BYTES), out, clock.clone());
    sink.map_err(|error| no_thread(&error))
}

fn no_thread(error: &io::Error) -> ConfigError {
    ConfigError::new("place for a log", "here")
        .expected(format!("one where a thread can be started ({error})"))
}
