//! The decision about a token that is good by itself.

use http::request;
use palisade_core::{Code, Policy, Realm, Route, RouteTag, SecurityContext, Verdict};

use crate::{Revocations, proof};

const REVOKED: Code = Code::new("invalid-token.revoked", "The token was taken back");

/// Refuses tokens that were taken back. Stands right behind authentication, in front of
/// [`KnownUsersPolicy`](crate::KnownUsersPolicy).
#[derive(Clone, Debug)]
pub struct RevokedTokensPolicy {
    revocations: Revocations,
    realm: Realm,
}

/// What had changed when the request was judged. Attached where a stream may begin: what changes until it does ends it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Judged {
    pub(crate) last_change: u64,
}

// === impl RevokedTokensPolicy ===

impl RevokedTokensPolicy {
    /// Judges by `revocations`.
    #[must_use]
    pub fn new(revocations: Revocations) -> Self {
        Self { revocations, realm: Realm::default() }
    }

    /// Names what is protected. Default: `api`.
    #[must_use]
    pub fn realm(mut self, realm: Realm) -> Self {
        self.realm = realm;
        self
    }
}

impl Policy for RevokedTokensPolicy {
    fn name(&self) -> &'static str {
        "revoked-tokens"
    }

    fn check(&self, _head: &mut request::Parts, context: &SecurityContext) -> Verdict {
        let Some(identity) = context.identity() else { return Verdict::Pass };
        // Read before the decision: what is taken back meanwhile counts as later.
        let last_change = self.revocations.last_change();
        let token = || proof::token_name_of(context);
        if self.revocations.refuses(identity, token, context.arrived().wall()) {
            return self.realm.invalid_token(REVOKED).into();
        }
        if is_stream(context.route()) {
            context.attach(Judged { last_change });
        }
        Verdict::Pass
    }
}

fn is_stream(route: Option<&Route>) -> bool {
    route.is_some_and(|route| route.has_tag(RouteTag::STREAM))
}
