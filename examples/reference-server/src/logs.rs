//! Where log lines go: to standard error, for people or for machines.

use std::io::{self, IsTerminal};

use palisade::security_log::{LogGuard, SecurityLog};
use tracing_subscriber::{
    Layer,
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::{
    live::LineTap,
    settings::{LogFormat, Settings},
};

/// Starts logging, until what it returns is dropped; lines go to `lines`, too. Once per process.
///
/// # Errors
///
/// If something in this process logs already.
pub fn start(settings: &Settings, lines: &LineTap) -> io::Result<LogGuard> {
    let filter = settings.log_level.parse().map_err(io::Error::other)?;
    let filter = without_addresses(filter);
    let tap = lines.clone();
    let log = SecurityLog::builder().filter(filter.clone()).tap(move |line| tap.tell(line));
    let (log, guard) = log.start().map_err(io::Error::other)?;
    let lines = fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
    let lines = match settings.log_format {
        LogFormat::Pretty => lines.boxed(),
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
    };
    tracing_subscriber::registry()
        .with(lines.with_filter(filter))
        .with(log.layer())
        .try_init()
        .map_err(io::Error::other)?;
    Ok(guard)
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
