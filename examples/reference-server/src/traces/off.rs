//! What stands in where no traces are built in: it does nothing, and costs nothing.

use super::TracesStatus;
use crate::{Settings, app::StartError};

/// No traces.
#[derive(Clone, Debug)]
pub(crate) struct Traces;

// === impl Traces ===

impl Traces {
    #[expect(clippy::unnecessary_wraps, reason = "the other one may fail")]
    pub(crate) fn start(_: &Settings) -> Result<Self, StartError> {
        Ok(Self)
    }

    #[expect(clippy::unused_self, reason = "the other one needs it")]
    pub(crate) fn around<S>(&self, service: S) -> S {
        service
    }

    #[expect(clippy::unused_self, reason = "the other one needs it")]
    pub(crate) fn status(&self) -> Option<TracesStatus> {
        None
    }

    #[expect(clippy::unused_async, reason = "the other one waits")]
    pub(crate) async fn end(&self) {}
}
