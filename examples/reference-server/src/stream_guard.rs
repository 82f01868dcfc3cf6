//! Ends a stream whose client would not be let in any more.

use std::{sync::Arc, time::Duration};

use http::Request;
use palisade::{
    autoban::{BannedClientsPolicy, BannedUsersPolicy},
    core::{
        ClientIp, CredentialKind, Identity, Moment, Policy, Presented, Rejection, SECURITY_TARGET,
        SecurityContext, Verdict,
    },
    live::Ending,
    users::{Proof, Watch},
};
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::app::Shared;

/// How often it is asked what nothing tells of: ends of credentials, keys, lists, bans.
const LOOK: Duration = Duration::from_millis(500);
/// The token was taken back, or something about the user changed.
const CHANGED: &str = "changed";

/// Watches over one open stream.
#[derive(Debug)]
pub(crate) struct StreamGuard {
    /// Tells at once what was taken back, and what changed of the user.
    watch: Watch,
    looks: Interval,
    shared: Arc<Shared>,
    context: SecurityContext,
    /// Who follows, by the token that was presented or that a ticket stands for.
    proof: Option<Proof>,
}

// === impl StreamGuard ===

impl StreamGuard {
    /// Watches over the stream that is opened by the request of this `context`. Within a runtime.
    ///
    /// # Errors
    ///
    /// If too many are open.
    pub(crate) fn new(shared: &Arc<Shared>, context: &SecurityContext) -> Result<Self, Rejection> {
        let mut looks = interval(LOOK);
        // A client that did not read for long is asked about once.
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Self {
            watch: shared.revocations.watch(context)?,
            looks,
            shared: Arc::clone(shared),
            context: context.clone(),
            proof: Proof::of(context),
        })
    }

    /// Waits until the stream must end, and says why.
    pub(crate) async fn end(mut self) -> Ending {
        let cause = loop {
            tokio::select! {
                () = &mut self.watch => break CHANGED,
                _ = self.looks.tick() => {
                    if let Some(cause) = self.cause() {
                        break cause;
                    }
                }
            }
        };
        let user_id = self.context.identity().map(Identity::subject).unwrap_or_default();
        let issuer = self.context.identity().and_then(Identity::issuer);
        tracing::info!(target: SECURITY_TARGET, event = "stream.ended", cause, user_id, issuer, "a stream was ended");
        Ending::new(cause)
    }

    /// Why it must end, if it must: as the policies judge a request, by the time of now.
    fn cause(&self) -> Option<&'static str> {
        let now = self.shared.clock.now();
        let is_expired = self.watch.expiry().is_some_and(|end| end <= now.wall());
        let causes = [
            ("expired", is_expired),
            (CHANGED, self.watch.is_over(now.wall())),
            ("credential", self.is_spent(now)),
            ("user", self.is_another(now)),
            ("blocked", self.is_blocked(now)),
            ("banned", self.is_banned(now)),
        ];
        causes.into_iter().find_map(|(cause, is_so)| is_so.then_some(cause))
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
        self.context.identity().is_some_and(|who| !self.shared.directory.is_still(who, now))
    }

    fn is_blocked(&self, now: Moment) -> bool {
        let (list, now) = (self.shared.blocklist.shared().list(), now.wall());
        let identity = self.context.identity();
        if identity.is_some_and(|who| list.blocked_user(who, now).is_some()) {
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
        if digests.any(|token| auto_ban.is_token_banned(token, now)) {
            return true;
        }
        // What was presented stands in the context; nothing else of the request is asked for.
        let (mut head, ()) = Request::new(()).into_parts();
        let refuses = |verdict: Verdict| matches!(verdict, Verdict::Refuse(_));
        refuses(BannedClientsPolicy::new(auto_ban.clone()).check(&mut head, &self.context))
            || refuses(BannedUsersPolicy::new(auto_ban.clone()).check(&mut head, &self.context))
    }
}
