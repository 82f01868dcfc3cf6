//! The timer of the stack's bodies, by tokio.

use std::time::Duration;

use palisade::{Timer, core::BoxFuture};

/// Sleeps as tokio does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TokioTimer;

impl Timer for TokioTimer {
    fn after(&self, time: Duration) -> BoxFuture<()> {
        Box::pin(tokio::time::sleep(time))
    }
}
