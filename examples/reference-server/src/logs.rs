//! Where log lines go: to standard error or output, for people or for machines; and the security log into a file.

use std::{
    io::{self, IsTerminal, Write},
    path::Path,
};

use palisade::{
    core::ConfigError,
    security_log::{LogFile, LogGuard, OneLineFields, SecurityLog},
};
use tracing_subscriber::{
    Layer,
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::{
    app::{Shared, StartError},
    live::LineTap,
    settings::{LogFormat, LogStream, Settings},
    writable,
};

/// What logs, until it is dropped: then all that was logged is written.
#[derive(Debug)]
#[must_use = "what is logged after it is dropped is not written"]
pub struct Logs {
    log: SecurityLog,
    lines: LineTap,
    _guard: LogGuard,
}

// === impl Logs ===

impl Logs {
    /// From now on, lines go to who watches the log of `shared`, too, and its figures say how the log is doing.
    pub(crate) fn connect(&self, shared: &Shared) {
        self.lines.connect(shared);
        shared.sources.learn_log(self.log.clone());
    }
}

/// Starts logging. Once per process.
///
/// # Errors
///
/// If something in this process logs already, or the file of the security log cannot be written to.
pub fn start(settings: &Settings) -> Result<Logs, StartError> {
    let filter = without_addresses(settings.log_level.parse()?);
    let mut log = SecurityLog::builder().filter(filter.clone());
    if let Some(file) = &settings.security_log {
        let path = LogFile::new(&file.path);
        log = log.file(path.max_size(file.max_size).files(file.files));
    }
    let is_pretty = settings.log_format == LogFormat::Pretty;
    let (stream, is_terminal): (Box<dyn Write + Send>, _) = match settings.log_stream {
        LogStream::Errors => (Box::new(io::stderr()), io::stderr().is_terminal()),
        LogStream::Output => (Box::new(io::stdout()), io::stdout().is_terminal()),
    };
    log = if is_pretty { log.console(stream) } else { log.stream(stream) };
    let lines = LineTap::default();
    let tap = lines.clone();
    log = log.tap(move |line| tap.tell(line));
    let (log, guard) = log.start().map_err(about)?;
    let pretty = || {
        // Never the stream itself: where nobody reads it, every request would wait.
        let lines = fmt::layer().with_writer(log.console()).with_ansi(is_terminal);
        lines.fmt_fields(OneLineFields::new()).with_filter(filter)
    };
    tracing_subscriber::registry().with(is_pretty.then(pretty)).with(log.layer()).try_init()?;
    Ok(Logs { log, lines, _guard: guard })
}

/// Whether the file of the security log could be opened, or made. Makes none. Returns where it is.
///
/// # Errors
///
/// A place that cannot be written to; a folder that is missing is not made.
pub(crate) fn check(settings: &Settings) -> Result<Option<&Path>, StartError> {
    let Some(file) = &settings.security_log else { return Ok(None) };
    let path = file.path.as_path();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let named = |error: io::Error| format!("SECURITY_LOG_FILE {}: {error}", path.display());
    folder.map_or(Ok(()), |folder| folder.metadata().map(drop)).map_err(named)?;
    writable::file(path).map_err(|error| format!("SECURITY_LOG_FILE {error}"))?;
    Ok(Some(path))
}

/// Names the setting, where it is the file.
fn about(error: ConfigError) -> StartError {
    if error.what() == "log file" {
        format!("SECURITY_LOG_FILE: {error}").into()
    } else {
        error.into()
    }
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
