//! Lines that somebody else formats, for people: no request waits for a terminal either.

use std::{
    fmt,
    io::{self, Write},
    sync::Arc,
};

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

use crate::{Line, layer::Recorder, line::Worth};

/// Whom `tracing_subscriber::fmt` writes to: it hands what is written on to the console of the log, and never waits.
///
/// Made by [`SecurityLog::console`](crate::SecurityLog::console).
#[derive(Clone, Debug)]
pub struct Console {
    pub(crate) recorder: Arc<Recorder>,
}

/// What is written for one event: handed on as a whole when it is dropped.
pub struct ConsoleLine {
    recorder: Arc<Recorder>,
    level: Level,
    text: Vec<u8>,
}

// === impl Console ===

impl Console {
    fn line(&self, level: Level) -> ConsoleLine {
        ConsoleLine { recorder: Arc::clone(&self.recorder), level, text: Vec::new() }
    }
}

impl<'a> MakeWriter<'a> for Console {
    type Writer = ConsoleLine;

    fn make_writer(&'a self) -> ConsoleLine {
        self.line(Level::INFO)
    }

    fn make_writer_for(&'a self, metadata: &Metadata<'_>) -> ConsoleLine {
        self.line(*metadata.level())
    }
}

// === impl ConsoleLine ===

impl Write for ConsoleLine {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for ConsoleLine {
    fn drop(&mut self) {
        let Some(console) = self.recorder.text.as_ref().filter(|_| !self.text.is_empty()) else {
            return;
        };
        let text = String::from_utf8_lossy(&self.text);
        let text = text.strip_suffix('\n').unwrap_or(&text);
        let worth = if self.level == Level::ERROR { Worth::Kept } else { Worth::Usual };
        console.queue.push(&Arc::new(Line::new(self.level, "", None, text).worth(worth)));
    }
}

impl fmt::Debug for ConsoleLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConsoleLine").field("level", &self.level).finish_non_exhaustive()
    }
}
