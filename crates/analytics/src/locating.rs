//! Finds out where clients are, for records that are stored already.

use std::{
    collections::VecDeque,
    net::IpAddr,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use palisade_core::{Locate, Location, Moment, RequestId, Whereabouts};

/// The most records that wait.
const MOST: usize = 4096;
/// How often is looked again.
pub(crate) const PAUSE: Duration = Duration::from_millis(100);
/// How long is looked again.
const PATIENCE: Duration = Duration::from_secs(5);

/// Records that are stored without a location, because it was not known yet.
#[derive(Debug, Default)]
pub(crate) struct Locating {
    waiting: VecDeque<Waiting>,
    asked: Option<Moment>,
}

/// The whole address: it is forgotten as soon as the location is known, or nobody waits for it any more.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) request_id: RequestId,
    pub(crate) address: IpAddr,
    pub(crate) since: Moment,
}

// === impl Locating ===

impl Locating {
    /// Lets these wait, as far as there is room; returns for how many there was none.
    pub(crate) fn add(&mut self, waiting: Vec<Waiting>) -> usize {
        let room = MOST.saturating_sub(self.waiting.len());
        let left_out = waiting.len().saturating_sub(room);
        self.waiting.extend(waiting.into_iter().take(room));
        left_out
    }

    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Asks again, if it is time for that; returns what is known now.
    pub(crate) fn ask(
        &mut self,
        locator: &dyn Locate,
        now: Moment,
    ) -> Vec<(RequestId, Arc<Location>)> {
        if self.waiting.is_empty() || self.asked.is_some_and(|asked| now.since(asked) < PAUSE) {
            return Vec::new();
        }
        self.asked = Some(now);
        self.ask_now(locator, now)
    }

    /// Asks again.
    pub(crate) fn ask_now(
        &mut self,
        locator: &dyn Locate,
        now: Moment,
    ) -> Vec<(RequestId, Arc<Location>)> {
        let mut known = Vec::new();
        // It was asked for when it came: to ask ten times a second would only use up what others may ask.
        self.waiting.retain(|waiting| match guarded(|| locator.known(waiting.address)) {
            Whereabouts::At(location) => {
                known.push((waiting.request_id, location));
                false
            }
            Whereabouts::NotYet => now.since(waiting.since) < PATIENCE,
            _ => false,
        });
        known
    }
}

/// What `locator` knows, or begins to find out. One that panics knows nothing.
pub(crate) fn whereabouts(locator: &dyn Locate, address: IpAddr) -> Whereabouts {
    guarded(|| locator.locate(address))
}

fn guarded(ask: impl FnOnce() -> Whereabouts) -> Whereabouts {
    catch_unwind(AssertUnwindSafe(ask)).unwrap_or(Whereabouts::Nowhere)
}
