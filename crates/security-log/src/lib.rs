//! Writes the security log: one event, one line, floods folded, files rotated.
//!
//! Every crate of Palisade says what it does for or against somebody as a `tracing` event of the target
//! [`SECURITY_TARGET`](palisade_core::SECURITY_TARGET). This is a layer for a `tracing` subscriber that makes lines of them that machines
//! can read and clients cannot forge.
//!
//! # Rules
//!
//! 1. **One event is one line**: a flat JSON object with `time`, `level`, `target`, `event`, `message`, then the fields. In texts every character
//!    is escaped that could end the line, colour it, hide or turn what stands beside it; nothing is lost of them.
//! 2. A field never takes the place of what the line says itself, nor of another field. It is called `field_…` then, or left off.
//! 3. A value is cut at 4 KiB, a line holds 64 fields and is shorter than 32 KiB; `cut` and `left_off` say so.
//! 4. Of events that have a `code`, those of the same event, code, `client_ip` and `user_id` are one line and, when the window ends, one
//!    more with their number. Default: 60 s.
//! 5. Of one event's name there are no more than 1000 lines in a window, and one with the number of the others; of 64 names, and the
//!    rest together. Errors, `admin.` and `ban.` are never folded: each is a fact, and bounded elsewhere.
//! 6. The file takes the security log alone; the stream takes what the filter says; the tap is told of both.
//! 7. Who logs never waits for a sink. A queue of 8192 lines and 8 MiB stands in between, its last quarter for what is never folded. What has no
//!    room is lost, counted, and told of by one line (`log.lost`) when there is room again.
//! 8. A file is never larger than was said, and there are never more of them. It is its owner's alone, never one behind a link, and begun
//!    anew when it was moved away.
//! 9. What cannot be written is lost and counted, never an error of a request. The part of a line that was written is taken back.
//!
//! # Place in the stack
//!
//! None: it is a layer of the `tracing` subscriber, not of the service.
//!
//! # Deployment caveat
//!
//! Start it before anything logs, and keep the [`LogGuard`] until the end of `main`: what is in the queue is written when it is dropped. Two
//! processes must not share a file: both would rotate it.
//!
//! # Example
//!
//! The security log in a file:
//!
//! ```
//! use palisade_security_log::{LogFile, SecurityLog};
//! use tracing_subscriber::layer::SubscriberExt;
//!
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("security.log");
//! let (log, guard) = SecurityLog::builder().file(LogFile::new(&path)).start()?;
//! let subscriber = tracing_subscriber::registry().with(log.layer());
//! # tracing::subscriber::with_default(subscriber, || {
//! tracing::warn!(target: palisade_core::SECURITY_TARGET, event = "door.closed", path = "/a\nb", "closed");
//! # });
//! drop(guard);
//! let line = std::fs::read_to_string(&path).unwrap();
//! assert!(line.ends_with("\"event\":\"door.closed\",\"message\":\"closed\",\"path\":\"/a\\nb\"}\n"));
//! # Ok::<(), palisade_core::ConfigError>(())
//! ```
//!
//! Everything of the level `INFO` as JSON on standard error as well, and every line told to somebody:
//!
//! ```
//! use std::time::Duration;
//! use palisade_security_log::SecurityLog;
//! use tracing_subscriber::filter::Targets;
//!
//! let (log, guard) = SecurityLog::builder()
//!     .filter(Targets::new().with_default(tracing::Level::INFO))
//!     .stream(std::io::stderr())
//!     .tap(|line| assert!(line.json().starts_with('{')))
//!     .window(Duration::from_secs(10))
//!     .lines_per_event(200)
//!     .start()?;
//! assert_eq!(log.status().lost, 0);
//! # Ok::<(), palisade_core::ConfigError>(())
//! ```
//!
//! # Not done here
//!
//! - Spans: a line says what its event says. Who traces requests finds them by `request_id`.
//! - Sending lines elsewhere: agents that follow files do it, and know what to do when nobody takes them.
//! - Waiting for the disk itself (`fsync`): what the system has taken survives this process, but not the loss of power.
//! - Reading lines: nothing of Palisade decides by a log. What bans is counted as values, before it is written.
//! - An audit that proves what is missing: a log promises no more than its disk does.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod config;
mod console;
mod fields;
mod file;
mod folds;
mod json;
mod keeper;
mod key;
mod layer;
mod line;
mod log;
mod open;
mod own_line;
mod plain;
mod queue;
mod rotation;
mod writer;

pub use self::{
    config::SecurityLogBuilder,
    console::{Console, ConsoleLine},
    file::LogFile,
    line::Line,
    log::{LogGuard, LogStatus, SecurityLog},
    plain::OneLineFields,
};
