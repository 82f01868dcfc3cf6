//! The decision about the address, the token and the country; a newcomer starts here.

use http::request;
use palisade_core::{Code, Policy, Rejection, RejectionKind, SecurityContext, Verdict};

use crate::{Hit, SharedBlocklist};

/// The code of every refusal by a list.
pub(crate) const BLOCKED: Code = Code::new("blocked", "Access is blocked");
const ADDRESS_UNKNOWN: Code =
    Code::new("client-address-unknown", "The service cannot answer at the moment");

/// Refuses whose address, token or country is on the list. See the [crate docs](crate) for an example.
#[derive(Clone, Debug)]
pub struct BlocklistPolicy {
    list: SharedBlocklist,
}

impl BlocklistPolicy {
    /// Judges by `list`, and by whatever replaces it.
    pub fn new(list: impl Into<SharedBlocklist>) -> Self {
        Self { list: list.into() }
    }
}

impl Policy for BlocklistPolicy {
    fn name(&self) -> &'static str {
        "blocklist"
    }

    fn check(&self, head: &mut request::Parts, context: &SecurityContext) -> Verdict {
        let list = self.list.load();
        let at = context.arrived().wall();

        if let Some(client) = context.client_ip() {
            if list.is_safe(client.addr(), at) {
                context.note(self.name(), "safelist");
                self.list.count(|hits| &hits.safe_addresses);
                return Verdict::Pass;
            }
            if let Some(hit) = list.blocked_ip(client.addr(), at) {
                self.list.count(|hits| &hits.addresses);
                return refuse("address", &hit);
            }
        } else if list.blocks_ips() {
            // Whoever wired this without a client address would have a list that blocks nobody, and not know.
            return Rejection::new(RejectionKind::Internal, ADDRESS_UNKNOWN)
                .reason("the list blocks addresses, but no layer outside it learnt the client's")
                .into();
        }
        if list.blocks_tokens()
            && let Some(credential) = context.credential(head).one()
            && let Some(hit) =
                credential.token().digests().find_map(|digest| list.blocked_token(digest, at))
        {
            self.list.count(|hits| &hits.tokens);
            return refuse("token", &hit);
        }
        if let Some(country) = context.country()
            && let Some(hit) = list.blocked_country(country, at)
        {
            self.list.count(|hits| &hits.countries);
            return refuse("country", &hit);
        }
        Verdict::Pass
    }
}

/// No violation: who is blocked by hand is not to be banned by counting how often he was told.
pub(crate) fn refuse(what: &str, hit: &Hit<'_>) -> Verdict {
    Rejection::new(RejectionKind::Forbidden, BLOCKED).reason(format!("{what}: {hit}")).into()
}
