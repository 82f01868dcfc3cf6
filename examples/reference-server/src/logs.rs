//! Where log lines go: to standard error, for people or for machines.

use std::io::{self, IsTerminal};

use tracing_subscriber::{
    Layer,
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::settings::{LogFormat, Settings};

/// Starts logging. Once per process.
///
/// # Errors
///
/// If something in this process logs already.
pub fn start(settings: &Settings) -> io::Result<()> {
    let filter = settings.log_level.parse().map_err(io::Error::other)?;
    let filter = without_addresses(filter);
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

/// What h2 says at `debug` of a request that it cannot read holds the whole address, in which a token may be. Who names h2 in
/// the filter wants it.
fn without_addresses(filter: Targets) -> Targets {
    const H2: &str = "h2";
    if filter.iter().any(|(target, _)| target.starts_with(H2)) {
        return filter;
    }
    let level = filter.default_level().unwrap_or(LevelFilter::OFF);
    filter.with_target(H2, level.min(LevelFilter::INFO))
}
