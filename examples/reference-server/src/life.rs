//! Times on the command line: `90s`, `15m`, `1h`, `7d`.

use std::time::Duration;

use clap::ArgMatches;

use crate::app::StartError;

/// The time that the argument `name` says, if it is there.
///
/// # Errors
///
/// If it does not parse.
pub(crate) fn of(arguments: &ArgMatches, name: &str) -> Result<Option<Duration>, StartError> {
    let Some(text) = arguments.get_one::<String>(name) else { return Ok(None) };
    let time = parse(text).ok_or_else(|| {
        format!("--{name} `{text}`: expected a number and one of s, m, h, d, such as `1h`")
    })?;
    Ok(Some(time))
}

fn parse(text: &str) -> Option<Duration> {
    let number = text.trim_end_matches(|char: char| !char.is_ascii_digit());
    let unit = match text.get(number.len()..)? {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit).map(Duration::from_secs)
}
