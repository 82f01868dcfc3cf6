//! Whether a client that was let in would be let in now.

use std::sync::Arc;

use http::Request;
use palisade::{
    autoban::{BannedClientsPolicy, BannedUsersPolicy},
    core::{
        ClientIp, CredentialKind, Identity, Moment, Policy, Presented, SecurityContext, Verdict,
    },
    users::{Proof, RevokedTokensPolicy},
};

use crate::app::Shared;

/// The token was taken back, or something about the user changed.
pub(crate) const CHANGED: &str = "changed";

/// A client that was let in, with what he was let in by.
#[derive(Clone, Debug)]
pub(crate) struct LetIn {
    shared: Arc<Shared>,
    context: SecurityContext,
    /// Who it is, by the token that was presented or that a ticket stands for.
    proof: Option<Proof>,
}

// === impl LetIn ===

impl LetIn {
    /// Who made the request of this `context`.
    pub(crate) fn new(shared: &Arc<Shared>, context: &SecurityContext) -> Self {
        let proof = Proof::of(context);
        Self { shared: Arc::clone(shared), context: context.clone(), proof }
    }

    pub(crate) fn identity(&self) -> Option<&Identity> {
        self.context.identity()
    }

    /// Why he would not be let in at `now`, if he would not: as the policies judge a request.
    pub(crate) fn refusal(&self, now: Moment) -> Option<&'static str> {
        let expiry = self.identity().and_then(Identity::expiry);
        let causes = [
            ("expired", expiry.is_some_and(|end| end <= now.wall())),
            (CHANGED, self.is_taken_back()),
            ("credential", self.is_spent(now)),
            ("user", self.is_another(now)),
            ("blocked", self.is_blocked(now)),
            ("banned", self.is_banned(now)),
        ];
        causes.into_iter().find_map(|(cause, is_so)| is_so.then_some(cause))
    }

    fn is_taken_back(&self) -> bool {
        is_refused_by(&RevokedTokensPolicy::new(self.shared.revocations.clone()), &self.context)
    }

    /// Whether what was presented, or stands behind the ticket, is good no more: it has expired, or the key that it is
    /// checked by is gone. A token whose issuer must be asked is good until its end: nobody is asked for a stream.
    fn is_spent(&self, now: Moment) -> bool {
        let token = self.proof.as_ref().and_then(Proof::expose_bearer);
        let is_refused = |token: &str| {
            let verdict = self.shared.verifier.authenticate(token, now);
            verdict.is_err_and(|error| !error.is_unavailable())
        };
        let presented = self.context.presented().and_then(Presented::one);
        let key = presented.filter(|credential| credential.kind() == CredentialKind::ApiKey);
        token.is_some_and(is_refused)
            || key.is_some_and(|key| {
                self.shared.api_keys.keys().verify(key.token().expose(), now).is_err()
            })
    }

    /// Whether the user is not who he was: unknown, disabled, or with a role less.
    fn is_another(&self, now: Moment) -> bool {
        self.identity().is_some_and(|who| !self.shared.directory.is_still(who, now))
    }

    fn is_blocked(&self, now: Moment) -> bool {
        let (list, now) = (self.shared.blocklist.shared().list(), now.wall());
        if self.identity().is_some_and(|who| list.blocked_user(who, now).is_some()) {
            return true;
        }
        let address = self.context.client_ip().map(ClientIp::addr);
        if address.is_some_and(|address| list.is_safe(address, now)) {
            return false;
        }
        let mut digests = self.proof.iter().flat_map(Proof::digests);
        let country = self.context.country();
        address.is_some_and(|address| list.blocked_ip(address, now).is_some())
            || digests.any(|token| list.blocked_token(token, now).is_some())
            || country.is_some_and(|country| list.blocked_country(country, now).is_some())
    }

    fn is_banned(&self, now: Moment) -> bool {
        let Some(auto_ban) = &self.shared.auto_ban else { return false };
        // Behind a ticket stands a token that this request does not present.
        let mut digests = self.proof.iter().flat_map(Proof::digests);
        digests.any(|token| auto_ban.is_token_banned(token, now))
            || is_refused_by(&BannedClientsPolicy::new(auto_ban.clone()), &self.context)
            || is_refused_by(&BannedUsersPolicy::new(auto_ban.clone()), &self.context)
    }
}

/// What was presented stands in the context; nothing else of the request is asked for.
fn is_refused_by(policy: &impl Policy, context: &SecurityContext) -> bool {
    let (mut head, ()) = Request::new(()).into_parts();
    matches!(policy.check(&mut head, context), Verdict::Refuse(_))
}
