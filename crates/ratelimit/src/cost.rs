//! How many requests one request counts as.

use std::{fmt, sync::Arc};

use http::request;
use palisade_core::SecurityContext;

/// How many requests one request counts as.
#[derive(Clone)]
pub(crate) enum Cost {
    /// As many, each.
    Fixed(u32),
    /// As many as its head says.
    Of(Arc<CostOf>),
}

pub(crate) type CostOf = dyn Fn(&request::Parts, &SecurityContext) -> u32 + Send + Sync;

// === impl Cost ===

impl Cost {
    pub(crate) fn of(&self, head: &request::Parts, context: &SecurityContext) -> u32 {
        match self {
            Self::Fixed(cost) => *cost,
            Self::Of(cost) => cost(head, context),
        }
    }
}

impl fmt::Debug for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(cost) => f.debug_tuple("Fixed").field(cost).finish(),
            Self::Of(_) => f.write_str("Of"),
        }
    }
}
