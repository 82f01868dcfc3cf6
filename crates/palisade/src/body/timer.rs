//! What wakes who waits for a body.

use std::{fmt, time::Duration};

use palisade_core::BoxFuture;

/// Waits for a time to pass. The stack has no runtime of its own: who has one gives it this.
///
/// ```
/// use std::time::Duration;
/// use palisade::{Timer, core::BoxFuture};
///
/// struct Tokio;
///
/// impl Timer for Tokio {
///     fn after(&self, time: Duration) -> BoxFuture<()> {
///         Box::pin(tokio::time::sleep_until(tokio::time::Instant::now() + time))
///     }
/// }
/// ```
pub trait Timer: Send + Sync + 'static {
    /// Ends when `time` has passed.
    fn after(&self, time: Duration) -> BoxFuture<()>;
}

impl fmt::Debug for dyn Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Timer")
    }
}
