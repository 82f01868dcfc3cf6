//! The layer: a gate with the policy, and outside of it what follows the answer to its end.

use palisade_core::{Follow, FollowLayer, Gate, GateLayer};
use tower_layer::Layer;

use crate::AnalyticsPolicy;

/// Puts an [`AnalyticsPolicy`] in front of a service, and follows each answer to its last byte. See the [crate docs](crate) for
/// an example.
///
/// Inside of another layer that follows, such as the problem layer, it leaves that to it. Cloning it shares the policy.
#[derive(Clone, Debug)]
pub struct AnalyticsLayer {
    follow: FollowLayer,
    gate: GateLayer<AnalyticsPolicy>,
}

// === impl AnalyticsLayer ===

impl AnalyticsLayer {
    /// Records by `policy`, with its clock.
    #[must_use]
    pub fn new(policy: AnalyticsPolicy) -> Self {
        let clock = policy.its_clock();
        Self {
            follow: FollowLayer::new().clock(clock.clone()),
            gate: GateLayer::new(policy).clock(clock),
        }
    }
}

impl<S> Layer<S> for AnalyticsLayer {
    type Service = Follow<Gate<S, AnalyticsPolicy>>;

    fn layer(&self, inner: S) -> Self::Service {
        self.follow.layer(self.gate.layer(inner))
    }
}
