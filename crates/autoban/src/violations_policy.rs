//! The counting of violations, on the way out.

use http::{request, response};
use palisade_core::{Policy, Rejection, SecurityContext, Verdict, ViolationKind};

use crate::{AutoBan, suspicious::Counted};

/// Counts the violations of every request that passes it, whoever refuses further in. It refuses nothing itself.
///
/// Stands outside of all whose refusals count, right behind the layer that learns the client's address.
#[derive(Clone, Debug)]
pub struct ViolationsPolicy {
    auto_ban: AutoBan,
}

impl ViolationsPolicy {
    /// Counts in `auto_ban`.
    #[must_use]
    pub fn new(auto_ban: AutoBan) -> Self {
        Self { auto_ban }
    }

    /// One request is one violation, though it looked suspicious as well: the heavier one.
    fn counts_already(&self, context: &SecurityContext, kind: ViolationKind) -> bool {
        let weights = self.auto_ban.settings().weights;
        context.attached::<Counted>().is_some()
            && weights.of(kind) <= weights.of(ViolationKind::Suspicious)
    }
}

impl Policy for ViolationsPolicy {
    fn name(&self) -> &'static str {
        "violations"
    }

    fn check(&self, _head: &mut request::Parts, _context: &SecurityContext) -> Verdict {
        Verdict::Pass
    }

    /// Reads the refusal as a value, never the status: a ban's own 403 and a handler's 401 are no violations.
    fn finish(&self, context: &SecurityContext, answer: &mut response::Parts) {
        let rejection = answer.extensions.get::<Rejection>();
        if let Some(kind) = rejection.and_then(Rejection::violation_kind)
            && !self.counts_already(context, kind)
        {
            self.auto_ban.report(context, kind);
        }
    }
}
