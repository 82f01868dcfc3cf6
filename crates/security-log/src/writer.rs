//! The thread that takes lines off a queue and writes them, so that no request waits for a disk.

use std::{
    fmt,
    io::{self, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use palisade_core::{Clock, SECURITY_TARGET};
use tracing::Level;

use crate::{
    Line,
    file::Appender,
    line::Worth,
    own_line::{self, OwnLine},
    queue::Queue,
};

/// How long to wait before something is tried again that failed, where nobody logs.
const RETRY: Duration = Duration::from_secs(1);

/// Where lines go.
pub(crate) enum Out {
    File(Appender),
    Stream(Box<dyn Write + Send>),
    /// A stream for people.
    Console(Box<dyn Write + Send>),
}

/// A sink: its queue, and what came of its lines.
#[derive(Debug)]
pub(crate) struct Sink {
    pub(crate) name: &'static str,
    pub(crate) queue: Queue,
    written: AtomicU64,
    lost: AtomicU64,
    fails: AtomicBool,
}

// === impl Sink ===

impl Sink {
    /// Starts the thread that writes to `out`. It ends when the queue is closed and empty.
    pub(crate) fn start(
        name: &'static str,
        queue: Queue,
        out: Out,
        clock: Clock,
    ) -> io::Result<Arc<Self>> {
        let (written, lost) = (AtomicU64::new(0), AtomicU64::new(0));
        let sink = Arc::new(Self { name, queue, written, lost, fails: AtomicBool::new(false) });
        let own = Arc::clone(&sink);
        thread::Builder::new().name(format!("palisade-log-{name}")).spawn(move || {
            own.run(out, &clock);
            own.queue.end();
        })?;
        Ok(sink)
    }

    /// Lines that were written.
    pub(crate) fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// Lines that were lost: there was no room for them, or they could not be written.
    pub(crate) fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    /// Whether the last try to write failed.
    pub(crate) fn fails(&self) -> bool {
        self.fails.load(Ordering::Relaxed)
    }

    fn run(&self, mut out: Out, clock: &Clock) {
        let mut batch = Vec::new();
        // What was lost and is not told yet.
        let mut untold = 0_u64;
        loop {
            let work = self.queue.take(&mut batch, RETRY);
            let (written, result) = out.write(&batch);
            let unwritten = as_count(batch.len().saturating_sub(written));
            let lost = work.lost.saturating_add(unwritten);
            self.written.fetch_add(as_count(written), Ordering::Relaxed);
            self.lost.fetch_add(lost, Ordering::Relaxed);
            untold = untold.saturating_add(lost);
            let result = result.and_then(|()| self.tell(&mut out, &mut untold, clock));
            self.judge(&result, untold);
            // Last: who waited for it may ask how it went.
            self.queue.settle(batch.len());
            let was_idle = batch.is_empty();
            batch.clear();
            if work.is_closed && was_idle {
                return;
            }
        }
    }

    /// Writes how many lines were lost, once something can be written again.
    fn tell(&self, out: &mut Out, untold: &mut u64, clock: &Clock) -> io::Result<()> {
        if *untold == 0 {
            return Ok(());
        }
        let line = OwnLine {
            level: Level::ERROR,
            event: "log.lost",
            message: "lines of the log were lost: there was no room for them, or they could not be written",
        };
        let at = clock.now().wall();
        let line = match out {
            Out::Console(_) => {
                line.for_people(at, format_args!("lost={untold} sink=\"{}\"", self.name))
            }
            Out::File(_) | Out::Stream(_) => line.with(at, |out| {
                own_line::bare(out, "lost", *untold);
                own_line::text(out, "sink", self.name);
            }),
        };
        let (told, result) = out.write(&[Arc::new(line.worth(Worth::Kept))]);
        if told > 0 {
            *untold = 0;
        }
        result
    }

    /// Says in the other sinks when this one begins to fail, and when it ends to.
    fn judge(&self, result: &io::Result<()>, untold: u64) {
        match result {
            Err(error) if !self.fails.swap(true, Ordering::Relaxed) => {
                tracing::error!(target: SECURITY_TARGET, event = "log.failed", sink = self.name, %error, "the log cannot be written; lines are lost");
            }
            Ok(()) if untold == 0 && self.fails.swap(false, Ordering::Relaxed) => {
                tracing::warn!(target: SECURITY_TARGET, event = "log.recovered", sink = self.name, "the log is written again");
            }
            _ => {}
        }
    }
}

// === impl Out ===

impl Out {
    /// Writes whole lines. How many of them are written, and why not all.
    fn write(&mut self, lines: &[Arc<Line>]) -> (usize, io::Result<()>) {
        match self {
            Self::File(file) => file.write(lines),
            Self::Stream(stream) | Self::Console(stream) => {
                let mut written = 0_usize;
                for line in lines {
                    // In one piece: others may write to the same terminal.
                    if let Err(error) = stream.write_all(format!("{}\n", line.json()).as_bytes()) {
                        return (written, Err(error));
                    }
                    written = written.saturating_add(1);
                }
                (written, stream.flush())
            }
        }
    }
}

impl fmt::Debug for Out {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(file) => file.fmt(f),
            Self::Stream(_) => f.write_str("Stream(..)"),
            Self::Console(_) => f.write_str("Console(..)"),
        }
    }
}

fn as_count(lines: usize) -> u64 {
    u64::try_from(lines).unwrap_or(u64::MAX)
}
