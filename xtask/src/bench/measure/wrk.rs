//! `wrk`, the client that asks as fast as it can, alone on the second core.

use crate::{Failure, bench::measure::server::Server, command::output};

/// What it saw.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Answers {
    pub(super) requests_per_second: f64,
    pub(super) requests: f64,
    /// Those with a status that is neither 2xx nor 3xx.
    pub(super) refused: f64,
}

/// Asks `server` for so long, written as `wrk` reads it.
pub(super) fn ask(server: &Server, time: &str) -> Result<Answers, Failure> {
    let header = format!("Authorization: Bearer {}", server.token());
    let duration = format!("-d{time}");
    let client: [&str; 9] =
        ["-c", "1", "wrk", "-t1", "-c64", &duration, "-H", &header, server.url()];
    let answer = output("taskset", &client)?;
    let text = String::from_utf8_lossy(&answer);
    answers_in(&text).ok_or_else(|| format!("wrk wrote what is not understood:\n{text}"))
}

/// Reads its report.
pub(super) fn answers_in(report: &str) -> Option<Answers> {
    let behind = |label: &str| -> Option<f64> {
        let rest = report.lines().find_map(|line| line.trim_start().strip_prefix(label))?;
        rest.trim().parse().ok()
    };
    let requests: f64 = report
        .lines()
        .find_map(|line| line.split_once(" requests in "))
        .and_then(|(number, _)| number.trim().parse().ok())?;
    Some(Answers {
        requests_per_second: behind("Requests/sec:")?,
        requests,
        // There is no such line where there was none.
        refused: behind("Non-2xx or 3xx responses:").unwrap_or_default(),
    })
}
