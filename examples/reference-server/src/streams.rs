//! Runs the streams of one connection of HTTP/2, so that one of them can end without the others.

use std::{future::Future, sync::Arc};

use hyper::rt::Executor;
use tokio::select;

use crate::pulse::Pulse;

/// Each stream runs until it is answered, or until the pulse says that nobody takes its answer, or that its client is not welcome
/// any more: then it is dropped, which he is told by `RST_STREAM` (RFC 9113 section 5.4.2).
#[derive(Clone, Debug)]
pub(crate) struct Streams(Arc<Pulse>);

impl Streams {
    /// Those of the connection with this pulse.
    pub(crate) fn new(pulse: Arc<Pulse>) -> Self {
        Self(pulse)
    }
}

impl<F> Executor<F> for Streams
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    fn execute(&self, stream: F) {
        // hyper runs a stream as soon as it called the service, from the one task of the connection: it is the newest.
        let Some(end) = self.0.newest() else {
            tokio::spawn(stream);
            return;
        };
        tokio::spawn(async move {
            select! {
                _ = stream => {}
                () = end.notified() => tracing::debug!("a stream is ended before its answer is whole"),
            }
        });
    }
}
