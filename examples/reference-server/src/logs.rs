//! Where log lines go: to standard error, for people or for machines; and the security log into a file.

use std::{
    io::{self, IsTerminal},
    sync::Arc,
};

use palisade::security_log::{Line, LogFile, LogGuard, OneLineFields, SecurityLog};
use tracing_subscriber::{
    Layer,
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::{
    app::StartError,
    settings::{LogFormat, Settings},
};

/// Told of each line of the security log, and of those that the level lets pass.
pub type Tap = Box<dyn Fn(&Arc<Line>) + Send + Sync>;

/// What logs, until it is dropped: then all that was logged is written.
#[derive(Debug)]
#[must_use = "what is logged after it is dropped is not written"]
pub struct Logs {
    log: SecurityLog,
    _guard: LogGuard,
}

// === impl Logs ===

impl Logs {
    /// What writes, and knows how that goes.
    pub fn log(&self) -> &SecurityLog {
        &self.log
    }
}

/// Starts logging. Once per process.
///
/// # Errors
///
/// If something in this process logs already, or the file of the security log cannot be written to.
pub fn start(settings: &Settings, tap: Option<Tap>) -> Result<Logs, StartError> {
    let filter = without_addresses(settings.log_level.parse()?);
    let mut log = SecurityLog::builder().filter(filter.clone());
    if let Some(file) = &settings.security_log {
        let path = LogFile::new(&file.path);
        log = log.file(path.max_size(file.max_size).files(file.files));
    }
    let is_pretty = settings.log_format == LogFormat::Pretty;
    if !is_pretty {
        log = log.stream(io::stderr());
    }
    // Where nobody takes its lines, none are made.
    let is_needed = !is_pretty || settings.security_log.is_some() || tap.is_some();
    if let Some(tap) = tap {
        log = log.tap(tap);
    }
    let (log, guard) = log.start()?;
    let pretty = || {
        let lines = fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
        lines.fmt_fields(OneLineFields::new()).with_filter(filter)
    };
    tracing_subscriber::registry()
        .with(is_pretty.then(pretty))
        .with(is_needed.then(|| log.layer()))
        .try_init()?;
    Ok(Logs { log, _guard: guard })
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
