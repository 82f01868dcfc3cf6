//! Both sides of the address and the token: refusing on the way in, counting on the way out. A newcomer starts here.

use http::{request, response};
use palisade_core::{Policy, SecurityContext, Verdict};

use crate::{AutoBan, BannedClientsPolicy, ViolationsPolicy};

/// Refuses banned addresses and tokens, and counts the violations of all others. See the [crate docs](crate) for an
/// example.
///
/// Its two halves are policies as well, for a stack in which a layer stands between them.
#[derive(Clone, Debug)]
pub struct AutoBanPolicy {
    banned: BannedClientsPolicy,
    violations: ViolationsPolicy,
}

impl AutoBanPolicy {
    /// Judges by, and counts in, `auto_ban`.
    #[must_use]
    pub fn new(auto_ban: AutoBan) -> Self {
        let violations = ViolationsPolicy::new(auto_ban.clone());
        Self { banned: BannedClientsPolicy::new(auto_ban), violations }
    }
}

impl Policy for AutoBanPolicy {
    fn name(&self) -> &'static str {
        self.banned.name()
    }

    fn check(&self, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
        self.banned.check(head, context)
    }

    fn finish(&self, context: &SecurityContext, answer: &mut response::Parts) {
        self.violations.finish(context, answer);
    }
}
