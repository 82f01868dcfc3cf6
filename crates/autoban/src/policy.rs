//! The decision about the address and the token, and the counting of violations; a newcomer starts here.

use http::{request, response};
use palisade_core::{Code, Policy, Rejection, RejectionKind, SecurityContext, Verdict};

use crate::{AutoBan, bans::Found};

const BANNED: Code = Code::new("banned", "Access is banned");
const ADDRESS_UNKNOWN: Code =
    Code::new("client-address-unknown", "The service cannot answer at the moment");

/// Refuses banned addresses and tokens, and counts the violations of all others. See the [crate docs](crate) for an
/// example.
#[derive(Clone, Debug)]
pub struct AutoBanPolicy {
    auto_ban: AutoBan,
}

impl AutoBanPolicy {
    /// Judges by, and counts in, `auto_ban`.
    #[must_use]
    pub fn new(auto_ban: AutoBan) -> Self {
        Self { auto_ban }
    }
}

impl Policy for AutoBanPolicy {
    fn name(&self) -> &'static str {
        "auto-ban"
    }

    fn check(&self, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
        if let Some((key, found)) = self.auto_ban.banned_ip(context) {
            return refuse(&found, format_args!("address {key}"));
        }
        if context.client_ip().is_none() && self.auto_ban.bans_ips() {
            // Whoever wired this without a client address would have bans that stop nobody, and not know.
            return Rejection::new(RejectionKind::Internal, ADDRESS_UNKNOWN)
                .reason("addresses are banned, but no layer outside learnt the client's")
                .into();
        }
        if self.auto_ban.bans_tokens()
            && let Some(credential) = context.credential(head).one()
            && let digest = credential.token().digest()
            && let Some(found) = self.auto_ban.banned_token(digest, context)
        {
            return refuse(&found, format_args!("token sha256:{digest}"));
        }
        Verdict::Pass
    }

    /// Reads the refusal as a value, never the status: a ban's own 403 and a handler's 401 are no violations.
    fn finish(&self, context: &SecurityContext, answer: &mut response::Parts) {
        let rejection = answer.extensions.get::<Rejection>();
        if let Some(kind) = rejection.and_then(Rejection::violation_kind) {
            self.auto_ban.report(context, kind);
        }
    }
}

/// No violation: a ban must not feed itself.
pub(crate) fn refuse(found: &Found, who: std::fmt::Arguments<'_>) -> Verdict {
    let rejection = Rejection::new(RejectionKind::Forbidden, BANNED)
        .reason(format!("{who}, banned by {}", found.by));
    match found.left {
        Some(left) => rejection.retry_after(left).into(),
        None => rejection.into(),
    }
}
