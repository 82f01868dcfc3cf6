//! Lines of the log.

use super::reader::Reader;

/// How log lines look.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "the server is nobody's dependency")]
pub enum LogFormat {
    /// For people.
    Pretty,
    /// For machines, one JSON object a line.
    Json,
}

/// Where they go.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "the server is nobody's dependency")]
pub enum LogStream {
    /// Standard error.
    Errors,
    /// Standard output.
    Output,
}

pub(super) fn format(reader: &mut Reader<'_>) -> LogFormat {
    reader.either("LOG_FORMAT", ("pretty", LogFormat::Pretty), ("json", LogFormat::Json))
}

pub(super) fn stream(reader: &mut Reader<'_>) -> LogStream {
    reader.either("LOG_STREAM", ("stderr", LogStream::Errors), ("stdout", LogStream::Output))
}

/// A level for all, and perhaps others for single targets. A lone word that is no level would be read as a target, and
/// everything else would be silent.
pub(super) fn level(text: &str) -> Option<String> {
    let is_level =
        |part: &str| part.trim().parse::<tracing_subscriber::filter::LevelFilter>().is_ok();
    let mut parts = text.split(',');
    let known = parts.clone().all(|part| is_level(part) || part.contains('='));
    let has_a_level_for_all = parts.any(is_level);
    let parses = text.parse::<tracing_subscriber::filter::Targets>().is_ok();
    (known && has_a_level_for_all && parses).then(|| text.to_owned())
}
