//! Ends one answer from elsewhere: that of a client who is not welcome any more.

use std::{sync::Arc, time::Duration};

use tokio::time::{Instant, sleep};

use super::{Pulse, Running, Version};

/// How long a client who reads may take to read why.
const GOODBYE: Duration = Duration::from_millis(250);

/// Ends the answer to one request, whether its client takes it or not.
#[derive(Clone, Debug)]
pub(crate) struct Hangup {
    pulse: Arc<Pulse>,
    id: u64,
}

// === impl Running ===

impl Running {
    /// What ends the answer before it is whole.
    pub(crate) fn hangup(&self) -> Hangup {
        Hangup { pulse: Arc::clone(&self.pulse), id: self.id }
    }
}

// === impl Hangup ===

impl Hangup {
    /// Lets the client read what is ready, for a moment; then a stream of HTTP/2 that is not at its end is reset, and a connection of
    /// HTTP/1 is closed, unless its client asked for something else meanwhile.
    pub(crate) async fn soon(self) {
        sleep(GOODBYE).await;
        self.pulse.hang_up(self.id);
    }
}

// === impl Pulse ===

impl Pulse {
    fn hang_up(&self, id: u64) {
        let mut state = self.state();
        let version = state.version;
        let Some(answering) = state.running.get_mut(&id) else {
            // Who asked for something else meanwhile reads.
            let is_idle = state.running.is_empty() && state.next == id;
            drop(state);
            if version == Version::Http1 && is_idle {
                // All of it was handed over, and fits into what lies between: nothing tells whether its client takes it.
                self.leave();
            }
            return;
        };
        match (version, &mut answering.handed) {
            (Version::Http2, _) => answering.end.notify_one(),
            (Version::Http1, Some(handed)) => handed.until = Instant::now(),
            // The connection asks for more: the client takes what there is.
            (Version::Http1, None) => {}
        }
        drop(state);
        self.again.notify_one();
    }
}
