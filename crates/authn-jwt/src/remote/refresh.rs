//! The task that keeps the remote keys of an issuer fresh.

use std::time::Duration;

use palisade_core::Clock;
use tokio::{task::JoinSet, time::timeout};

use super::fetched_keys::Shift;
use crate::Verifier;

/// How often it is looked whether a fetch is due. The clock tells, also where it jumps.
const LOOK: Duration = Duration::from_secs(1);

/// Keeps remote keys fresh until it is dropped. Made by [`Verifier::fetch_keys`].
#[derive(Debug)]
#[must_use = "keys are fetched until this is dropped"]
pub struct KeyRefresh {
    _tasks: JoinSet<()>,
    /// A task that is ended notices it only when it runs again; its shift is over at once.
    _shifts: Vec<Shift>,
}

// === impl KeyRefresh ===

impl KeyRefresh {
    pub(crate) fn new(tasks: JoinSet<()>, shifts: Vec<Shift>) -> Self {
        Self { _tasks: tasks, _shifts: shifts }
    }
}

pub(crate) async fn keep_fresh(shift: Shift, verifier: Verifier, clock: Clock) {
    loop {
        shift.look(&verifier, &clock).await;
        // Woken or not: the next look tells what there is to do.
        let _ = timeout(LOOK, shift.wanted()).await;
    }
}
