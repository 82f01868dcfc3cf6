//! What is said to whom nothing is served.

use std::{sync::Arc, time::Duration};

use palisade_core::{Code, Rejection, RejectionKind, ViolationKind};

use crate::rule::Reading;

/// A quota is used up.
const QUOTA_EXCEEDED: Code = Code::new("quota-exceeded", "Request quota exceeded");
/// The layer that learns the client's address is missing, or stands further in.
const CLIENT_ADDRESS_UNKNOWN: Code =
    Code::new("client-address-unknown", "The client's address is not known");
/// It is not the client's fault, and it passes.
const TEMPORARILY_UNAVAILABLE: Code =
    Code::new("temporarily-unavailable", "The service is temporarily unavailable");

/// When to try again, where nobody knows.
const SOON: Duration = Duration::from_secs(1);

/// Over the quota of these, of which `longest` makes wait longest.
pub(crate) fn over_quota<'a>(
    longest: &Reading,
    all: impl Iterator<Item = &'a Reading>,
) -> Rejection {
    let spelt = &longest.rule.spelt;
    let rejection = Rejection::new(RejectionKind::LimitExceeded, QUOTA_EXCEEDED)
        .detail(Arc::clone(&spelt.detail))
        .retry_after(longest.standing.told_reset())
        .violation(ViolationKind::RateLimit)
        .reason(Arc::clone(&spelt.reason));
    all.fold(rejection, |rejection, reading| {
        rejection.violated_policy(Arc::clone(&reading.rule.name))
    })
}

/// Too many requests of one client at the same time. No violation: nobody told him how many of his are still under way, and
/// who comes again when he is told to may be told the same once more.
pub(crate) fn too_many_at_once(name: &Arc<str>, detail: &Arc<str>) -> Rejection {
    Rejection::new(RejectionKind::LimitExceeded, QUOTA_EXCEEDED)
        .detail(Arc::clone(detail))
        .retry_after(SOON)
        .violated_policy(Arc::clone(name))
}

/// What must answer does not, or there is no room.
pub(crate) fn unavailable(reason: &'static str) -> Rejection {
    Rejection::new(RejectionKind::Unavailable, TEMPORARILY_UNAVAILABLE)
        .retry_after(SOON)
        .reason(reason)
}

/// Nothing to count by: the safe answer is none.
pub(crate) fn unknown_client() -> Rejection {
    Rejection::new(RejectionKind::Internal, CLIENT_ADDRESS_UNKNOWN)
        .reason("no layer outside learnt the client's address")
}
