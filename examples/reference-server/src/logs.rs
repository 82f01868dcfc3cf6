//! Where log lines go: to standard error, for people or for machines.

use std::io::{self, IsTerminal};

use tracing_subscriber::{
    Layer, filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt,
};

use crate::settings::{LogFormat, Settings};

/// Starts logging. Once per process.
///
/// # Errors
///
/// If something in this process logs already.
pub fn start(settings: &Settings) -> io::Result<()> {
    let filter: Targets = settings.log_level.parse().map_err(io::Error::other)?;
    let lines = fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    let lines = match settings.log_format {
        LogFormat::Pretty => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .try_init()
        .map_err(io::Error::other)
}
