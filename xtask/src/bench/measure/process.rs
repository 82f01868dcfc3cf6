//! What Linux knows about a running process.

use std::fs;

use crate::Failure;

/// A tick of the processor's time, in microseconds: Linux counts 100 of them a second.
pub(super) const TICK: f64 = 10_000.0;

/// The processor's time it has used, in ticks.
pub(super) fn ticks(id: u32) -> Result<f64, Failure> {
    let path = format!("/proc/{id}/stat");
    let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    ticks_in(&text).ok_or_else(|| format!("{path} says nothing about time"))
}

/// The memory it holds, in mebibytes.
pub(super) fn resident(id: u32) -> Result<f64, Failure> {
    let path = format!("/proc/{id}/status");
    let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    resident_in(&text).ok_or_else(|| format!("{path} says nothing about memory"))
}

/// The most memory it held, in mebibytes, since it started or [`forget_peak`].
pub(super) fn peak(id: u32) -> Result<f64, Failure> {
    let path = format!("/proc/{id}/status");
    let text = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    peak_in(&text).ok_or_else(|| format!("{path} says nothing about the most memory"))
}

/// What it holds now is the most from here on.
pub(super) fn forget_peak(id: u32) -> Result<(), Failure> {
    let path = format!("/proc/{id}/clear_refs");
    fs::write(&path, "5").map_err(|error| format!("{path}: {error}"))
}

/// User's and system's time of a `stat` file. The program's name, in parentheses, may have any character in it.
pub(super) fn ticks_in(stat: &str) -> Option<f64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut words = rest.split_whitespace().skip(11);
    let user: f64 = words.next()?.parse().ok()?;
    let system: f64 = words.next()?.parse().ok()?;
    Some(user + system)
}

/// `VmRSS` of a `status` file, which is in KiB.
pub(super) fn resident_in(status: &str) -> Option<f64> {
    mebibytes_in(status, "VmRSS:")
}

/// `VmHWM`, likewise.
pub(super) fn peak_in(status: &str) -> Option<f64> {
    mebibytes_in(status, "VmHWM:")
}

fn mebibytes_in(status: &str, name: &str) -> Option<f64> {
    let rest = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kibibytes: f64 = rest.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes / 1024.0)
}
