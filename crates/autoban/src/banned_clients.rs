//! The decision about the address and the token, which can be made before anyone knows the user.

use http::request;
use palisade_core::{Code, Policy, Rejection, RejectionKind, SecurityContext, Verdict};

use crate::{AutoBan, bans::Found};

pub(crate) const BANNED: Code = Code::new("banned", "Access is banned");
const ADDRESS_UNKNOWN: Code =
    Code::new("client-address-unknown", "The service cannot answer at the moment");

/// Refuses banned addresses and tokens. It counts nothing: [`ViolationsPolicy`](crate::ViolationsPolicy) does.
#[derive(Clone, Debug)]
pub struct BannedClientsPolicy {
    auto_ban: AutoBan,
}

impl BannedClientsPolicy {
    /// Judges by `auto_ban`.
    #[must_use]
    pub fn new(auto_ban: AutoBan) -> Self {
        Self { auto_ban }
    }
}

impl Policy for BannedClientsPolicy {
    fn name(&self) -> &'static str {
        "auto-ban"
    }

    fn check(&self, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
        if let Some((key, found)) = self.auto_ban.banned_ip(context) {
            return refuse(found, move || format!("address {key}"));
        }
        if context.client_ip().is_none() && self.auto_ban.bans_ips() {
            // Whoever wired this without a client address would have bans that stop nobody, and not know.
            return Rejection::new(RejectionKind::Internal, ADDRESS_UNKNOWN)
                .reason("addresses are banned, but no layer outside learnt the client's")
                .into();
        }
        if self.auto_ban.bans_tokens()
            && let Some(credential) = context.credential(head).one()
            && let Some((digest, found)) = credential
                .token()
                .digests()
                .find_map(|digest| Some((*digest, self.auto_ban.banned_token(digest, context)?)))
        {
            return refuse(found, move || format!("token sha256:{digest}"));
        }
        Verdict::Pass
    }
}

/// No violation: a ban must not feed itself.
pub(crate) fn refuse(found: Found, who: impl FnOnce() -> String + Send + 'static) -> Verdict {
    let Found { left, by } = found;
    let rejection = Rejection::new(RejectionKind::Forbidden, BANNED)
        .reason_with(move || format!("{}, banned by {by}", who()));
    match left {
        Some(left) => rejection.retry_after(left).into(),
        None => rejection.into(),
    }
}
