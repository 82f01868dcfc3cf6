//! What stands in front of every admin route that changes something: no page of another site, and a quota of its own.

use http::{Method, request, response};
use palisade::{
    core::{Access, Code, Policy, Rejection, RejectionKind, SecurityContext, Verdict},
    ratelimit::RateLimitPolicy,
};

use crate::same_origin::TrustedOrigins;

const CROSS_SITE: Code = Code::new("cross-site-request", "A page of another site may not do this");

/// Refuses what a page of another site has a browser send, then whatever exceeds the admin's quota for changes.
///
/// It concerns routes of the class `Admin`, and every method but those that only read (RFC 9110 section 9.2.1), so that a
/// new route cannot be forgotten. It stands behind the stack: who asks is known to be an admin by then. It is the server's and
/// no layer of the stack, because it knows what only this server has: one kind of admin, and pages that may act for him.
#[derive(Clone, Debug)]
pub struct AdminChangesPolicy {
    origins: TrustedOrigins,
    quota: Option<RateLimitPolicy>,
}

// === impl AdminChangesPolicy ===

impl AdminChangesPolicy {
    /// Trusts the pages of `public_url` (where it is not set, of the host that is asked) and those of `others`; admits as many
    /// changes by one admin as `quota` says, if there is one.
    pub fn new(
        public_url: Option<&str>,
        others: &[String],
        quota: Option<RateLimitPolicy>,
    ) -> Self {
        Self { origins: TrustedOrigins::new(public_url, others), quota }
    }
}

// === impl Policy ===

impl Policy for AdminChangesPolicy {
    fn name(&self) -> &'static str {
        "admin-changes"
    }

    fn check(&self, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
        if !changes_something(&head.method, context) {
            return Verdict::Pass;
        }
        if !self.origins.admit(head) {
            // No violation: the admin whose browser it was would be banned for what another site did.
            return Rejection::new(RejectionKind::Forbidden, CROSS_SITE)
                .detail("Send it from this service's own pages, from an origin that is configured, or without a browser.")
                .reason("`Origin` or `Sec-Fetch-Site` name another site")
                .into();
        }
        self.quota.as_ref().map_or(Verdict::Pass, |quota| quota.check(head, context))
    }

    fn finish(&self, context: &SecurityContext, answer: &mut response::Parts) {
        if let Some(quota) = &self.quota {
            quota.finish(context, answer);
        }
    }
}

fn changes_something(method: &Method, context: &SecurityContext) -> bool {
    let is_admin = context.route().is_some_and(|route| route.access() == Access::Admin);
    is_admin && !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}
