//! The decision: refuses an ambiguous path, else learns the route.

use http::request;
use palisade_core::{GateLayer, Policy, Rejection, SecurityContext, Verdict};

use crate::{Registry, check_path, scope::RequiredScopes};

/// Puts a [`RoutePolicy`] in front of a service: `RouteLayer::new(RoutePolicy::new(registry))`.
pub type RouteLayer = GateLayer<RoutePolicy>;

/// Refuses an ambiguous path, else learns the route and its parameters. See the [crate docs](crate).
#[derive(Clone, Debug)]
pub struct RoutePolicy {
    registry: Registry,
}

// === impl RoutePolicy ===

impl RoutePolicy {
    /// Decides by `registry`.
    #[must_use]
    pub fn new(registry: Registry) -> Self {
        Self { registry }
    }
}

impl Policy for RoutePolicy {
    fn name(&self) -> &'static str {
        "route"
    }

    fn check(&self, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
        #[cfg(feature = "matched-path")]
        let path = self.registry.path_of(head);
        #[cfg(not(feature = "matched-path"))]
        let path = head.uri.path();
        if context.route().is_some() {
            // Learnt further out, and acted on since: a second opinion would be a second truth.
            return check_path(path).map_err(Rejection::from).into();
        }
        match self.registry.resolve_head(head, path) {
            Ok(found) => {
                if found.has_params() {
                    context.attach(found.params());
                }
                RequiredScopes::leave(&found, context);
                #[cfg(feature = "axum")]
                crate::axum::Matched::leave(&self.registry, &found, context);
                context.learn_route(found.into_route());
                Verdict::Pass
            }
            Err(error) => {
                // For who looks at the refusal from outside; and, where it is only reported, for who stands inside.
                #[cfg(feature = "axum")]
                crate::axum::Matched::leave_nothing(&self.registry, context);
                context.learn_route(self.registry.unmatched(&head.method, path));
                Rejection::from(error).into()
            }
        }
    }
}
