//! How long bodies are waited for.

use std::sync::Arc;

use palisade_core::{Route, RouteTag};
use palisade_ratelimit::Scope;

use super::Timer;
use crate::Patience;

/// How long bodies are waited for, by the route they are for.
#[derive(Debug, Default)]
pub(crate) struct BodyPatiences {
    /// The first that covers the route counts.
    of: Vec<(Scope, Option<Patience>)>,
    other: Option<Patience>,
    timer: Option<Arc<dyn Timer>>,
}

// === impl BodyPatiences ===

impl BodyPatiences {
    /// For all routes that have none of their own, and whose timer it is.
    pub(crate) fn others(&mut self, patience: Patience, timer: impl Timer) {
        self.other = Some(patience);
        self.timer = Some(Arc::new(timer));
    }

    /// For these routes.
    pub(crate) fn push(&mut self, routes: Scope, patience: Option<Patience>) {
        self.of.push((routes, patience));
    }

    /// Of this route. A stream may be silent; where no layer learnt a route, the others' counts.
    pub(crate) fn of(&self, route: Option<&Route>) -> Option<(Patience, Arc<dyn Timer>)> {
        let own = route.and_then(|_| self.of.iter().find(|(routes, _)| routes.covers(route)));
        let is_stream = route.is_some_and(|route| route.has_tag(RouteTag::STREAM));
        let patience = match own {
            Some((_, patience)) => *patience,
            None if is_stream => None,
            None => self.other,
        };
        patience.zip(self.timer.clone())
    }
}
