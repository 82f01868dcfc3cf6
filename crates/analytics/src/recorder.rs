//! What a request needs at its end, to be recorded.

use palisade_core::Clock;

use crate::{Analytics, Exclusions};

/// Where records go, by which clock they are timed, and which are left out.
#[derive(Clone, Debug)]
pub(crate) struct Recorder {
    pub(crate) analytics: Analytics,
    pub(crate) clock: Clock,
    pub(crate) exclusions: Exclusions,
}
