//! How long something takes.

use std::time::{Duration, Instant};

#[expect(clippy::disallowed_methods, reason = "a build tool tells how long its own steps take")]
pub(super) fn now() -> Instant {
    Instant::now()
}

pub(super) fn shown(time: Duration) -> String {
    format!("{:>4.0} s", time.as_secs_f64())
}
