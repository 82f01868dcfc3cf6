//! The process, by the names that all collectors know; and what runs in it.
//!
//! What the system says of it stands in `/proc`: elsewhere than on Linux these families have no figures.

use std::{fs, str::FromStr};

use palisade::metrics::{Exposition, Family};

use crate::{app::Shared, settings::Environment};

const BUILD: Family<1> = Family::info("palisade_build_info", "What runs here.", ["version"]);
const PRODUCTION: Family<0> =
    Family::gauge("palisade_production", "1 where APP_ENV is `production`.", []);
const START: Family<0> = Family::gauge(
    "process_start_time_seconds",
    "When the server started, in seconds since 1970.",
    [],
);
const CPU: Family<0> =
    Family::counter("process_cpu_seconds_total", "Time on processors, the system's included.", []);
const RESIDENT: Family<0> =
    Family::gauge("process_resident_memory_bytes", "Memory that is held in RAM.", []);
const THREADS: Family<0> = Family::gauge("process_threads", "Threads.", []);
const OPEN_FILES: Family<0> =
    Family::gauge("process_open_fds", "Files and sockets that are open.", []);
const MOST_FILES: Family<0> =
    Family::gauge("process_max_fds", "Files and sockets that may be open.", []);

/// Ticks in a second, as Linux tells times of processes on every machine that this runs on (`USER_HZ`).
const TICKS: f64 = 100.0;

pub(super) fn write(shared: &Shared, page: &mut Exposition) {
    page.family(&BUILD).add([env!("CARGO_PKG_VERSION")], 1_u64);
    let production = shared.sources.environment() == Environment::Production;
    page.family(&PRODUCTION).add([], production);
    page.family(&START).add([], shared.sources.started().wall());
    let mut cpu = page.family(&CPU);
    if let Some(seconds) = cpu_seconds() {
        cpu.add([], seconds);
    }
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mut resident = page.family(&RESIDENT);
    if let Some(kilobytes) = entry::<u64>(&status, "VmRSS:") {
        resident.add([], kilobytes.saturating_mul(1024));
    }
    let mut threads = page.family(&THREADS);
    if let Some(number) = entry::<u64>(&status, "Threads:") {
        threads.add([], number);
    }
    let mut open = page.family(&OPEN_FILES);
    if let Ok(files) = fs::read_dir("/proc/self/fd") {
        open.add([], files.count());
    }
    let mut most = page.family(&MOST_FILES);
    let limits = fs::read_to_string("/proc/self/limits").unwrap_or_default();
    if let Some(number) = entry::<u64>(&limits, "Max open files") {
        most.add([], number);
    }
}

/// What stands behind `name`.
fn entry<T: FromStr>(text: &str, name: &str) -> Option<T> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}

/// Fields 14 and 15 of `/proc/self/stat` (proc(5)), which are counted behind the name of the program, in which anything may stand.
fn cpu_seconds() -> Option<f64> {
    let text = fs::read_to_string("/proc/self/stat").ok()?;
    let (_, fields) = text.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let user: f64 = fields.next()?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((user + system) / TICKS)
}
