//! Ends a stream whose client would not be let in any more.

use std::{sync::Arc, time::Duration};

use palisade::{
    core::{Identity, Rejection, SECURITY_TARGET, SecurityContext},
    live::Ending,
    users::Watch,
};
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::{
    app::Shared,
    let_in::{CHANGED, LetIn},
};

/// How often it is asked what nothing tells of: ends of credentials, keys, lists, bans.
const LOOK: Duration = Duration::from_millis(500);

/// Watches over one open stream.
#[derive(Debug)]
pub(crate) struct StreamGuard {
    /// Tells at once what was taken back, and what changed of the user.
    watch: Watch,
    looks: Interval,
    shared: Arc<Shared>,
    client: LetIn,
}

// === impl StreamGuard ===

impl StreamGuard {
    /// Watches over the stream that is opened by the request of this `context`. Within a runtime.
    ///
    /// # Errors
    ///
    /// If too many are open.
    pub(crate) fn new(shared: &Arc<Shared>, context: &SecurityContext) -> Result<Self, Rejection> {
        let mut looks = interval(LOOK);
        // A client that did not read for long is asked about once.
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let watch = shared.revocations.watch(context)?;
        let client = LetIn::new(shared, context);
        Ok(Self { watch, looks, shared: Arc::clone(shared), client })
    }

    /// Waits until the stream must end, and says why.
    pub(crate) async fn end(mut self) -> Ending {
        let cause = loop {
            tokio::select! {
                () = &mut self.watch => break CHANGED,
                _ = self.looks.tick() => {
                    if let Some(cause) = self.cause() {
                        break cause;
                    }
                }
            }
        };
        let user_id = self.client.identity().map(Identity::subject).unwrap_or_default();
        let issuer = self.client.identity().and_then(Identity::issuer);
        tracing::info!(target: SECURITY_TARGET, event = "stream.ended", cause, user_id, issuer, "a stream was ended");
        Ending::new(cause)
    }

    /// Why it must end, if it must, by the time of now.
    fn cause(&self) -> Option<&'static str> {
        let now = self.shared.clock.now();
        let of_watch = || self.watch.is_over(now.wall()).then_some(CHANGED);
        self.client.refusal(now).or_else(of_watch)
    }
}
